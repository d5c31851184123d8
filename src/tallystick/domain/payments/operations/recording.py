"""Record a payment that arrived outside of any gateway: a transfer, a cheque, as staff enters it or a bank match finds it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import applying, bounced_deposits, ground, settling
from tallystick.integrations.postgres import rows, scope
from tallystick.lib import errors, ids, money, texts

_LONGEST_REFERENCE = 140


@scope.retrying
def record_payment(*, viewer: Viewer, request: rules.RecordRequest, now: datetime) -> UUID:
    """Take recorded money in at once: over the invoices as entered, the surplus to unapplied credit; give the payment's id.

    With `payment_id` it settles what the customer announced: a started transfer, or a deposit request (whose invoice is then issued and paid).
    Raises NotAllowed, NotFound, InvalidFields, Invalid, ReferenceTaken, IdempotencyKeyReused, PaymentNotSettled.
    """
    permit(viewer, Act.ENTER)
    _check(request)
    with scope.of(viewer):
        terms = ground.terms(request.customer_id)
        if request.received_date > terms.today(now):
            raise errors.Invalid(texts.marked("The money can not have arrived after today."), field="received_date")
        fingerprint = _fingerprint(request)
        found = ground.replay(
            models.Payment, request.customer_id, request.idempotency_key, fingerprint, of="recording", in_line=bool(request.payment_id)
        )
        if found is not None:
            return found.id
        place = "bank" if request.method is rules.Method.BANK_TRANSFER else f"{request.method}:{request.customer_id}"
        reference = rules.bank_reference(request.reference)
        entry: dict[str, Any] = {
            "provider": place,
            "provider_reference": reference,
            "recording_key": request.idempotency_key,
            "recording_fingerprint": fingerprint,
            "note": request.note,
            **ground.entered_by(viewer),
        }
        arrival = settling.Arrival(
            amount_minor=request.amount_minor, evidence=f"{viewer.name}: {request.reference}", received_date=request.received_date
        )
        if request.payment_id:
            payment = _announced(viewer, request, entry)
        else:
            payment = _new(request, terms.currency, entry | settling.arrived(arrival, now), now)
        ground.take_reference(provider=place, reference=reference, customer_id=request.customer_id, subject="payment", subject_id=payment.id)
        if request.payment_id:
            settling.settle_payment(viewer=viewer, payment=payment, arrival=arrival, now=now, asks=request.splits or None)
        else:
            settling.take_in(viewer=viewer, payment=payment, now=now, asks=request.splits)
        rows.later(*applying.attempts(payment, request.splits, is_open=False))
    return payment.id


def _announced(viewer: Viewer, request: rules.RecordRequest, entry: dict[str, Any]) -> models.Payment:
    assert request.payment_id is not None, "only where the payer announced it"
    payment = ground.locked(viewer, request.payment_id)
    if payment.customer_id != request.customer_id:
        raise errors.NotFound(texts.marked("There is no such payment."))
    if payment.method not in rules.RECORDED or rules.State(payment.state) not in rules.UNSETTLED:
        raise refusals.PaymentNotSettled(
            texts.marked("Payment %(reference)s does not wait for a transfer.", reference=payment.reference), field="payment"
        )
    if request.splits and bounced_deposits.is_deposit(payment):
        raise errors.Invalid(texts.marked("A deposit pays no invoices: it gets an invoice of its own."), field="splits")
    if request.splits:
        models.Attempt.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).delete()
    if request.division_id is not None:
        entry["division_id"] = request.division_id
    ground.change(payment, **entry)
    return payment


def _new(request: rules.RecordRequest, currency: str, entry: dict[str, Any], now: datetime) -> models.Payment:
    if not request.splits and request.division_id is None:
        raise errors.Invalid(texts.marked("Name the division that gets the money, or the invoices that it pays."), field="division")
    payment_id = ids.new()
    payment = models.Payment(
        customer_id=request.customer_id,
        id=payment_id,
        division_id=request.division_id,
        method=request.method,
        state=rules.State.SETTLED,
        amount_minor=request.amount_minor,
        currency=currency,
        reference=rules.reference(payment_id),
        idempotency_key=f"recorded {payment_id}",
        fingerprint="",
        started_at=now,
        **entry,
    )
    rows.insert(payment)
    return payment


def _check(request: rules.RecordRequest) -> None:
    wrong: dict[str, str] = {}
    if request.method not in rules.RECORDED:
        wrong["method"] = texts.marked("Choose bank transfer, cheque or other.")
    if not 0 < request.amount_minor < money.LARGEST_MINOR:
        wrong["amount"] = texts.marked("Enter an amount above zero.")
    if not rules.bank_reference(request.reference) or len(request.reference) > _LONGEST_REFERENCE or not request.reference.isprintable():
        wrong["reference"] = texts.marked("Enter the bank's reference, at most %(most)s characters.", most=_LONGEST_REFERENCE)
    if sum(ask.amount_minor for ask in request.splits) > request.amount_minor:
        wrong["splits"] = texts.marked("The invoices' parts are more than what arrived.")
    if wrong:
        raise errors.InvalidFields(wrong)
    ground.check_asks(request.splits)


def _fingerprint(request: rules.RecordRequest) -> str:
    splits = [(str(ask.invoice_id), ask.amount_minor) for ask in request.splits]
    named = (str(request.payment_id), request.division_id, request.received_date.isoformat(), rules.bank_reference(request.reference))
    return rules.fingerprint("record", request.method, request.amount_minor, splits, named, request.note)
