"""Load invoices as rows with the names of their customers and divisions, within what the viewer sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import models, rules


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """Show one invoice in a table; amounts in minor units, `open_net_minor` is the net part of what is open."""

    id: UUID
    number: str
    kind: str
    state: str
    customer_id: int
    customer_name: str
    division_id: int
    division_name: str
    purchase_order_id: UUID | None
    purchase_order_number: str
    original_number: str
    issue_date: date
    due_date: date
    issued_at: datetime
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    paid_minor: int
    credited_minor: int
    written_off_minor: int
    open_minor: int
    open_net_minor: int
    disputed: bool
    dispute_reason: str
    has_document: bool
    version: int

    def is_overdue(self, today: date) -> bool:
        """Tell whether something is open after the due day has passed."""
        return rules.is_overdue(self.due_date, open_minor=self.open_minor, today=today)


@dataclass(frozen=True, slots=True)
class Names:
    """Carry the names that a page of one customer has looked up already: the customer's, and its divisions' by id."""

    customer: str
    divisions: Mapping[int, str]


_COPIED = [name for name in InvoiceRow.__dataclass_fields__ if name not in {"customer_name", "division_name", "open_net_minor", "has_document"}]


def visible(viewer: Viewer, customer_id: int | None = None) -> QuerySet[models.Invoice]:
    """Narrow to what the viewer sees: its customer, and of that its divisions."""
    rows = models.Invoice.objects.all()
    owner = viewer.customer_id or customer_id
    if owner is not None:
        rows = rows.filter(customer_id=owner)
    return rows if viewer.division_ids is None else rows.filter(division_id__in=sorted(viewer.division_ids))


def with_open_net(rows: QuerySet[models.Invoice]) -> QuerySet[models.Invoice]:
    """Add the net part of what is open."""
    parts = models.InvoiceTax.objects.filter(customer_id=OuterRef("customer_id"), invoice_id=OuterRef("id")).order_by().values("invoice_id")
    return rows.annotate(open_net_minor=Coalesce(Subquery(parts.annotate(sum=Sum("open_net_minor")).values("sum")), 0))


def with_zone(rows: QuerySet[models.Invoice]) -> QuerySet[models.Invoice]:
    """Add the zone of the legal entity: its day says what is overdue."""
    sellers = customers.Customer.objects.filter(id=OuterRef(OuterRef("customer_id"))).values("legal_entity_id")
    return rows.annotate(time_zone=Subquery(customers.LegalEntity.objects.filter(id__in=sellers).values("time_zone")))


def load(rows: Iterable[models.Invoice], *, names: Names | None = None) -> list[InvoiceRow]:
    """Make rows with names: those that the caller knows already, else two questions for all of them."""
    found = list(rows)
    if names is not None:
        return [row_of(row, names.customer, names.divisions.get(row.division_id, "")) for row in found]
    named = customer_names({row.customer_id for row in found})
    divisions = division_names({row.division_id for row in found})
    return [row_of(row, named[row.customer_id], divisions[row.division_id]) for row in found]


def row_of(row: models.Invoice, customer_name: str, division_name: str) -> InvoiceRow:
    """Make one row."""
    return InvoiceRow(
        customer_name=customer_name,
        division_name=division_name,
        open_net_minor=int(getattr(row, "open_net_minor", 0)),
        has_document=bool(row.document_sha256),
        **{name: getattr(row, name) for name in _COPIED},
    )


def customer_names(wanted: Iterable[int]) -> dict[int, str]:
    """Look the names of customers up."""
    return dict(customers.Customer.objects.filter(id__in=sorted(wanted)).values_list("id", "name"))


def division_names(wanted: Iterable[int]) -> dict[int, str]:
    """Look the names of divisions up."""
    return dict(customers.Division.objects.filter(id__in=sorted(wanted)).values_list("id", "name"))


def in_order(rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
    """Order as money is asked for: oldest due first, then as issued."""
    return sorted(rows, key=lambda row: (row.due_date, row.id))
