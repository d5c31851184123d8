"""Pay invoices with what the customer already has here: unapplied credit, or a positive balance."""

from collections.abc import Sequence
from datetime import datetime

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger.rules import Account, EntryKind, Transfer
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


@scope.retrying
def use_unapplied_credit(*, viewer: Viewer, customer_id: int, request: rules.PaymentRequest, now: datetime) -> models.Payment:
    """Pay invoices of a customer from a division's unapplied credit, as the operator's staff or the worker does.

    Raises NotAllowed, NotFound, Invalid, NotEnoughUnappliedCredit, IdempotencyKeyReused.
    """
    permit(viewer, Act.ENTER)
    ground.check_asks(request.invoices)
    asks = [(str(ask.invoice_id), ask.amount_minor) for ask in request.invoices]
    fingerprint = rules.fingerprint("start", rules.Method.UNAPPLIED_CREDIT, asks, request.division_id)
    if not asks or request.division_id is None:
        raise errors.Invalid(texts.marked("Name the division whose unapplied credit pays, and what it pays."), field="division")
    with scope.of(viewer):
        found = ground.replay(models.Payment, customer_id, request.idempotency_key, fingerprint)
        if found is not None:
            return found
        # before the rows below refer to them: a foreign key's check locks too, and in no order
        invoicing.lock(customer_id=customer_id, invoice_ids=[ask.invoice_id for ask in request.invoices])
        payment_id = ids.new()
        payment = models.Payment(
            customer_id=customer_id,
            id=payment_id,
            division_id=request.division_id,
            method=rules.Method.UNAPPLIED_CREDIT,
            amount_minor=sum(ask.amount_minor for ask in request.invoices),
            currency=ground.terms(customer_id).currency,
            reference=rules.reference(payment_id),
            idempotency_key=request.idempotency_key,
            fingerprint=fingerprint,
            started_at=now,
            **ground.entered_by(viewer),
        )
        payment.save(force_insert=True)
        applying.ask(payment, request.invoices, is_open=False)
        pay_from_credit(viewer=viewer, payment=payment, asks=request.invoices, now=now)
    return payment


def pay_from_credit(*, viewer: Viewer, payment: models.Payment, asks: Sequence[rules.Ask], now: datetime) -> None:
    """Use unapplied credit of the payment's division on invoices, at once. Raises NotEnoughUnappliedCredit.

    Credit of another fund than the invoice's is moved there first, so that each fund's unapplied credit stays its own.
    """
    customer_id = payment.customer_id
    assert payment.division_id is not None, "unapplied credit belongs to a division"
    locked = invoicing.lock(customer_id=customer_id, invoice_ids=[ask.invoice_id for ask in asks])
    every = funds.lock(customer_id)
    if payment.division_id not in every:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    has_minor = every[payment.division_id].unapplied_minor
    if payment.amount_minor > has_minor:
        most = money.named(has_minor, payment.currency)
        raise refusals.NotEnoughUnappliedCredit(
            texts.marked("The unapplied credit is %(most)s.", most=most), field="amount", facts={"unapplied_minor": has_minor}
        )
    source_id = every[payment.division_id].fund_id
    today = ground.terms(customer_id).today(now)
    for ask in asks:
        row = locked[ask.invoice_id].row
        if ask.amount_minor > row.open_minor:
            raise refusals.AmountAboveDue(texts.marked("Less than that is open of invoice %(number)s.", number=row.number), field="amount")
        target_id = every[row.division_id].fund_id
        if target_id != source_id:
            moved = Transfer(Account.UNAPPLIED_CREDIT, Account.UNAPPLIED_CREDIT, ask.amount_minor, source_id, target_id)
            applying.post(payment, EntryKind.UNAPPLIED_CREDIT_USED, moved, payment.division_id, today)
        applying.apply(payment=payment, part=ask, source=Account.UNAPPLIED_CREDIT, effective_date=today)
    _done(viewer, payment, "unapplied credit", now, payment.amount_minor)


def pay_from_balance(*, viewer: Viewer, payment: models.Payment, asks: Sequence[rules.Ask], now: datetime) -> None:
    """Pay amount-owed invoices out of a positive balance, never out of credit (law 7).

    The payment settles the net; a credit note takes the tax off. Raises NotFromBalance, InsufficientFunds.
    """
    customer_id = payment.customer_id
    locked = invoicing.lock(customer_id=customer_id, invoice_ids=[ask.invoice_id for ask in asks])
    if any(one.row.kind != invoices.Kind.AMOUNT_OWED for one in locked.values()):
        raise refusals.NotFromBalance(texts.marked("Only invoices for an amount owed can be paid from the balance."), field="method")
    funds.lock(customer_id)
    today = ground.terms(customer_id).today(now)
    paid_minor = 0
    for ask in asks:
        order = invoicing.FromBalance(customer_id=customer_id, invoice_id=ask.invoice_id, amount_minor=ask.amount_minor, payment_id=payment.id)
        applied = invoicing.pay_from_balance(viewer=viewer, payment=order, today=today, now=now)
        nets = invoices.Split(tuple(invoices.Part(part.net_minor, 0) for part in applied.split.parts))
        if applied.split.net_minor:
            applying.keep(payment, rules.Ask(ask.invoice_id, applied.split.net_minor), nets, applied.fund_id)
        paid_minor += applied.split.net_minor
    _done(viewer, payment, "balance", now, paid_minor)


def _done(viewer: Viewer, payment: models.Payment, evidence: str, now: datetime, settled_minor: int) -> None:
    ground.enter(payment, rules.State.SETTLED, settled_minor=settled_minor, settled_at=now, evidence=evidence)
    ground.record(payment, "payment.settled", viewer)
