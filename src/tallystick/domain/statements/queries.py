"""Ask which monthly statements are missing, and for those that were made."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, owner, permit, permit_division
from tallystick.domain.funds import histories
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing.queries import kept
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.statements import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

_MOST = 120
"""Ten years of months."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Name a fund whose month has no statement yet, and the zone by whose days the month counts."""

    customer_id: int
    fund_id: int
    month: date
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Show a monthly statement; balances in minor units."""

    id: UUID
    fund_id: int
    month: date
    currency: str
    opening_minor: int
    closing_minor: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold a monthly statement's document, and whose month it is."""

    fund_id: int
    month: date
    content: bytes


_SHOWN = ("id", "fund_id", "month", "currency", "opening_minor", "closing_minor", "made_at")


def unstated(*, now: datetime, limit: int) -> list[Missing]:
    """List for the worker, over all customers, the funds whose last month has no statement; at most `limit` of each legal entity."""
    found: list[Missing] = []
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        for entity in customers.legal_entities():
            month = rules.last_month(now.astimezone(ZoneInfo(entity.time_zone)).date())
            until = ledger.start_of(rules.end_of(month) + timedelta(days=1), entity.time_zone)
            cursor.execute("select customer_id, fund_id from statements_unstated(%s, %s, %s, %s)", [entity.pk, month, until, limit])
            found += [Missing(customer_id, fund_id, month, entity.time_zone) for customer_id, fund_id in cursor.fetchall()]
    return found


def monthly_statements(*, viewer: Viewer, division_id: int) -> list[Made]:
    """List the monthly statements of the fund that serves a division, newest first.

    None for who does not see all divisions of that fund: a kept document has the movements of all. Raises NotAllowed, NotFound.
    """
    with scope.of(viewer):
        fund_id = _fund(viewer, division_id)
        if fund_id is None:
            return []
        rows = models.MonthlyStatement.objects.filter(customer_id=owner(viewer), fund_id=fund_id).order_by("-month").values_list(*_SHOWN)
        return [Made(**dict(zip(_SHOWN, row, strict=True))) for row in rows[:_MOST]]


def monthly_document(*, viewer: Viewer, division_id: int, month: date) -> bytes:
    """Give the document of a month. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        fund_id = _fund(viewer, division_id)
        found = models.MonthlyStatement.objects.filter(customer_id=owner(viewer), fund_id=fund_id, month=month).first() if fund_id else None
        if found is None:
            raise errors.NotFound(texts.marked("There is no statement of this month."))
        return kept.document_of(customer_id=found.customer_id, subject_id=found.id)


def monthly_statement(*, viewer: Viewer, statement_id: UUID) -> Kept:
    """Open a monthly statement with its document; for who sees all divisions of its fund. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        permit(viewer, Act.SEE_FINANCES)
        row = models.MonthlyStatement.objects.filter(id=statement_id).first()
        if row is None or histories.sight(viewer=viewer, customer_id=row.customer_id, fund_id=row.fund_id) is not None:
            raise errors.NotFound(texts.marked("There is no statement of this month."))
        return Kept(row.fund_id, row.month, kept.document_of(customer_id=row.customer_id, subject_id=row.id))


def _fund(viewer: Viewer, division_id: int) -> int | None:
    permit(viewer, Act.SEE_FINANCES)
    permit_division(viewer, division_id)
    customer_id = owner(viewer)
    fund_id = funds.fund_of(customer_id=customer_id, division_id=division_id)
    return fund_id if histories.sight(viewer=viewer, customer_id=customer_id, fund_id=fund_id) is None else None
