"""Open invoices: what was still to be paid at an instant, by name and by age; and for the operator who owed what when a day ended."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.invoicing import queries
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.invoicing.queries import dues
from tallystick.interfaces.api.framework import callers, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Day, Money, Shape, money
from tallystick.lib import errors, ids

unpaid = resource.Resource("invoices", tag="Open invoices", prefix="/open-invoices")
ages = resource.Resource("invoices", tag="Open invoices", prefix="/ageing")
RESOURCES = (unpaid, ages)
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


class OpenAsked(shapes.Paged):
    """Ask what was open, now or then; the sums are of all, whatever page is asked for."""

    as_of: shapes.Moment | None = Field(None, description="What was open just before this instant; without it, now.")
    division: str | None = Field(None, max_length=60)
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class AgeingAsked(Shape):
    """Name a day, of which each seller's own end counts."""

    day: Day


class OpenInvoice(Shape):
    """Show an invoice, and what was open of it."""

    id: str
    number: str
    kind: str
    division_id: str
    issue_date: Day
    due_date: Day
    open: Money


class Ages(Shape):
    """Say how late it is, on the day of the legal entity that sells to the customer."""

    not_due: Money
    late_1_to_30: Money
    late_31_to_60: Money
    late_61_to_90: Money
    late_over_90: Money


class OpenInvoices(Shape):
    """Show what was open: all of it in sums, a page of it by name, the oldest due first; the Link header has the addresses of its neighbors."""

    as_of: shapes.Instant
    day: Day = Field(description="The day by which it is late.")
    count: int
    open: Money
    ages: Ages
    rows: Annotated[list[OpenInvoice], Field(serialization_alias="data")]
    has_more: bool


class Aged(Shape):
    """Show what one customer owed."""

    customer_id: str
    customer_name: str
    open: Money
    ages: Ages


@unpaid.reading("", answers=OpenInvoices)
def list_open_invoices(request: HttpRequest, asked: Query[OpenAsked]) -> Told:
    """List what was still to be paid at an instant, the oldest due first, with sums by age: as a statement up to it, and as the balance as of it."""
    rules.permit(callers.of(request).viewer, Act.SEE_FINANCES)
    account = customers.customer(viewer=callers.of(request).viewer, customer_id=callers.one_customer(request, asked.customer))
    now = datetime.now(UTC)
    if asked.as_of is not None and asked.as_of > now:
        raise errors.Invalid("This instant is still to come.", code="as_of_ahead", field="?as_of")
    if asked.as_of is not None and asked.as_of.date() < _FIRST:
        raise errors.Invalid(f"Name an instant from {_FIRST} on.", code="as_of_out_of_range", field="?as_of")
    viewer, at = replace(callers.of(request).viewer, customer_id=account.id), paging.cursor(asked, "inv")
    found = dues.open_as_of(
        viewer=viewer,
        instant=asked.as_of or now + timedelta(days=1),  # what is posted this moment is open now
        division_id=callers.division_id(request, asked.division, account.id),
        most=at.limit,
        after=_place(viewer, at.older_than, "?after"),
        before=_place(viewer, at.newer_than, "?before"),
    )
    page = paging.page(request, found.rows, at, prefix="inv")
    day = ((asked.as_of or now) - timedelta.resolution).astimezone(ZoneInfo(account.time_zone)).date()
    amounts = [0] * len(invoicing.AGES)
    for due, open_minor in found.by_due.items():
        amounts[invoicing.age(due, day)] += open_minor
    content = OpenInvoices(
        as_of=asked.as_of or now,
        day=day,
        count=found.count,
        open=money(found.open_minor, account.currency),
        ages=_ages(amounts, account.currency),
        rows=[show(one, account.currency) for one in page.rows],
        has_more=page.has_more,
    )
    return Told(content=content, headers=page.headers)


@ages.reading("", answers=shapes.Listed[Aged])
def get_ageing(request: HttpRequest, asked: Query[AgeingAsked]) -> Told:
    """Say who owed what and how late when a day ended, by currency and name. For programs of the operator."""
    if not _FIRST <= asked.day <= _LAST:
        raise errors.Invalid(f"Name a day from {_FIRST} to {_LAST}.", code="day_out_of_range", field="?day")
    found = queries.ageing(viewer=callers.of(request).viewer, day=asked.day, now=datetime.now(UTC))
    rows = [
        Aged(
            customer_id=ids.public("cus", one.customer_id),
            customer_name=one.customer_name,
            open=money(one.total_minor, one.currency),
            ages=_ages(one.amounts, one.currency),
        )
        for one in found
    ]
    return Told(content=shapes.Listed[Aged](rows=rows, has_more=False))


def _place(viewer: Viewer, invoice_id: UUID | None, field: str) -> dues.Place | None:
    """Find the place of a cursor's invoice: it may have been paid since the page was read. Raises Invalid."""
    if invoice_id is None:
        return None
    found = dues.place(viewer=viewer, invoice_id=invoice_id)
    if found is None:
        raise errors.Invalid("There is no such invoice.", code="cursor_unknown", field=field)
    return found


def _ages(amounts: list[int] | tuple[int, ...], currency: str) -> Ages:
    not_due, to_30, to_60, to_90, over = (money(one, currency) for one in amounts)
    return Ages(not_due=not_due, late_1_to_30=to_30, late_31_to_60=to_60, late_61_to_90=to_90, late_over_90=over)


def show(one: dues.OpenThen, currency: str) -> OpenInvoice:
    """Show an invoice that was open."""
    return OpenInvoice(
        id=ids.public("inv", one.id),
        number=one.number,
        kind=one.kind,
        division_id=ids.public("div", one.division_id),
        issue_date=one.issue_date,
        due_date=one.due_date,
        open=money(one.open_minor, currency),
    )
