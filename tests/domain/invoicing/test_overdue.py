"""An invoice is told to be overdue once, on the day after its due day where its legal entity is."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import given
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

DUE = given.TODAY + timedelta(days=30)
ALL = 1_000_000


def told(acme: given.Customer, invoice_id: UUID) -> list[dict[str, object]]:
    with scope.of(acme.viewer()):
        found = events.of_subject(customer_id=acme.customer_id, subject_id=ids.public("inv", invoice_id))
    return [row.facts for row in found if row.kind == "invoice.overdue"]


def look(acme: given.Customer, now: datetime) -> list[UUID]:
    """Run what the worker runs, for one customer; give the invoices that were asked about."""
    asked = []
    for today, customer_id, invoice_ids in queries.overdue_untold(now=now, limit=ALL):
        if customer_id == acme.customer_id:
            asked += invoice_ids
            operations.tell_overdue(customer_id=customer_id, invoice_ids=invoice_ids, today=today, now=now)
    return asked


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 0), ("America/Los_Angeles", 8), ("Pacific/Auckland", -13)])
def test_it_is_told_when_the_day_is_over_where_the_seller_is(zone: str, hour: int) -> None:
    """Midnight behind the due day, in UTC: 08:00 for Los Angeles in December, 11:00 of the due day itself for Auckland."""
    acme = given.customer(legal_entity_id=given.legal_entity(time_zone=zone))
    invoice_id = acme.issue((10_000, "0"))
    midnight = datetime.combine(DUE + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=hour)
    assert look(acme, midnight - timedelta(seconds=1)) == []
    assert look(acme, midnight) == [invoice_id]
    (facts,) = told(acme, invoice_id)
    assert (facts["due_date"], facts["open"], facts["currency"]) == (DUE.isoformat(), "100.00", "USD")


def test_twice_tells_nothing_twice() -> None:
    acme = given.customer()
    invoice_id = acme.issue((10_000, "0"))
    late = given.NOW + timedelta(days=40)
    assert look(acme, late) == [invoice_id]
    assert look(acme, late + timedelta(days=1)) == []
    again = operations.tell_overdue(customer_id=acme.customer_id, invoice_ids=[invoice_id], today=late.date(), now=late)
    assert (again, len(told(acme, invoice_id))) == (0, 1)


def test_two_workers_at_once_tell_it_once() -> None:
    acme = given.customer()
    invoice_id = acme.issue((10_000, "0"))
    late = given.NOW + timedelta(days=40)

    def tell() -> int:
        return operations.tell_overdue(customer_id=acme.customer_id, invoice_ids=[invoice_id], today=late.date(), now=late)

    assert sorted(map(str, given.in_threads([tell] * 8))) == ["0"] * 7 + ["1"]
    assert len(told(acme, invoice_id)) == 1


def test_what_was_paid_meanwhile_or_is_not_due_is_not_told() -> None:
    acme = given.customer()
    paid, due = acme.issue((10_000, "0")), acme.issue((10_000, "0"))
    acme.record(10_000, (paid, 10_000))
    assert operations.tell_overdue(customer_id=acme.customer_id, invoice_ids=[paid], today=DUE + timedelta(days=9), now=given.NOW) == 0
    assert operations.tell_overdue(customer_id=acme.customer_id, invoice_ids=[due], today=DUE, now=given.NOW) == 0
    assert told(acme, paid) == told(acme, due) == []
