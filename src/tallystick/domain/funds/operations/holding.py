"""Reserve an amount for an order that is not certain yet; capture what it came to, release it, or let it lapse."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, owner, permit_division, sees_division
from tallystick.domain.events import operations as events
from tallystick.domain.funds import models, rules
from tallystick.domain.funds.operations import charging, posting
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

_ENDED = {"captured": "Purchase out of a hold", "released": "Hold released", "lapsed": "Hold lapsed"}
"""What pages call the ends of a hold, in the catalogues."""


class HoldNotOpen(errors.Conflict):
    """Say that the hold was captured, released or has lapsed."""

    code = "hold_not_open"


class CaptureTooLarge(errors.Invalid):
    """Say that more was to be captured than is held."""

    code = "capture_exceeds_hold"


@dataclass(frozen=True, slots=True)
class Held:
    """Answer a hold: its id, and the answer of the posting behind it."""

    hold_id: UUID
    answer: charging.ChargeAnswer
    lapses_at: datetime


@scope.retrying
def hold(*, viewer: Viewer, asked: charging.Charge, now: datetime, lapses_at: datetime | None = None) -> Held:
    """Reserve an amount: it leaves the balance at once, by the same decision about the limit as a charge. It lapses then, or as late as may be.

    A key seen before gives the first answer again; with another end it is another request. What is refused is answered, not raised, as with charges.
    """
    permit_division(viewer, asked.division_id)
    made, until = ids.new(), lapses_at or now + timedelta(days=rules.HOLD_DAYS)
    with scope.of(viewer):
        wanted = replace(asked, hold_id=made)
        with scope.cursor() as cursor:
            answer = charging.debit(connection=cursor.connection, charges=[wanted])[0]
        if answer.outcome is charging.Outcome.REPLAYED:
            return _held_before(asked.customer_id, answer, lapses_at)
        if answer.outcome is charging.Outcome.ACCEPTED and answer.fund_id is not None:
            models.Hold.objects.create(
                customer_id=asked.customer_id,
                id=made,
                division_id=asked.division_id,
                fund_id=answer.fund_id,
                state="open",
                amount_minor=asked.amount_minor,
                order_id=asked.order_id or "",
                line_reference=asked.line_reference,
                note=asked.note,
                lapses_at=until,
                named_lapse_at=lapses_at,
            )
    return Held(made, answer, until)


def _held_before(customer_id: int, answer: charging.ChargeAnswer, lapses_at: datetime | None) -> Held:
    """Answer a key that the journal knows: as it was answered first, or as another request's where that wanted the hold to lapse at another time."""
    with scope.cursor() as cursor:
        cursor.execute(
            "select h.id, h.lapses_at, h.named_lapse_at from ledger_transfer t join funds_hold h on h.customer_id = t.customer_id and h.id = t.hold_id"
            " where t.customer_id = %s and t.id = %s",
            [customer_id, answer.transfer_id],
        )
        hold_id, until, named = cursor.fetchone()
    return Held(hold_id, answer if named == lapses_at else answer._replace(outcome=charging.Outcome.KEY_REUSED), until)


@scope.retrying
def capture_hold(*, viewer: Viewer, hold_id: UUID, amount_minor: int | None, idempotency_key: str) -> int:
    """Turn a hold into a charge of up to its amount (None: all of it) and release the rest; give the journal row of the charge.

    Never checked against the limit again; the same request again gives the same row. Raises KeyReused, HoldNotOpen, CaptureTooLarge, NotFound.
    """
    with scope.of(viewer):
        held = _locked(viewer, hold_id)
        amount = held.amount_minor if amount_minor is None else amount_minor
        if _is_repeated(held, idempotency_key, "captured", amount):
            return _capture_row(held)
        _require_open(held)
        if not 0 < amount <= held.amount_minor:
            raise CaptureTooLarge(texts.marked("This is more than is held."), field="amount", facts={"held_minor": held.amount_minor})
        transfers = (
            Transfer(Account.HELD, Account.FUNDS, held.amount_minor, held.fund_id),
            Transfer(Account.FUNDS, Account.REVENUE, amount, held.fund_id),
        )
        entry = Entry(
            EntryKind.CAPTURE,
            transfers,
            held.division_id,
            hold_id=hold_id,
            order_id=held.order_id,
            line_reference=held.line_reference,
            note=held.note,
            idempotency_key=idempotency_key,
        )
        posted = posting.post(customer_id=held.customer_id, entries=[entry])
        _end(held, "captured", idempotency_key, captured_minor=amount)
    return posted.transfer_ids[0][1]


