"""List invoices, open or all, add them up, and open one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from tallystick.domain.customers.rules import Act, Viewer, permit, permit_division
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.operations.refusals import InvoiceNotFound
from tallystick.domain.invoicing.queries import rows
from tallystick.domain.invoicing.queries.rows import InvoiceRow
from tallystick.integrations.postgres import scope
from tallystick.lib import texts

STATUSES = ("unpaid", "part_paid", "overdue", "disputed", "paid", "voided")
"""What a list can be narrowed to; overdue needs the day."""
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Narrow a list: `q` looks in the number, the order's number and the old number; `..._from` is inclusive.

    `before` pages on from an invoice, newest first, `newer_than` back.
    """

    customer_id: int | None = None
    division_id: int | None = None
    status: str = ""
    kind: str = ""
    q: str = ""
    due_from: date | None = None
    due_before: date | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    before: UUID | None = None
    newer_than: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class OpenTotals:
    """Add up open invoices of one currency: how many, what is open, and of it what is overdue."""

    count: int
    open_minor: int
    overdue_count: int
    overdue_minor: int


@dataclass(frozen=True, slots=True)
class LineView:
    """Show one line."""

    position: int
    description: str
    quantity: Decimal
    unit_price_minor: int
    net_minor: int
    tax_minor: int
    percent: Decimal
    order_reference: str


@dataclass(frozen=True, slots=True)
class TaxView:
    """Show one rate: its sums and what is open of them."""

    position: int
    percent: Decimal
    net_minor: int
    tax_minor: int
    open_net_minor: int
    open_tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView(InvoiceRow):
    """Show one invoice entirely: what its row has, lines, rates, frozen facts and the zone of its legal entity."""

    lines: tuple[LineView, ...]
    taxes: tuple[TaxView, ...]
    frozen: dict[str, object]
    document_sha256: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DivisionSummary:
    """Sum a division up for the summary page."""

    division_id: int
    unpaid_count: int
    unpaid_minor: int
    overdue_count: int
    overdue_minor: int
    overdue_since: date | None = None


def open_invoices(
    *,
    viewer: Viewer,
    division_id: int | None = None,
    customer_id: int | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int | None = None,
    names: rows.Names | None = None,
) -> list[InvoiceRow]:
    """List what is still to be paid, oldest due first, from after a due date and id on; `names` spares looking them up.

    Raises NotAllowed, NotFound.
    """
    with scope.of(viewer):
        found = rows.with_open_net(_open(viewer, customer_id, division_id)).order_by("due_date", "id")
        if after is not None:
            found = found.filter(Q(due_date__gt=after[0]) | Q(due_date=after[0], id__gt=after[1]))
        return rows.load(found[:limit] if limit else found, names=names)


def open_count(*, viewer: Viewer, most: int) -> int:
    """Count what is still to be paid, up to so many: a mark in the rail needs no more, and every page asks. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    assert viewer.customer_id is not None, "the rail of a customer's people has it"
    seen = "" if viewer.division_ids is None else " and division_id = any(%(seen)s)"
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select from invoicing_invoice where customer_id = %(owner)s and open_minor > 0{seen} limit %(most)s) waiting",  # noqa: S608 - our own words
            {"owner": viewer.customer_id, "seen": sorted(viewer.division_ids or ()), "most": most},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def open_totals(*, viewer: Viewer, today: date, division_id: int | None = None, customer_id: int | None = None) -> OpenTotals:
    """Add up what is still to be paid; staff name the customer, for unlike currencies are never added. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        late = Q(due_date__lt=today)
        sums = _open(viewer, customer_id, division_id).aggregate(
            n=Count("id"), open=Sum("open_minor"), late=Count("id", filter=late), late_open=Sum("open_minor", filter=late)
        )
    return OpenTotals(sums["n"], int(sums["open"] or 0), sums["late"], int(sums["late_open"] or 0))


def _open(viewer: Viewer, customer_id: int | None, division_id: int | None) -> QuerySet[models.Invoice]:
    permit(viewer, Act.SEE_FINANCES)
    found = rows.visible(viewer, customer_id).filter(open_minor__gt=0)
    if division_id is None:
        return found
    permit_division(viewer, division_id)
    return found.filter(division_id=division_id)


