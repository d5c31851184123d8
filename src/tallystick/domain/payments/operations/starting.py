"""Start a payment: by card (the gateway is called after the commit), by an announced transfer, from unapplied credit or from the balance."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit, permit_division
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, calling, crediting, ground
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


@dataclass(frozen=True, slots=True)
class Started:
    """Answer a start: where to send the person (card), the reference to write on the transfer, the state as it is now."""

    payment_id: UUID
    state: rules.State
    amount_minor: int
    reference: str
    redirect_url: str
    failure: str


def start_payment(
    *, viewer: Viewer, request: rules.PaymentRequest, now: datetime, gateway: protocol.Gateway | None = None, is_rehearsal: bool = False
) -> Started:
    """Start paying invoices, whole or part. The same key with the same request gives the same payment again (law 8).

    By card nothing is paid yet: settle_payment decides that from the gateway's message. Not to be called inside a scope by card, but for a
    rehearsal: that calls no gateway, and the caller takes back what it wrote.
    Raises NotAllowed, NotFound, Invalid, AmountAboveDue, InvoiceNotOpen, PaymentInProgress, PaymentStarting, PaymentResultUnknown,
    IdempotencyKeyReused, PaymentMethodNotAllowed, NotEnoughUnappliedCredit, NotFromBalance.
    """
    permit(viewer, Act.PAY)
    if request.method not in {rules.Method.CARD, rules.Method.BANK_TRANSFER, rules.Method.UNAPPLIED_CREDIT, rules.Method.BALANCE}:
        raise errors.Invalid(texts.marked("Choose how to pay."), field="method")
    if not request.invoices:
        raise errors.Invalid(texts.marked("Tick at least one invoice."), field="invoices")
    ground.check_asks(request.invoices)
    if request.method is rules.Method.CARD:
        assert gateway is not None, "a card payment needs its gateway"
    payment, is_new = _write(viewer, request, gateway.name if gateway and request.method is rules.Method.CARD else "", now)
    if request.method is rules.Method.CARD and gateway is not None and not is_rehearsal:
        payment = calling.call(viewer=viewer, payment=payment, gateway=gateway, now=now, is_claimed=is_new)
    return answer(payment)


def answer(payment: models.Payment) -> Started:
    """Shape the answer from the payment's row."""
    return Started(payment.id, rules.State(payment.state), payment.amount_minor, payment.reference, payment.redirect_url, payment.failure)


@scope.retrying
def _write(viewer: Viewer, request: rules.PaymentRequest, provider: str, now: datetime) -> tuple[models.Payment, bool]:
    customer_id = ground.owner(viewer)
    asks = [(str(ask.invoice_id), ask.amount_minor) for ask in request.invoices]
    fingerprint = rules.fingerprint("start", request.method, asks, request.division_id)
    with scope.of(viewer):
        found = ground.replay(models.Payment, customer_id, request.idempotency_key, fingerprint)
        if found is not None:
            return found, False
        currency = _check(viewer, customer_id, request)
        payment_id = ids.new()
        payment = models.Payment(
            customer_id=customer_id,
            id=payment_id,
            division_id=request.division_id,
            method=request.method,
            amount_minor=sum(ask.amount_minor for ask in request.invoices),
            currency=currency,
            reference=rules.reference(payment_id),
            provider=provider,
            return_url=request.return_url,
            calling_until=calling.lease(now) if provider else None,
            idempotency_key=request.idempotency_key,
            fingerprint=fingerprint,
            started_at=now,
            **ground.entered_by(viewer),
        )
        payment.save(force_insert=True)
        applying.ask(payment, request.invoices, is_open=request.method is rules.Method.CARD)
        ground.record(payment, "payment.started", viewer)
        if request.method is rules.Method.UNAPPLIED_CREDIT:
            crediting.pay_from_credit(viewer=viewer, payment=payment, asks=request.invoices, now=now)
        elif request.method is rules.Method.BALANCE:
            crediting.pay_from_balance(viewer=viewer, payment=payment, asks=request.invoices, now=now)
    return payment, True


def _check(viewer: Viewer, customer_id: int, request: rules.PaymentRequest) -> str:
    ground.permit_method(customer_id, request.method)
    locked = invoicing.lock(customer_id=customer_id, invoice_ids=[ask.invoice_id for ask in request.invoices])
    if request.division_id is not None:
        permit_division(viewer, request.division_id)
    elif request.method is rules.Method.UNAPPLIED_CREDIT:
        raise errors.Invalid(texts.marked("Name the division whose unapplied credit pays."), field="division")
    currency = ""
    for ask in request.invoices:
        row = locked[ask.invoice_id].row
        currency = row.currency
        if row.division_id is not None:
            permit_division(viewer, row.division_id)
        check_due(row.number, row.open_minor, ask.amount_minor, currency)
    if request.method is rules.Method.CARD:
        _check_free(customer_id, request)
    return currency


def check_due(number: str, open_minor: int, amount_minor: int, currency: str) -> None:
    """Refuse to ask for more of an invoice than is due. Raises InvoiceNotOpen, AmountAboveDue."""
    if open_minor == 0:
        raise refusals.InvoiceNotOpen(texts.marked("Invoice %(number)s is not open any more.", number=number), field="invoices")
    if amount_minor > open_minor:
        due = money.named(open_minor, currency)
        raise refusals.AmountAboveDue(
            texts.marked("Only %(due)s of invoice %(number)s is open.", due=due, number=number), field="amount", facts={"open_minor": open_minor}
        )


def _check_free(customer_id: int, request: rules.PaymentRequest) -> None:
    blocking = applying.blocked_by(customer_id, [ask.invoice_id for ask in request.invoices])
    if blocking is not None:
        raise refusals.PaymentInProgress(
            texts.marked("A card payment of one of these invoices is under way. Finish it, or wait until it ends."),
            field="invoices",
            facts={"payment_id": ids.public("pay", blocking.payment_id), "invoice_id": ids.public("inv", blocking.invoice_id)},
        )