@scope.retrying
def release_hold(*, viewer: Viewer, hold_id: UUID, idempotency_key: str) -> None:
    """Give a hold back to the balance; the same request again changes nothing. Raises KeyReused, HoldNotOpen, NotFound."""
    with scope.of(viewer):
        held = _locked(viewer, hold_id)
        if _is_repeated(held, idempotency_key, "released", 0):
            return
        _require_open(held)
        _give_back(held, idempotency_key)
        _end(held, "released", idempotency_key)


@scope.retrying
def lapse_hold(*, viewer: Viewer, hold_id: UUID, now: datetime) -> bool:
    """Give back a hold whose time is over; tell whether it lapsed now. Doubled or late calls change nothing."""
    with scope.of(viewer):
        held = _locked(viewer, hold_id)
        if held.state != "open" or held.lapses_at > now:
            return False
        _give_back(held)
        _end(held, "lapsed", None)
        events.record(
            customer_id=held.customer_id, kind="hold.lapsed", subject_id=ids.public("hold", hold_id), facts={"order_id": held.order_id}, viewer=viewer
        )
    return True


def _locked(viewer: Viewer, hold_id: UUID) -> models.Hold:
    held = models.Hold.objects.select_for_update(no_key=True).filter(customer_id=owner(viewer), id=hold_id).first()
    if held is None or not sees_division(viewer, held.division_id):
        raise errors.NotFound(texts.marked("There is no such hold."))
    return held


def _is_repeated(held: models.Hold, idempotency_key: str, state: str, captured_minor: int) -> bool:
    """Tell whether this very request ended the hold before. Raises KeyReused where the key belongs to another one."""
    if held.ending_key == idempotency_key and (held.state, held.captured_minor) == (state, captured_minor):
        return True
    if ledger.posting_of_key(customer_id=held.customer_id, idempotency_key=idempotency_key) is not None:
        raise charging.KeyReused(texts.marked("This idempotency key was used for another request."))
    return False


def _require_open(held: models.Hold) -> None:
    if held.state != "open":
        raise HoldNotOpen(
            texts.marked("This hold was %(state)s already.", state=texts.word(held.state, msgid=_ENDED[held.state])), facts={"state": held.state}
        )


def _give_back(held: models.Hold, idempotency_key: str = "") -> None:
    transfers = (Transfer(Account.HELD, Account.FUNDS, held.amount_minor, held.fund_id),)  # an open hold moves where its fund is joined into
    entry = Entry(
        EntryKind.HOLD_RELEASE,
        transfers,
        held.division_id,
        hold_id=held.id,
        order_id=held.order_id,
        note=held.note,
        idempotency_key=idempotency_key,
    )
    posting.post(customer_id=held.customer_id, entries=[entry])


def _end(held: models.Hold, state: str, ending_key: str | None, captured_minor: int = 0) -> None:
    with scope.cursor() as cursor:
        cursor.execute(
            "update funds_hold set state = %s, captured_minor = %s, ending_key = %s, ended_at = ledger_now() where customer_id = %s and id = %s",
            [state, captured_minor, ending_key, held.customer_id, held.id],
        )


def _capture_row(held: models.Hold) -> int:
    with scope.cursor() as cursor:
        cursor.execute(
            "select id from ledger_transfer where customer_id = %s and fund_id = %s and hold_id = %s and kind = 5 and credit = 40",
            [held.customer_id, held.fund_id, held.id],
        )
        row = cursor.fetchone()
    assert row is not None, "a captured hold has its charge"
    return int(row[0])
