"""Pay unapplied credit back: asked for by one person, approved by another, then sent to a card or a bank account."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.events import operations as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.domain.payments import models, refusals, rules
from tallystick.domain.payments.operations import ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


@scope.retrying
def request_refund(*, viewer: Viewer, request: rules.RefundRequest, now: datetime) -> models.Refund:
    """Ask for unapplied credit to be paid back; nothing is posted before another person approves it.

    Raises NotAllowed, NotFound, InvalidFields, NotEnoughUnappliedCredit, PaymentNotSettled, IdempotencyKeyReused.
    """
    permit(viewer, Act.ENTER)
    _check(request)
    where = (str(request.payment_id), request.account.strip())
    fingerprint = rules.fingerprint("refund", request.division_id, request.amount_minor, where, request.reason.strip())
    with scope.of(viewer):
        found = ground.replay(models.Refund, request.customer_id, request.idempotency_key, fingerprint)
        if found is not None:
            return found
        terms = ground.terms(request.customer_id)
        payment = _card_payment(viewer, request) if request.payment_id else None
        _require_credit(request.customer_id, request.division_id, request.amount_minor, terms.currency)
        refund = models.Refund.objects.create(
            customer_id=request.customer_id,
            division_id=request.division_id,
            payment_id=request.payment_id,
            amount_minor=request.amount_minor,
            currency=terms.currency,
            reason=request.reason.strip(),
            account=request.account.strip(),
            provider=payment.provider if payment else "",
            idempotency_key=request.idempotency_key,
            fingerprint=fingerprint,
            requested_by_id=viewer.person_id,
            requested_by=viewer.name,
            requested_at=now,
        )
        _record(refund, "refund.requested", viewer)
    return refund


@scope.retrying
def approve_refund(*, viewer: Viewer, customer_id: int, refund_id: UUID, now: datetime) -> models.Refund:
    """Start a refund: Dr unapplied credit / Cr refunds pending. The money is sent by send_refund (card) or by the bank.

    Raises NotAllowed, ApprovedByRequester, NotFound, RefundNotWaiting, NotEnoughUnappliedCredit.
    """
    permit(viewer, Act.APPROVE)
    with scope.of(viewer):
        refund = _locked(customer_id, refund_id, rules.RefundState.REQUESTED)
        _require_another(viewer, refund)
        _require_credit(customer_id, refund.division_id, refund.amount_minor, refund.currency)
        fund_id = funds.lock(customer_id)[refund.division_id].fund_id
        number = _post(refund, EntryKind.REFUND_STARTED, Account.UNAPPLIED_CREDIT, Account.REFUNDS_PENDING, fund_id)
        ground.change(refund, state=rules.RefundState.STARTED, fund_id=fund_id, journal_number=number, **_decided(viewer, now))
        _record(refund, "refund.approved", viewer)
    return refund


@scope.retrying
def decline_refund(*, viewer: Viewer, customer_id: int, refund_id: UUID, reason: str, now: datetime) -> models.Refund:
    """Turn a requested refund down, with the reason. Raises NotAllowed, ApprovedByRequester, NotFound, RefundNotWaiting."""
    permit(viewer, Act.APPROVE)
    with scope.of(viewer):
        refund = _locked(customer_id, refund_id, rules.RefundState.REQUESTED)
        _require_another(viewer, refund)
        ground.change(refund, state=rules.RefundState.DECLINED, failure=reason, ended_at=now, **_decided(viewer, now))
        _record(refund, "refund.declined", viewer, reason=reason)
    return refund


@scope.retrying
def settle_refund(*, viewer: Viewer, customer_id: int, refund_id: UUID, now: datetime) -> models.Refund:
    """Note that a refund reached its receiver: Dr refunds pending / Cr cash. Once more changes nothing.

    Raises NotAllowed, NotFound, RefundNotWaiting.
    """
    return _end(viewer, customer_id, refund_id, now, "")


@scope.retrying
def fail_refund(*, viewer: Viewer, customer_id: int, refund_id: UUID, reason: str, now: datetime) -> models.Refund:
    """Note that a refund gave nothing back: the money is unapplied credit again. Once more changes nothing.

    Raises NotAllowed, NotFound, RefundNotWaiting.
    """
    return _end(viewer, customer_id, refund_id, now, reason or "The bank gave no reason.")


def _end(viewer: Viewer, customer_id: int, refund_id: UUID, now: datetime, failure: str) -> models.Refund:
    permit(viewer, Act.ENTER)
    wanted = rules.RefundState.FAILED if failure else rules.RefundState.SETTLED
    with scope.of(viewer):
        refund = _locked(customer_id, refund_id, rules.RefundState.STARTED, wanted)
        if refund.state == wanted:
            return refund
        funds.lock(customer_id)  # or a switch of separate funds could join the fund between this look and the posting
        fund_id = ground.fund_that_got(refund)
        if failure:
            _post(refund, EntryKind.REFUND_FAILED, Account.REFUNDS_PENDING, Account.UNAPPLIED_CREDIT, fund_id)
        else:
            _post(refund, EntryKind.REFUND_SETTLED, Account.REFUNDS_PENDING, Account.CASH, fund_id)
        ground.change(refund, state=wanted, failure=failure, ended_at=now)
        _record(refund, "refund.failed" if failure else "refund.settled", viewer)
    return refund


def _check(request: rules.RefundRequest) -> None:
    wrong: dict[str, str] = {}
    if not 0 < request.amount_minor < money.LARGEST_MINOR:
        wrong["amount"] = texts.marked("Enter an amount above zero.")
    if not request.reason.strip():
        wrong["reason"] = texts.marked("Say why.")
    if bool(request.payment_id) == bool(request.account.strip()):
        wrong["account"] = texts.marked("Name either the card payment or the bank account that gets the money.")
    if wrong:
        raise errors.InvalidFields(wrong)


def _card_payment(viewer: Viewer, request: rules.RefundRequest) -> models.Payment:
    assert request.payment_id is not None, "only for a card"
    payment = ground.locked(viewer, request.payment_id)
    live = [rules.RefundState.REQUESTED, rules.RefundState.STARTED, rules.RefundState.SETTLED]
    earlier = models.Refund.objects.filter(customer_id=request.customer_id, payment_id=payment.id, state__in=live)
    left_minor = payment.settled_minor - payment.reversed_minor - sum(earlier.values_list("amount_minor", flat=True))
    if payment.customer_id != request.customer_id or payment.method != rules.Method.CARD or request.amount_minor > left_minor:
        left = money.named(max(0, left_minor), payment.currency)
        raise refusals.PaymentNotSettled(texts.marked("At most %(left)s can go back to the card of this payment.", left=left), field="amount")
    return payment


def _require_credit(customer_id: int, division_id: int, amount_minor: int, currency: str) -> None:
    every = funds.lock(customer_id)
    if division_id not in every:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    if amount_minor > every[division_id].unapplied_minor:
        most = money.named(every[division_id].unapplied_minor, currency)
        raise refusals.NotEnoughUnappliedCredit(texts.marked("The unapplied credit is %(most)s.", most=most), field="amount")


def _require_another(viewer: Viewer, refund: models.Refund) -> None:
    try:
        invoicing.require_another(viewer=viewer, person_id=refund.requested_by_id)
    except invoicing.SamePerson as same:
        raise refusals.ApprovedByRequester(texts.marked("You asked for this refund. Another person has to decide on it.")) from same


def _locked(customer_id: int, refund_id: UUID, *states: rules.RefundState) -> models.Refund:
    refund = models.Refund.objects.select_for_update(no_key=True).filter(customer_id=customer_id, id=refund_id).first()
    if refund is None:
        raise errors.NotFound(texts.marked("There is no such refund."))
    if refund.state not in states:
        raise refusals.RefundNotWaiting(texts.marked("This refund is %(state)s.", state=refund.state))
    return refund


def _post(refund: models.Refund, kind: EntryKind, debit: Account, credit: Account, fund_id: int) -> int:
    entry = Entry(
        kind, (Transfer(debit, credit, refund.amount_minor, fund_id),), refund.division_id, note=refund.reason[:200], payment_id=refund.payment_id
    )
    return funds.post(customer_id=refund.customer_id, entries=[entry]).transfer_ids[0][0]


def _decided(viewer: Viewer, now: datetime) -> dict[str, object]:
    return {"decided_by_id": viewer.person_id, "decided_by": viewer.name, "decided_at": now}


def _record(refund: models.Refund, kind: str, viewer: Viewer, **facts: object) -> None:
    shown = {"amount": money.text(refund.amount_minor, refund.currency), "currency": refund.currency, "division_id": refund.division_id}
    subject_id = ids.public("ref", refund.id)
    events.record(customer_id=refund.customer_id, kind=kind, subject_id=subject_id, facts={**shown, "state": refund.state, **facts}, viewer=viewer)
