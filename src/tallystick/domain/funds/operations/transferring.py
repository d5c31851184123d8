"""Move own and free money from one division's fund to another's."""

from tallystick.domain.customers.rules import Act, Viewer, permit, permit_division
from tallystick.domain.events import operations as events
from tallystick.domain.funds.operations import charging, posting
from tallystick.domain.funds.rules import Figures
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


class SeparateFundsOff(errors.Conflict):
    """Say that the divisions share one fund, so that there is nothing to move between them."""

    code = "separate_funds_not_enabled"


class DivisionClosed(errors.Conflict):
    """Say that a closed division neither gives nor takes."""

    code = "division_closed"


@scope.retrying
def transfer(*, viewer: Viewer, from_division_id: int, to_division_id: int, amount_minor: int, idempotency_key: str) -> int:
    """Move at most the movable funds of a division to another: credit never moves. Give the id of the journal row.

    Raises NotFound, Invalid, SeparateFundsOff, DivisionClosed, InsufficientFunds, KeyReused.
    """
    permit(viewer, Act.PAY)
    for division_id in (from_division_id, to_division_id):
        permit_division(viewer, division_id)
    customer_id = viewer.customer_id
    assert customer_id is not None, "a transfer is asked for by a customer's viewer"
    with scope.of(viewer):
        figures = posting.lock(customer_id)
        seen = ledger.posting_of_key(customer_id=customer_id, idempotency_key=idempotency_key)
        if seen is not None:
            asked = (EntryKind.TRANSFER, amount_minor, from_division_id, to_division_id)  # with funds of its own a division's fund has its id
            if (seen.kind, seen.amount_minor, seen.division_id, seen.credit_fund_id) != asked:
                raise charging.KeyReused(texts.marked("This transfer form was used already with other values. Start again."))
            return seen.id
        source, target = figures.get(from_division_id), figures.get(to_division_id)
        if source is None or target is None:
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        _require_movable(source, target, amount_minor)
        moved = Transfer(Account.FUNDS, Account.FUNDS, amount_minor, source.fund_id, target.fund_id)
        entry = Entry(EntryKind.TRANSFER, (moved,), from_division_id, idempotency_key=idempotency_key)
        posted = posting.post(customer_id=customer_id, entries=[entry])
        events.record(
            customer_id=customer_id,
            kind="funds.transferred",
            subject_id=ids.public("div", from_division_id),
            facts={"to": ids.public("div", to_division_id), "amount": money.text(amount_minor, source.currency)},
            viewer=viewer,
        )
    return posted.transfer_ids[0][0]


def _require_movable(source: Figures, target: Figures, amount_minor: int) -> None:
    if source.fund_id == target.fund_id:
        if source.division_id == target.division_id:
            raise errors.Invalid(texts.marked("Choose two different divisions."), field="to_division")
        raise SeparateFundsOff(texts.marked("Your divisions share their funds. Switch separate division funds on to move money between them."))
    if not (source.is_open and target.is_open):
        raise DivisionClosed(texts.marked("One of the two divisions is closed."), field="to_division")
    if amount_minor <= 0:
        raise errors.Invalid(texts.marked("Enter an amount above zero."), field="amount")
    if amount_minor > source.movable_minor:
        most = money.named(source.movable_minor, source.currency)
        raise errors.InsufficientFunds(
            texts.marked("At most %(most)s can be moved: credit stays where it is.", most=most),
            field="amount",
            facts={"available_minor": source.movable_minor, "required_minor": amount_minor, "currency": source.currency},
        )
