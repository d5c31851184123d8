"""Statements: a division's account for any days, as JSON and as the PDF that the page gives."""

from dataclasses import replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.invoicing.queries import statements
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.statements import queries as months
from tallystick.domain.statements.rules import end_of
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import callers, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Day, Money, Shape, money
from tallystick.interfaces.api.resources import movement_shapes, open_invoices
from tallystick.interfaces.api.resources.movement_shapes import Movement, MovementKind
from tallystick.interfaces.api.resources.open_invoices import OpenInvoice
from tallystick.interfaces.web import places
from tallystick.lib import errors, ids
from tallystick.reactions import stating

stated = resource.Resource("statements", tag="Statements", prefix="/statements")
monthly = resource.Resource("statements", tag="Statements", prefix="/monthly-statements")
RESOURCES = (stated, monthly)
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


class StatementAsked(Shape):
    """Name the days, both inclusive, in the zone of the legal entity that sells to the customer."""

    since: Day
    until: Day
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class Sum(Shape):
    """Add up one kind of movement: what came in and what went out, both above zero."""

    kind: MovementKind
    count: int
    came_in: Money
    went_out: Money


class Rest(Shape):
    """Add up what is not listed one by one."""

    count: int
    amount: Money


class Statement(Shape):
    """State an account: the opening balance, all movements and those of `other_divisions` are the closing balance, which is the balance as of `ends_at`."""

    division_id: str
    since: Day
    until: Day
    starts_at: shapes.Instant = Field(description="When the first day begins.")
    ends_at: shapes.Instant = Field(description="When the last day has ended.")
    opening_balance: Money
    closing_balance: Money
    came_in: Money
    went_out: Money
    sums: list[Sum]
    earlier_movements: Rest = Field(description="The movements of the period before those that are listed; balance-history has them one by one.")
    other_divisions: Money = Field(
        description="What divisions out of the key's sight moved, where they share its funds: in the balances, and in no sum."
    )
    movements: list[Movement] = Field(description="The last of the period, the oldest first.")
    unpaid: Money = Field(description="All that was unpaid when the last day ended.")
    unpaid_invoices: list[OpenInvoice] = Field(description="The oldest due first.")
    more_unpaid_invoices: Rest


@stated.reading("/{division_id}", answers=Statement)
def get_statement(request: HttpRequest, division_id: str, asked: Query[StatementAsked]) -> Told:
    """State a division's account for any days: opening balance, movements, closing balance, and what was unpaid at the end."""
    viewer, account = _seat(request, asked)
    return Told(content=_show(viewer, _stated(viewer, account, division_id, asked)))


@stated.reading("/{division_id}/pdf", answers=None, extra={"x-media": ["application/pdf"]})
def get_statement_pdf(request: HttpRequest, division_id: str, asked: Query[StatementAsked]) -> HttpResponse:
    """Fetch a statement as a PDF, in English."""
    with scope.of(callers.of(request).viewer):
        viewer, account = _seat(request, asked)
        told = _stated(viewer, account, division_id, asked, rows=stating.ROWS, unpaid_rows=stating.ROWS)
        name = customers.division(viewer=viewer, division_id=told.division_id, customer_id=account.id).name
        sheet = stating.sheet(viewer, account, name, told, language="en")
    return _sheet(f"statement-{told.division_id}-{asked.since}-{asked.until}", documents.render("statement", sheet).content)


class MonthsAsked(Shape):
    """Name the division; with shared funds each has the statements of all."""

    division: str = Field(max_length=60)
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class MonthlyStatement(Shape):
    """Show the statement of a month that is over, as it was made once and kept; `division_id` is the division that holds the funds."""

    id: str
    division_id: str
    since: Day
    until: Day
    opening_balance: Money
    closing_balance: Money
    made_at: shapes.Instant


