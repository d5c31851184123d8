"""Ask for a deposit, and issue and pay its invoice in one step when its money arrives, never before."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit, permit_division
from tallystick.domain.events import operations as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries as figures
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger.rules import Account, EntryKind
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import applying, calling, ground, starting
from tallystick.integrations.gateways import protocol
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts


def start_deposit(
    *, viewer: Viewer, request: rules.DepositRequest, now: datetime, gateway: protocol.Gateway | None = None, is_rehearsal: bool = False
) -> starting.Started:
    """Ask for funds of a net amount: by card the page to pay net and tax on, by transfer a reference; no debt arises, no invoice yet.

    Not to be called inside a scope by card, but for a rehearsal: that calls no gateway, and the caller takes back what it wrote.
    Raises NotAllowed, NotFound, Invalid, PaymentMethodNotAllowed, PaymentStarting, PaymentResultUnknown, IdempotencyKeyReused.
    """
    permit(viewer, Act.PAY)
    if request.method not in {rules.Method.CARD, rules.Method.BANK_TRANSFER}:
        raise errors.Invalid(texts.marked("Deposits are paid by card or bank transfer."), field="method")
    if not 0 < request.amount_minor < money.LARGEST_MINOR:
        raise errors.Invalid(texts.marked("Enter an amount above zero."), code="amount_not_positive", field="amount")
    permit_division(viewer, request.division_id)
    if request.method is rules.Method.CARD:
        assert gateway is not None, "a card payment needs its gateway"
    payment, is_new = _write(viewer, request, gateway.name if gateway and request.method is rules.Method.CARD else "", now)
    if request.method is rules.Method.CARD and gateway is not None and not is_rehearsal:
        payment = calling.call(viewer=viewer, payment=payment, gateway=gateway, now=now, is_claimed=is_new)
    return starting.answer(payment)


def deposit_price(*, viewer: Viewer, division_id: int, amount_minor: int, customer_id: int | None = None) -> rules.DepositParts:
    """Reckon what a deposit of this net amount would cost, for the page that asks. Raises NotFound."""
    permit_division(viewer, division_id)
    owner = customer_id or ground.owner(viewer)
    with scope.of(viewer):
        every = figures.read_figures(customer_id=owner)
        if division_id not in every:
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        rate = ground.terms(owner).percent_millionths
    return rules.deposit_for(net_minor=amount_minor, taxed_debt_minor=every[division_id].taxed_debt_minor, percent_millionths=rate)


@scope.retrying
def _write(viewer: Viewer, request: rules.DepositRequest, provider: str, now: datetime) -> tuple[models.Payment, bool]:
    customer_id = ground.owner(viewer)
    fingerprint = rules.fingerprint("deposit", request.method, request.division_id, request.amount_minor)
    with scope.of(viewer):
        found = ground.replay(models.Payment, customer_id, request.idempotency_key, fingerprint)
        if found is not None:
            return found, False
        ground.permit_method(customer_id, request.method)
        parts = deposit_price(viewer=viewer, division_id=request.division_id, amount_minor=request.amount_minor)
        payment_id = ids.new()
        payment = models.Payment(
            customer_id=customer_id,
            id=payment_id,
            division_id=request.division_id,
            method=request.method,
            amount_minor=parts.gross_minor,
            currency=ground.terms(customer_id).currency,
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
        _insert(payment, request, parts, now)
        ground.record(payment, "deposit.requested", viewer, net=money.text(parts.net_minor, payment.currency))
    return payment, True


def _insert(payment: models.Payment, request: rules.DepositRequest, parts: rules.DepositParts, now: datetime) -> None:
    models.Deposit.objects.create(
        customer_id=payment.customer_id,
        division_id=request.division_id,
        payment_id=payment.id,
        method=request.method,
        net_minor=parts.net_minor,
        untaxed_minor=parts.untaxed_minor,
        tax_minor=parts.tax_minor,
        reference=payment.reference,
        requested_at=now,
        lapses_at=now + timedelta(days=rules.DEPOSIT_LAPSES_AFTER_DAYS),
    )


def settle_deposit(*, viewer: Viewer, payment: models.Payment, deposit: models.Deposit, now: datetime) -> None:
    """Issue the invoice for what arrived and pay it in one step; what can not be invoiced is unapplied credit. In the caller's scope."""
    every = funds.lock(payment.customer_id)
    debt_minor = every[deposit.division_id].taxed_debt_minor
    as_asked = payment.settled_minor == deposit.net_minor + deposit.tax_minor
    parts = rules.deposit_from(
        arrived_minor=payment.settled_minor,
        untaxed_minor=min(deposit.untaxed_minor, debt_minor) if as_asked else debt_minor,
        percent_millionths=ground.terms(payment.customer_id).percent_millionths,
    )
    invoice_id = issue_and_pay(viewer=viewer, payment=payment, division_id=deposit.division_id, parts=parts, now=now)
    if parts.untaxed_minor:
        funds.settle_taxed_debt(customer_id=payment.customer_id, fund_id=every[deposit.division_id].fund_id, amount_minor=parts.untaxed_minor)
    ground.change(deposit, state=rules.DepositState.SETTLED, invoice_id=invoice_id)
    ground.record(payment, "deposit.settled", viewer, invoice_id=ids.public("inv", invoice_id) if invoice_id else None)


