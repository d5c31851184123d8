"""State accounts as accountants read them: statements, what was still open at an instant, and how late it was."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from tallystick_client import requests, shapes
from tallystick_client.money import Money
from tallystick_client.moving import Movement
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """Show what was still to be paid of an invoice."""

    id: str
    number: str
    kind: str
    division_id: str
    issue_date: date
    due_date: date
    open: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Add up by how many days late it was."""

    not_due: Money
    late_1_to_30: Money
    late_31_to_60: Money
    late_61_to_90: Money
    late_over_90: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSums:
    """Add up what was open at an instant; `oldest_due` are the first of it, and `open_invoices.list` goes through all."""

    as_of: datetime
    day: date
    count: int
    open: Money
    ages: Ages
    oldest_due: tuple[OpenInvoice, ...] = shapes.called("data")
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Show what a customer owed, and how late."""

    customer_id: str
    customer_name: str
    open: Money
    ages: Ages


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSum:
    """Add up one kind of movement: what came in and what went out, both above zero."""

    kind: str
    count: int
    came_in: Money
    went_out: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Add up what is not listed one by one."""

    count: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """State an account for its days. The opening balance, `came_in` less `went_out`, and `other_divisions` are the closing balance."""

    division_id: str
    since: date
    until: date
    starts_at: datetime
    ends_at: datetime
    opening_balance: Money
    closing_balance: Money
    came_in: Money
    went_out: Money
    sums: tuple[MovementSum, ...]
    earlier_movements: Rest
    other_divisions: Money
    movements: tuple[Movement, ...]
    unpaid: Money
    unpaid_invoices: tuple[OpenInvoice, ...]
    more_unpaid_invoices: Rest
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyStatement:
    """Show the statement of a month that is over, as it was made once and kept."""

    id: str
    division_id: str
    since: date
    until: date
    opening_balance: Money
    closing_balance: Money
    made_at: datetime


class OpenNarrowed(TypedDict, total=False):
    """Narrow a list of what was open; without `as_of` it is what is open now, `limit` is the size of a page."""

    as_of: datetime
    division: str
    customer: str
    limit: int


class Statements[S](Resource[S]):
    """State accounts."""

    @Call
    def get(self, division_id: str, *, since: date, until: date, customer: str | None = None) -> Request[Statement]:
        """State a division's account for days, both inclusive, of who sells to the customer. Raises Invalid, NotFound."""
        return requests.fetched(requests.at("statements", division_id), Statement, since=since, until=until, customer=customer)

    @Call
    def pdf(self, division_id: str, *, since: date, until: date, customer: str | None = None) -> Request[bytes]:
        """Fetch the same as a PDF. Raises Invalid, NotFound."""
        return requests.downloaded(requests.at("statements", division_id, "pdf"), since=since, until=until, customer=customer)

    @Each
    def monthly(self, *, division: str, customer: str | None = None) -> Listing[MonthlyStatement]:
        """Go through the statements of months that are over, newest first, of ten years at most. Raises NotFound."""
        return requests.listed(requests.at("monthly-statements"), MonthlyStatement, division=division, customer=customer)

    @Call
    def monthly_pdf(self, statement_id: str) -> Request[bytes]:
        """Fetch a monthly statement as it was kept; the event `statement.made` tells its id. Raises NotFound."""
        return requests.downloaded(requests.at("monthly-statements", statement_id, "pdf"))


class OpenInvoices[S](Resource[S]):
    """See what was still to be paid."""

    @Each
    def list(self, **narrowed: Unpack[OpenNarrowed]) -> Listing[OpenInvoice]:
        """Go through what was still to be paid, the oldest due first. Raises Invalid."""
        return requests.listed(requests.at("open-invoices"), OpenInvoice, **narrowed)

    @Call
    def sums(self, *, as_of: datetime | None = None, division: str | None = None, customer: str | None = None) -> Request[OpenSums]:
        """Add up what was still to be paid, by age. Raises Invalid."""
        return requests.fetched(requests.at("open-invoices"), OpenSums, as_of=as_of, division=division, customer=customer)


class Ageing[S](Resource[S]):
    """See who owes what."""

    @Each
    def list(self, *, day: date) -> Listing[Aged]:
        """Go through who owed what and how late when a day ended, by currency and name. For programs of the operator. Raises Invalid."""
        return requests.listed(requests.at("ageing"), Aged, day=day)
