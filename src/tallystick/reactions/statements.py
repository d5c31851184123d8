"""State the last month of every fund, once its legal entity's month has ended."""

from dataclasses import replace

from django.utils import timezone

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.invoicing.queries import statements
from tallystick.domain.statements import operations, queries
from tallystick.domain.statements.rules import end_of
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.reactions import stating

_MOST = 20
"""So many at a time, so that the turn of a month holds nothing else up; the next ones a minute later."""


def state_months() -> None:
    """Make what is missing, one fund after the other; run by the clock each minute, and whoever runs it a second time finds it made."""
    for missing in queries.unstated(now=timezone.now(), limit=_MOST):
        _state(missing)


def _state(missing: queries.Missing) -> None:
    viewer = replace(rules.system(missing.customer_id), zone=missing.zone)
    with scope.of(viewer):
        account = customers.customer(viewer=viewer, customer_id=missing.customer_id)
        division = customers.division(viewer=viewer, division_id=missing.fund_id, customer_id=missing.customer_id)
        told = statements.statement(
            viewer=viewer,
            division_id=missing.fund_id,
            since=missing.month,
            until=end_of(missing.month),
            separate=account.separate_funds,
            rows=stating.ROWS,
            unpaid_rows=stating.ROWS,
        )
        sheet = stating.sheet(viewer, account, division.name, told, language=account.locale)
    drawn = documents.render("statement", sheet)  # outside of the transaction: it takes a while
    operations.keep_statement(
        customer_id=missing.customer_id, month=missing.month, told=told, content=drawn.content, replaced=drawn.replaced, now=timezone.now()
    )
