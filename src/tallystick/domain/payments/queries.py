"""Ask for payments and where they went, refunds, unapplied credit, and the facts of a receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division, sees_division
from tallystick.domain.funds import models as funds
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.payments import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

PAGE = 50
MOST_CREDITS = 200
_METHOD_NAMES = {
    rules.Method.CARD: "Card",
    rules.Method.BANK_TRANSFER: "Bank transfer",
    rules.Method.CHEQUE: "Cheque",
    rules.Method.OTHER: "Other",
    rules.Method.UNAPPLIED_CREDIT: "Unapplied credit",
    rules.Method.BALANCE: "Account balance",
}
_TEXTS = ("redirect_url", "received_date", "card_brand", "card_last4", "card_expiry", "note", "entered_by")
_SHOWN: dict[str, list[rules.State]] = {
    "settled": [rules.State.SETTLED, rules.State.PARTIALLY_REVERSED],
    "started": [rules.State.STARTED],
    "failed": [rules.State.FAILED, rules.State.EXPIRED],
    "reversed": [rules.State.REVERSED, rules.State.PARTIALLY_REVERSED],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """Show a payment in a list; amounts in minor units."""

    id: UUID
    customer_id: int
    customer_name: str
    division_id: int | None
    reference: str
    provider_reference: str
    method: str
    state: str
    amount_minor: int
    settled_minor: int
    reversed_minor: int
    currency: str
    started_at: datetime
    settled_at: datetime | None
    failure: str

    @property
    def method_name(self) -> str:
        """Name the method for a person."""
        return _METHOD_NAMES[rules.Method(self.method)]


@dataclass(frozen=True, slots=True)
class Part:
    """Show an amount of one invoice: asked for, or (with what was taken back of it) allocated."""

    invoice_id: UUID
    number: str
    division_id: int
    amount_minor: int
    reversed_minor: int = 0

    @property
    def invoice_number(self) -> str:
        """Give the number under its long name."""
        return self.number


@dataclass(frozen=True, slots=True)
class SurplusRow:
    """Show unapplied credit that a payment made."""

    division_id: int
    division_name: str
    amount_minor: int
    reversed_minor: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Show one bounce of a payment; `taken_back_at` is set once all of the payment stands again."""

    reference: str
    reason: str
    amount_minor: int
    posted_at: datetime
    taken_back_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts(PaymentRow):
    """Show everything about one payment."""

    redirect_url: str
    received_date: date | None
    card_brand: str
    card_last4: str
    card_expiry: str
    note: str
    entered_by: str
    deposit_invoice_id: UUID | None
    is_deposit: bool
    asked: tuple[Part, ...]
    allocations: tuple[Part, ...]
    surpluses: tuple[SurplusRow, ...]
    reversals: tuple[Returned, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """List where it went; before it arrived, what it is for."""
        return self.allocations or self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """Show what one payment brought to an invoice."""

    payment_id: UUID
    reference: str
    method: str
    method_name: str
    state: str
    amount_minor: int
    reversed_minor: int
    started_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unapplied:
    """Show the unapplied credit of one fund."""

    customer_id: int
    customer_name: str
    division_id: int
    division_name: str
    unapplied_minor: int
    currency: str

    @property
    def amount_minor(self) -> int:
        """Give the amount under its short name."""
        return self.unapplied_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeposit:
    """Show a deposit that is asked for and not here yet; amounts in minor units."""

    payment_id: UUID
    reference: str
    method: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    requested_at: datetime
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class UsedCard:
    """Show a card with which a person has paid: what the processor tells of it, how often and when last."""

    brand: str
    last4: str
    expiry: str
    times: int
    last_used_at: datetime


def payments(
    *,
    viewer: Viewer,
    show: str = "all",
    search: str = "",
    before: UUID | None = None,
    newer_than: UUID | None = None,
    customer_id: int | None = None,
    limit: int = PAGE,
) -> list[PaymentRow]:
    """Page through the payments that the viewer sees, newest first: from before a payment on, or the next ones newer than one."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        rows = _seen(viewer, customer_id)
        if show in _SHOWN:
            rows = rows.filter(state__in=_SHOWN[show])
        if search:
            named = customers.Customer.objects.filter(name__icontains=search).values_list("id", flat=True)[:200]
            rows = rows.filter(Q(reference__icontains=search) | Q(provider_reference__icontains=search) | Q(customer_id__in=list(named)))
        if before:
            rows = rows.filter(id__lt=before)
        newer = list(rows.filter(id__gt=newer_than).order_by("id")[:limit])[::-1] if newer_than else None
        found = list(rows.order_by("-id")[:limit]) if newer is None else newer
        names = _customer_names(found)
        return [PaymentRow(**_row(payment, names)) for payment in found]


def failed(*, viewer: Viewer) -> list[PaymentRow]:
    """List the card payments that failed or stay without an answer, newest first, for the work queue."""
    return payments(viewer=viewer, show="failed")[:20]


def payment(*, viewer: Viewer, payment_id: UUID) -> PaymentFacts:
    """Load one payment with where it went; parts of divisions out of the viewer's sight are left out. Raises NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = _seen(viewer, None).filter(id=payment_id).first()
        if found is None:
            raise errors.NotFound(texts.marked("There is no such payment."))
        return _facts(viewer, found)


def open_deposits(*, viewer: Viewer, division_id: int) -> list[OpenDeposit]:
    """List the deposits of a division that are asked for and neither here nor lapsed, newest first. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    permit_division(viewer, division_id)
    whose = owner(viewer, None)
    with scope.of(viewer):
        found = models.Deposit.objects.filter(customer_id=whose, division_id=division_id, state=rules.DepositState.OPEN)
        asked = {row.payment_id: row for row in found}
        made = models.Payment.objects.filter(customer_id=whose, id__in=asked, state=rules.State.STARTED).order_by("-id") if asked else []
        return [_open_deposit(row, asked[row.id]) for row in made]


def used_cards(*, viewer: Viewer) -> list[UsedCard]:
    """List the cards with which this person has paid for this customer, last used first. Nothing of it can be charged."""
    permit(viewer, Act.PAY)
    with scope.of(viewer):
        own = models.Payment.objects.filter(customer_id=owner(viewer, None), entered_by_id=viewer.person_id, method=rules.Method.CARD)
        found = own.exclude(settled_at=None).exclude(card_last4="").values_list("card_brand", "card_last4", "card_expiry")
        return [UsedCard(*row) for row in found.annotate(times=Count("id"), last=Max("settled_at")).order_by("-last")]


def of_invoice(*, viewer: Viewer, invoice_id: UUID) -> list[PaidPart]:
    """List the payments of an invoice, oldest first, whole or part; what was taken back stays listed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        invoice = invoicing.Invoice.objects.filter(id=invoice_id).values_list("customer_id", "division_id").first()
        if invoice is None or not sees_division(viewer, invoice[1]):
            raise errors.NotFound(texts.marked("There is no such invoice."))
        parts = list(models.Allocation.objects.filter(customer_id=invoice[0], invoice_id=invoice_id).order_by("id"))
        made = {row.id: row for row in models.Payment.objects.filter(customer_id=invoice[0], id__in=[part.payment_id for part in parts])}
    return [_paid(made[part.payment_id], part) for part in parts]


payments_of_invoice = of_invoice


def unapplied_credit(*, viewer: Viewer, division_id: int | None = None, customer_id: int | None = None) -> list[Unapplied]:
    """List where unapplied credit lies, of one division, one customer or all that the viewer sees, the MOST_CREDITS largest first."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        held = funds.Fund.objects.filter(unapplied_minor__gt=0).order_by("-unapplied_minor", "id")
        # before it is cut off: a small credit stands behind the large ones of other customers
        narrowed = {"customer_id": customer_id, "id": division_id, "id__in": viewer.division_ids}
        held = held.filter(**{name: value for name, value in narrowed.items() if value is not None})
        rows = [fund for fund in held[:MOST_CREDITS] if sees_division(viewer, fund.id)]
        owners = customers.Customer.objects.filter(id__in={fund.customer_id for fund in rows})
        known = {row.id: row for row in owners}
        divisions = dict(customers.Division.objects.filter(id__in={fund.id for fund in rows}).values_list("id", "name"))
    return [
        Unapplied(fund.customer_id, known[fund.customer_id].name, fund.id, divisions[fund.id], fund.unapplied_minor, known[fund.customer_id].currency)
        for fund in rows
    ]


def refunds(*, viewer: Viewer, customer_id: int | None = None) -> list[models.Refund]:
    """List refunds that wait or are on their way, then the latest that ended."""
    permit(viewer, Act.SEE_FINANCES)
    live = [rules.RefundState.REQUESTED, rules.RefundState.STARTED]
    with scope.of(viewer):
        rows = models.Refund.objects.filter(**({"customer_id": customer_id or viewer.customer_id} if customer_id or viewer.customer_id else {}))
        if viewer.division_ids is not None:
            rows = rows.filter(division_id__in=viewer.division_ids)
        return [*rows.filter(state__in=live).order_by("id")[:200], *rows.exclude(state__in=live).order_by("-id")[:PAGE]]


def unresolved(*, before: datetime, limit: int = 100) -> list[tuple[int, UUID]]:
    """Name customer and payment of started card payments that nobody heard of since `before`; asked across customers by the worker."""
    with scope.cursor() as cursor:
        cursor.execute("select customer_id, payment_id from payments_unresolved(%s, %s)", [before, limit])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def lapsed_deposits(*, now: datetime, limit: int = 100) -> list[tuple[int, UUID]]:
    """Name customer and deposit request of open requests whose day is over; asked across customers by the worker."""
    with scope.cursor() as cursor:
        cursor.execute("select customer_id, deposit_id from payments_lapsed_deposits(%s, %s)", [now, limit])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def _seen(viewer: Viewer, customer_id: int | None) -> QuerySet[models.Payment]:
    rows = models.Payment.objects.all()
    whose = customer_id or viewer.customer_id
    if whose is not None:
        rows = rows.filter(customer_id=whose)
    if viewer.division_ids is None or whose is None:
        return rows
    invoices = invoicing.Invoice.objects.filter(customer_id=whose, division_id__in=viewer.division_ids).values("id")
    asked = models.Attempt.objects.filter(customer_id=whose, invoice_id__in=invoices).values("payment_id")
    return rows.filter(Q(division_id__in=viewer.division_ids) | Q(id__in=asked))


def _row(found: models.Payment, names: dict[int, str]) -> dict[str, Any]:
    same = (
        "id",
        "customer_id",
        "division_id",
        "reference",
        "provider_reference",
        "method",
        "state",
        "amount_minor",
        "settled_minor",
        "reversed_minor",
    )
    more = ("currency", "started_at", "settled_at", "failure")
    return {"customer_name": names.get(found.customer_id, ""), **{name: getattr(found, name) for name in (*same, *more)}}


def _customer_names(found: Iterable[models.Payment]) -> dict[int, str]:
    return dict(customers.Customer.objects.filter(id__in={payment.customer_id for payment in found}).values_list("id", "name"))


def _facts(viewer: Viewer, found: models.Payment) -> PaymentFacts:
    own: dict[str, Any] = {"customer_id": found.customer_id, "payment_id": found.id}
    asked = list(models.Attempt.objects.filter(**own).order_by("place"))
    allocations = list(models.Allocation.objects.filter(**own).order_by("place"))
    surpluses = list(models.Surplus.objects.filter(**own).order_by("id"))
    wanted = {row.invoice_id for row in asked} | {row.invoice_id for row in allocations}
    invoices = {row.id: row for row in invoicing.Invoice.objects.filter(customer_id=found.customer_id, id__in=wanted)}
    seen = {key for key, row in invoices.items() if sees_division(viewer, row.division_id)}
    divisions = dict(customers.Division.objects.filter(customer_id=found.customer_id).values_list("id", "name"))
    deposit = models.Deposit.objects.filter(**own).first()
    texts: dict[str, Any] = {name: getattr(found, name) for name in _TEXTS}
    facts: dict[str, Any] = {**_row(found, _customer_names([found])), **texts}
    return PaymentFacts(
        **facts,
        is_deposit=deposit is not None,
        deposit_invoice_id=deposit.invoice_id if deposit else None,
        asked=tuple(_part(row, invoices[row.invoice_id]) for row in asked if row.invoice_id in seen),
        allocations=tuple(_part(row, invoices[row.invoice_id], row.reversed_minor) for row in allocations if row.invoice_id in seen),
        surpluses=tuple(
            SurplusRow(row.division_id, divisions.get(row.division_id, ""), row.amount_minor, row.reversed_minor)
            for row in surpluses
            if sees_division(viewer, row.division_id)
        ),
        reversals=_returned(own, found),
    )


def _part(row: models.Attempt | models.Allocation, invoice: invoicing.Invoice, reversed_minor: int = 0) -> Part:
    return Part(row.invoice_id, invoice.number, invoice.division_id, row.amount_minor, reversed_minor)


def _open_deposit(made: models.Payment, asked: models.Deposit) -> OpenDeposit:
    return OpenDeposit(
        payment_id=made.id,
        reference=made.reference,
        method=made.method,
        net_minor=asked.net_minor,
        tax_minor=asked.tax_minor,
        gross_minor=made.amount_minor,
        requested_at=asked.requested_at,
        lapses_at=asked.lapses_at,
    )


def _returned(own: dict[str, Any], found: models.Payment) -> tuple[Returned, ...]:
    restored = models.Restoration.objects.filter(**own).order_by("-id").values_list("posted_at", flat=True).first()
    stands_again = restored if found.reversed_minor == 0 else None
    rows = models.Reversal.objects.filter(**own).order_by("id")
    return tuple(Returned(row.reference, row.reason, row.amount_minor, row.posted_at, stands_again) for row in rows)


def _paid(made: models.Payment, part: models.Allocation) -> PaidPart:
    return PaidPart(
        payment_id=made.id,
        reference=made.reference,
        method=made.method,
        method_name=_METHOD_NAMES[rules.Method(made.method)],
        state=made.state,
        amount_minor=part.amount_minor,
        reversed_minor=part.reversed_minor,
        started_at=made.started_at,
        settled_at=made.settled_at,
    )