def issue_and_pay(
    *, viewer: Viewer, payment: models.Payment, division_id: int, parts: rules.DepositParts, now: datetime, anew: invoicing.Anew | None = None
) -> UUID | None:
    """Issue a funding invoice for these parts and pay it from the payment; tell its id, None where the money is too little for any.

    `anew` names the fund of a deposit whose bounce was taken back.
    """
    terms = ground.terms(payment.customer_id)
    effective_date = payment.received_date or terms.today(now)
    invoice_id = None
    if parts.net_minor:
        lines = tuple(
            invoices.Line(description=text, quantity=Decimal(1), unit_price_minor=amount_minor, percent_millionths=rate)
            for text, amount_minor, rate in [
                ("Deposit against an opening balance, taxed before", parts.untaxed_minor, 0),
                ("Deposit of funds", parts.taxed_minor, terms.percent_millionths),
            ]
            if amount_minor
        )
        draft = invoicing.InvoiceDraft(customer_id=payment.customer_id, division_id=division_id, lines=lines, payment_id=payment.id, is_deposit=True)
        invoice = invoicing.issue_funding_invoice(viewer=viewer, draft=draft, today=terms.today(now), now=now)
        invoice_id = invoice.id
        part = rules.Ask(invoice.id, invoice.gross_minor)
        applying.apply(payment=payment, part=part, source=Account.CASH, effective_date=effective_date, anew=anew)
    if parts.rest_minor:
        applying.keep_surplus(
            payment=payment,
            division_id=division_id,
            amount_minor=parts.rest_minor,
            kind=EntryKind.SURPLUS,
            effective_date=effective_date,
            fund_id=anew.fund_id if anew else None,
        )
    return invoice_id


@scope.retrying
def lapse_deposit(*, viewer: Viewer, customer_id: int, deposit_id: UUID, now: datetime) -> bool:
    """Let an open deposit request by transfer lapse after its day; money that still comes settles it all the same."""
    with scope.of(viewer):
        found = models.Deposit.objects.filter(customer_id=customer_id, id=deposit_id).first()
        if found is None:
            raise errors.NotFound(texts.marked("There is no such deposit request."))
        payment = ground.locked(viewer, found.payment_id)
        deposit = models.Deposit.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=deposit_id)
        if deposit.state != rules.DepositState.OPEN or deposit.lapses_at > now:
            return False
        ground.change(deposit, state=rules.DepositState.LAPSED)
        if payment.state == rules.State.STARTED:
            ground.enter(payment, rules.State.EXPIRED)
        facts = {"reference": deposit.reference, "net": money.text(deposit.net_minor, payment.currency), "currency": payment.currency}
        events.record(customer_id=customer_id, kind="deposit.lapsed", subject_id=ids.public("pay", payment.id), facts=facts, viewer=viewer)
    return True