@monthly.reading("", answers=shapes.Listed[MonthlyStatement])
def list_monthly_statements(request: HttpRequest, asked: Query[MonthsAsked]) -> Told:
    """List the monthly statements of a division's funds, newest first, of ten years at most; none for a key that sees some of their divisions only."""
    with scope.of(callers.of(request).viewer):
        viewer, _account = _seat(request, asked)
        try:
            found = months.monthly_statements(viewer=viewer, division_id=words.division(asked.division, field="?division"))
        except errors.NotFound:
            raise errors.NotFound("There is no such division.", code="division_not_found", field="?division") from None
    return Told(content=shapes.Listed[MonthlyStatement](rows=[_month(one) for one in found], has_more=False))


@monthly.reading("/{statement_id}/pdf", answers=None, extra={"x-media": ["application/pdf"]})
def get_monthly_statement_pdf(request: HttpRequest, statement_id: str) -> HttpResponse:
    """Fetch a monthly statement as it was kept, in the customer's language; `statement.made` tells its id."""
    try:
        kept = months.monthly_statement(viewer=callers.of(request).viewer, statement_id=ids.parse("st", statement_id))
    except errors.NotFound:
        raise errors.NotFound("There is no such statement.", code="statement_not_found") from None
    return _sheet(f"statement-{kept.fund_id}-{kept.month:%Y-%m}", kept.content)


def _month(made: months.Made) -> MonthlyStatement:
    return MonthlyStatement(
        id=ids.public("st", made.id),
        division_id=ids.public("div", made.fund_id),
        since=made.month,
        until=end_of(made.month),
        opening_balance=money(made.opening_minor, made.currency),
        closing_balance=money(made.closing_minor, made.currency),
        made_at=made.made_at,
    )


def _sheet(name: str, content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _seat(request: HttpRequest, asked: StatementAsked | MonthsAsked) -> tuple[Viewer, places.Account]:
    """Sit down at the account of the customer that is meant, whose days are those of its legal entity. Raises NotAllowed, NotFound, Invalid."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.SEE_FINANCES)
    account = customers.customer(viewer=viewer, customer_id=callers.one_customer(request, asked.customer))
    return replace(viewer, customer_id=account.id, zone=account.time_zone), account


def _stated(
    viewer: Viewer,
    account: places.Account,
    division_id: str,
    asked: StatementAsked,
    *,
    rows: int = statements.ROWS,
    unpaid_rows: int = statements.UNPAID_ROWS,
) -> statements.Statement:
    for name, day in (("since", asked.since), ("until", asked.until)):
        if not _FIRST <= day <= _LAST:
            raise errors.Invalid(f"Name a day from {_FIRST} to {_LAST}.", code="day_out_of_range", field=f"?{name}")
    if asked.until < asked.since:
        raise errors.Invalid("The last day is before the first.", code="days_reversed", field="?until")
    try:
        return statements.statement(
            viewer=viewer,
            division_id=words.division(division_id),
            since=asked.since,
            until=asked.until,
            separate=account.separate_funds,
            rows=rows,
            unpaid_rows=unpaid_rows,
        )
    except errors.NotFound:
        raise errors.NotFound("There is no such division.", code="division_not_found") from None


def _show(viewer: Viewer, told: statements.Statement) -> Statement:
    def amount(minor: int) -> Money:
        return money(minor, told.currency)

    return Statement(
        division_id=ids.public("div", told.division_id),
        since=told.since,
        until=told.until,
        starts_at=ledger.start_of(told.since, viewer.zone),
        ends_at=ledger.start_of(told.until + timedelta(days=1), viewer.zone),
        opening_balance=amount(told.opening_minor),
        closing_balance=amount(told.closing_minor),
        came_in=amount(told.in_minor),
        went_out=amount(told.out_minor),
        sums=[
            Sum(kind=MovementKind[one.kind.name], count=one.count, came_in=amount(one.in_minor), went_out=amount(one.out_minor)) for one in told.sums
        ],
        earlier_movements=Rest(count=told.earlier_count, amount=amount(told.earlier_minor)),
        other_divisions=amount(told.others_minor),
        movements=[movement_shapes.show(viewer, row, told.currency) for row in told.movements],
        unpaid=amount(told.unpaid_minor),
        unpaid_invoices=[open_invoices.show(one, told.currency) for one in told.unpaid],
        more_unpaid_invoices=Rest(count=told.more_unpaid_count, amount=amount(told.more_unpaid_minor)),
    )
