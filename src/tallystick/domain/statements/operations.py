"""Keep the statement of a month."""

from collections.abc import Sequence
from datetime import date, datetime

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import operations as events
from tallystick.domain.invoicing.operations import keeping
from tallystick.domain.invoicing.queries.statements import Statement
from tallystick.domain.statements import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, money


@scope.retrying
def keep_statement(*, customer_id: int, month: date, told: Statement, content: bytes, replaced: Sequence[str] = (), now: datetime) -> bool:
    """Keep a fund's month with its document, once, and record that it was made; False where another worker was quicker. Runs as the worker."""
    assert told.since == month == month.replace(day=1), "a month is stated from its first day"
    placed = keeping.place(content)
    viewer = customers.system(customer_id)
    with scope.of(viewer):
        if models.MonthlyStatement.objects.filter(customer_id=customer_id, fund_id=told.division_id, month=month).exists():
            return False
        row = models.MonthlyStatement(customer_id=customer_id, fund_id=told.division_id, month=month, currency=told.currency, made_at=now)
        row.opening_minor, row.closing_minor = told.opening_minor, told.closing_minor
        row.save(force_insert=True)
        keeping.keep_for(customer_id=customer_id, subject_id=row.id, placed=placed, replaced=replaced, now=now)
        events.record(customer_id=customer_id, kind=rules.MADE, subject_id=ids.public("st", row.id), facts=_facts(row), viewer=viewer)
    return True


def _facts(row: models.MonthlyStatement) -> dict[str, object]:
    return {
        "month": f"{row.month:%Y-%m}",
        "division_id": ids.public("div", row.fund_id),
        "currency": row.currency,
        "opening": money.text(row.opening_minor, row.currency),
        "closing": money.text(row.closing_minor, row.currency),
    }
