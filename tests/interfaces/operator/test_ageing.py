"""Age what is owed: the five ages at their edges, as of a past day by the journal, per customer and in sum, on the page and as CSV."""

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

import given
from interfaces.operator.operating import INSTALLER, Town, sent
from tallystick.domain.customers import queries as known
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries, rules
from tallystick.domain.invoicing.rules import Kind
from tallystick.lib import ids

DUE = date(2026, 11, 22)


@pytest.mark.parametrize(("late_days", "age"), [(-30, 0), (-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4000, 4)])
def test_the_edges_of_the_ages(late_days: int, age: int) -> None:
    """The due day itself is not late; day 30 is of the first age, day 31 of the second."""
    assert rules.age(DUE, DUE + timedelta(days=late_days)) == age


def _of(customer_id: int, day: date) -> queries.Aged | None:
    rows = queries.ageing(viewer=INSTALLER, day=day, now=timezone.now())
    return next((row for row in rows if row.customer_id == customer_id), None)


def test_todays_sum_is_what_the_figures_say_and_yesterdays_was_nothing(town: Town) -> None:
    """An invoice of 1,000.00 of today, half of it paid: 500.00 not due; yesterday nothing was owed."""
    customer_id = town.customer("Aged")
    invoice = town.invoice(customer_id, f"AG-{uuid.uuid4().hex[:6]}")
    paid = {"method": "cheque", "amount": "400.00", "received_date": timezone.localdate().isoformat(), "reference": f"A {uuid.uuid4()}"}
    answer = sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **paid, **{ids.public("inv", invoice.id): "400.00"})
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
    today = timezone.localdate()
    aged = _of(customer_id, today)
    assert aged is not None
    assert aged.amounts == (60_000, 0, 0, 0, 0)
    exposure = funds.exposures(viewer=INSTALLER, customer_ids=[customer_id])[customer_id]
    assert aged.total_minor == exposure.unpaid_minor
    assert _of(customer_id, today - timedelta(days=1)) is None


def test_the_past_is_reckoned_by_the_journal(town: Town) -> None:
    """As of a day before the payment, what was paid since was still owed; asked of now, the journal's part is empty."""
    customer_id = town.customer("Past")
    top_id = known.divisions(viewer=INSTALLER, customer_id=customer_id)[0].id
    given.Customer(customer_id, top_id, 0, town.entity_id).issue((5_000, "0"), kind=Kind.AMOUNT_OWED)  # type: ignore[arg-type]
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    rows = queries.ageing(viewer=INSTALLER, day=timezone.localdate(), now=tomorrow)
    aged = next(row for row in rows if row.customer_id == customer_id)
    assert aged.total_minor == 5_000, "seen from the day after tomorrow, today is the past"


def test_the_page_and_its_file_say_the_same(town: Town) -> None:
    """Every customer stands in the file with plain decimals; a name that is a formula is none there; the page asks little."""
    customer_id = town.customer("=1+2")
    town.invoice(customer_id, f"AF-{uuid.uuid4().hex[:6]}")
    town.auditor.get(reverse("operator-ageing"))
    with CaptureQueriesContext(connections["operator"]) as asked:
        page = town.auditor.get(reverse("operator-ageing"))
    assert page.status_code == 200
    assert "1,000.00" in page.content.decode()
    assert len(asked) <= 12, [one["sql"][:100] for one in asked.captured_queries]
    answer = town.auditor.get(reverse("operator-ageing"), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    row = next(row for row in rows if row[0] == ids.public("cus", customer_id))
    assert row[1].startswith("'=1+2")
    assert row[2:] == ["USD", "1000.00", "0.00", "0.00", "0.00", "0.00", "1000.00"]


@pytest.mark.parametrize("day", ["2999-01-01", "x", "2026-02-30", "0001-01-01", ""])
def test_a_day_that_is_none_counts_as_today(town: Town, day: str) -> None:
    """The field says today again."""
    page = town.auditor.get(reverse("operator-ageing"), {"day": day})
    assert page.status_code == 200
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in page.content.decode()
