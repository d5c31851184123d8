"""Read what is unpaid as Pay Invoice shows it: a page of rows, sums over all that was asked for, and rows by their ids; never all rows at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.invoicing import models, rules
from tallystick.domain.invoicing.queries import dues, rows
from tallystick.domain.invoicing.queries.rows import InvoiceRow, Names
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Say which unpaid invoices: of one division or of all in sight, due between two days (inclusive), `text` in one of its numbers."""

    division_id: int | None = None
    text: str = ""
    due_from: date | None = None
    due_to: date | None = None


@dataclass(frozen=True, slots=True)
class UnpaidSum:
    """Add up unpaid invoices of one division that bring funds, or that do not: how many, what is open, and the net part of it."""

    division_id: int
    is_funding: bool
    count: int
    open_minor: int
    open_net_minor: int


def unpaid_sums(*, viewer: Viewer, narrowed: Narrowed) -> list[UnpaidSum]:
    """Add up all that was asked for, by division and whether it brings funds; without a text from the kept sums of days. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        if narrowed.text:
            return _searched_sums(viewer, narrowed)
        return added_up([row for row in dues.dues(viewer=viewer) if _is_asked(row, narrowed)])


def added_up(found: Iterable[dues.Due]) -> list[UnpaidSum]:
    """Add days up."""
    sums: dict[tuple[int, bool], list[int]] = {}
    for row in found:
        one = sums.setdefault((row.division_id, row.is_funding), [0, 0, 0])
        one[0] += row.count
        one[1] += row.open_minor
        one[2] += row.open_net_minor
    return [UnpaidSum(*key, *amounts) for key, amounts in sums.items()]


def unpaid_page(*, viewer: Viewer, narrowed: Narrowed, names: Names, after: UUID | None = None, limit: int) -> list[InvoiceRow]:
    """List some, oldest due first, from behind an invoice on. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = _asked(viewer, narrowed)
        begin = models.Invoice.objects.filter(customer_id=owner(viewer), id=after).values_list("due_date", flat=True).first() if after else None
        if begin is not None:
            found = found.filter(due_date__gte=begin).exclude(due_date=begin, id__lte=after)
        return rows.load(rows.with_open_net(found.defer("frozen")).order_by("due_date", "id")[:limit], names=names)


def unpaid_named(*, viewer: Viewer, narrowed: Narrowed, names: Names, invoice_ids: Iterable[UUID]) -> list[InvoiceRow]:
    """List those of these invoices that are among what was asked for, oldest due first. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    wanted = list(invoice_ids)
    if not wanted:
        return []
    with scope.of(viewer):
        found = rows.with_open_net(_asked(viewer, narrowed).filter(id__in=wanted).defer("frozen"))
        return rows.load(found.order_by("due_date", "id"), names=names)


def has_amount_owed(*, viewer: Viewer, narrowed: Narrowed) -> bool:
    """Tell whether an amount owed, which the balance may pay, is among what was asked for. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return _asked(viewer, narrowed).filter(kind=rules.Kind.AMOUNT_OWED).exists()


def _is_asked(row: dues.Due, narrowed: Narrowed) -> bool:
    if narrowed.division_id not in {None, row.division_id}:
        return False
    return (narrowed.due_from is None or row.due_date >= narrowed.due_from) and (narrowed.due_to is None or row.due_date <= narrowed.due_to)


def _asked(viewer: Viewer, narrowed: Narrowed) -> QuerySet[models.Invoice]:
    found = rows.visible(viewer).filter(open_minor__gt=0)
    if narrowed.division_id is not None:
        found = found.filter(division_id=narrowed.division_id)
    if narrowed.due_from is not None:
        found = found.filter(due_date__gte=narrowed.due_from)
    if narrowed.due_to is not None:
        found = found.filter(due_date__lte=narrowed.due_to)
    if narrowed.text:
        sought = narrowed.text
        found = found.filter(Q(number__icontains=sought) | Q(purchase_order_number__icontains=sought) | Q(original_number__icontains=sought))
    return found


def _searched_sums(viewer: Viewer, narrowed: Narrowed) -> list[UnpaidSum]:
    is_funding = Case(When(kind=rules.Kind.FUNDING, then=1), default=0, output_field=IntegerField())
    found = rows.with_open_net(_asked(viewer, narrowed)).values("division_id", funding=is_funding)
    summed = found.annotate(n=Count("id"), open=Sum("open_minor"), net=Coalesce(Sum(F("open_net_minor")), 0))
    return [UnpaidSum(one["division_id"], bool(one["funding"]), one["n"], int(one["open"]), int(one["net"])) for one in summed]
