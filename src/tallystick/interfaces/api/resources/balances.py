"""Balances: the figures of the divisions in sight, now or as they were at an instant."""

from datetime import UTC, datetime

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, CreditRule
from tallystick.domain.funds import past, queries
from tallystick.domain.funds.rules import Figures
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import callers, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Money, money
from tallystick.lib import errors, ids

balances = resource.Resource("balance", tag="Balance", prefix="/balance")
RESOURCES = (balances,)


class BalanceAsked(shapes.Shape):
    """Ask for figures, now or of then."""

    as_of: shapes.Moment | None = Field(
        None, description="Figures as they were just before this instant, under the credit terms of then; a statement up to it closes with the same."
    )
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class Balance(shapes.Shape):
    """Show the figures of a division; with shared funds every division shows the customer's. Without a credit limit there is no end to what is available."""

    division_id: str
    as_of: shapes.Instant | None
    balance: Money = Field(description="Funds paid in or credited, less purchases and open holds; may be negative.")
    held: Money = Field(description="Open holds: taken off the balance already.")
    unpaid_invoices: Money = Field(description="What is still to be paid on all invoices, gross.")
    unpaid_purchase_orders: Money = Field(description="The part of it on invoices that bring funds in when they are paid.")
    unapplied_credit: Money = Field(description="Money received that no invoice has used yet; in none of the other figures.")
    credit_rule: CreditRule = Field(description="consumption leaves unpaid purchase orders out of the limit; all_unpaid counts them.")
    limit: Money | None
    used_by_other_divisions: Money
    available: Money | None = Field(description="What may be spent; negative while the limit is overdrawn.")
    movable: Money = Field(description="What is own and free: the most that a transfer may move.")


@balances.reading("", answers=shapes.Listed[Balance])
def list_balances(request: HttpRequest, asked: Query[BalanceAsked]) -> Told:
    """List the figures of every division in sight, by id: now, or as of an instant."""
    found = _found(request, asked)
    return Told(content=shapes.Listed[Balance](rows=[_shown(found[key], asked.as_of) for key in sorted(found)], has_more=False))


@balances.reading("/{division_id}", answers=Balance)
def get_balance(request: HttpRequest, division_id: str, asked: Query[BalanceAsked]) -> Told:
    """Show the figures of one division: now, or as of an instant."""
    figures = _found(request, asked).get(words.division(division_id))
    if figures is None:
        raise errors.NotFound("There is no such division.", code="division_not_found")
    return Told(content=_shown(figures, asked.as_of))


def _found(request: HttpRequest, asked: BalanceAsked) -> dict[int, Figures]:
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.SEE_FINANCES)
    customer = callers.one_customer(request, asked.customer)
    if asked.as_of is None:
        return queries.figures_by_division(viewer=viewer, customer_id=customer)
    if asked.as_of > datetime.now(UTC):
        raise errors.Invalid("This instant is still to come.", code="as_of_ahead", field="?as_of")
    return past.figures_by_division(viewer=viewer, instant=asked.as_of, customer_id=customer)


def _shown(figures: Figures, as_of: datetime | None) -> Balance:
    def amount(minor: int) -> Money:
        return money(minor, figures.currency)

    limit, available = figures.limit_minor, figures.available_minor
    return Balance(
        division_id=ids.public("div", figures.division_id),
        as_of=as_of,
        balance=amount(figures.balance_minor),
        held=amount(figures.held_minor),
        unpaid_invoices=amount(figures.unpaid_minor),
        unpaid_purchase_orders=amount(figures.unpaid_funding_minor),
        unapplied_credit=amount(figures.unapplied_minor),
        credit_rule=CreditRule.ALL_UNPAID if figures.counts_funding else CreditRule.CONSUMPTION,
        limit=None if limit is None else amount(limit),
        used_by_other_divisions=amount(figures.used_by_others_minor),
        available=None if available is None else amount(available),
        movable=amount(figures.movable_minor),
    )