def invoices(*, viewer: Viewer, today: date, narrowed: InvoiceFilter | None = None) -> list[InvoiceRow]:
    """List invoices, newest first, at most 201 at once: a page and one more. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    chosen = narrowed or InvoiceFilter()
    with scope.of(viewer):
        found = rows.visible(viewer, chosen.customer_id)
        if chosen.division_id is not None:
            permit_division(viewer, chosen.division_id)
            found = found.filter(division_id=chosen.division_id)
        found = _searched(_of_status(found, chosen.status, today), chosen)
        return rows.load(_paged(rows.with_open_net(found), chosen))


def _paged(found: QuerySet[models.Invoice], chosen: InvoiceFilter) -> list[models.Invoice]:
    most = min(chosen.limit, _MOST + 1)
    if chosen.newer_than:
        return list(found.filter(id__gt=chosen.newer_than).order_by("id")[:most])[::-1]
    return list((found.filter(id__lt=chosen.before) if chosen.before else found).order_by("-id")[:most])


def _of_status(found: QuerySet[models.Invoice], status: str, today: date) -> QuerySet[models.Invoice]:
    conditions = {
        "unpaid": Q(open_minor__gt=0),
        "part_paid": Q(state=rules.State.PARTIALLY_PAID),
        "overdue": Q(open_minor__gt=0, due_date__lt=today),
        "disputed": Q(disputed=True),
        "paid": Q(state=rules.State.PAID),
        "voided": Q(state=rules.State.VOIDED),
    }
    return found.filter(conditions[status]) if status in conditions else found


def _searched(found: QuerySet[models.Invoice], chosen: InvoiceFilter) -> QuerySet[models.Invoice]:
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    if chosen.q:
        found = found.filter(Q(number__icontains=chosen.q) | Q(purchase_order_number__icontains=chosen.q) | Q(original_number__icontains=chosen.q))
    bounds = {
        "due_date__gte": chosen.due_from,
        "due_date__lt": chosen.due_before,
        "issued_at__gte": chosen.created_from,
        "issued_at__lt": chosen.created_before,
    }
    return found.filter(**{name: value for name, value in bounds.items() if value is not None})


def invoice(*, viewer: Viewer, invoice_id: UUID) -> InvoiceView:
    """Open one invoice with its lines and rates. Raises NotAllowed, InvoiceNotFound."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = rows.with_zone(rows.with_open_net(rows.visible(viewer))).filter(id=invoice_id).first()
        if found is None:
            raise InvoiceNotFound(texts.marked("There is no such invoice."))
        row = rows.load([found])[0]
        own = {"customer_id": found.customer_id, "invoice_id": found.id}
        return InvoiceView(
            **{name: getattr(row, name) for name in InvoiceRow.__dataclass_fields__},
            lines=tuple(
                LineView(*line) for line in models.InvoiceLine.objects.filter(**own).order_by("position").values_list(*LineView.__dataclass_fields__)
            ),
            taxes=tuple(
                TaxView(*tax) for tax in models.InvoiceTax.objects.filter(**own).order_by("position").values_list(*TaxView.__dataclass_fields__)
            ),
            frozen=found.frozen,
            document_sha256=found.document_sha256,
            time_zone=str(getattr(found, "time_zone", "UTC")),
        )


def numbers(*, viewer: Viewer, invoice_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Look the numbers of invoices up at once; those out of the viewer's sight are left out."""
    wanted = set(invoice_ids)
    if not wanted:
        return {}
    with scope.of(viewer):
        return dict(rows.visible(viewer).filter(id__in=wanted).values_list("id", "number"))


_SUMMED = (
    "select d.division_id, sum(d.count)::bigint, sum(d.open_minor)::bigint, coalesce(sum(d.count) filter (where d.due_date < %s), 0)::bigint,"
    " coalesce(sum(d.open_minor) filter (where d.due_date < %s), 0)::bigint, min(d.due_date) filter (where d.due_date < %s)"
    " from invoicing_due d where d.customer_id = %s and d.count > 0 and (%s::bigint[] is null or d.division_id = any(%s::bigint[])) group by 1"
)


def summary_by_division(*, viewer: Viewer, today: date, customer_id: int | None = None) -> dict[int, DivisionSummary]:
    """Count and add up the unpaid and overdue invoices of each division that has any, by division id. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    owner_id, seen = viewer.customer_id or customer_id, None if viewer.division_ids is None else sorted(viewer.division_ids)
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(_SUMMED, [today, today, today, owner_id, seen, seen])
        return {row[0]: DivisionSummary(*row) for row in cursor.fetchall()}


def open_amounts_by_division(*, customer_id: int) -> dict[int, tuple[int, int]]:
    """Add up, inside the running scope, what is open on each division's funding invoices and on its others, by division id."""
    funding = Q(kind=rules.Kind.FUNDING)
    sums = (
        models.Invoice.objects.filter(customer_id=customer_id, open_minor__gt=0)
        .values_list("division_id")
        .annotate(funding=Sum("open_minor", filter=funding), owed=Sum("open_minor", filter=~funding))
    )
    return {division_id: (int(funding or 0), int(owed or 0)) for division_id, funding, owed in sums}
