"""Hand numbers out without gap or double, also to many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connections

from domain.invoicing import trade
from domain.invoicing.trade import ABE, ADA, CLEO, NOW
from tallystick.domain.invoicing import operations, queries, rules
from tallystick.domain.invoicing.operations import numbers
from tallystick.domain.purchasing import operations as purchasing
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids


def taken(world: trade.Trade, year: int) -> str:
    with scope.of(ABE):
        return numbers.take(
            legal_entity_id=world.legal_entity_id,
            kind=rules.SeriesKind.CREDIT_NOTE,
            year=year,
            customer_id=world.customer_id,
            document_id=ids.new(),
        )


def test_a_pattern_with_a_year_starts_anew_with_it_and_never_goes_back() -> None:
    world = trade.open_trade()
    assert [taken(world, year) for year in (2026, 2026, 2027, 2026)] == ["CN-2026-00001", "CN-2026-00002", "CN-2027-00001", "CN-2027-00002"]
    evidence = [
        row
        for row in queries.number_evidence(viewer=CLEO, legal_entity_ids=[world.legal_entity_id])[world.legal_entity_id]
        if row.kind == "credit_note"
    ]
    assert [(row.year, row.count, row.is_gapless) for row in evidence] == [(2026, 2, True), (2027, 2, True)]


@pytest.mark.parametrize(
    ("pattern", "number", "text"),
    [("INV-{year}-{number:05}", 7, "INV-2026-00007"), ("{number}", 12, "12"), ("R{number:03}/{year}", 1234, "R1234/2026")],
)
def test_a_number_is_written_by_its_pattern(pattern: str, number: int, text: str) -> None:
    with scope.of(ADA), scope.cursor() as cursor:
        cursor.execute("select invoicing_number_text(%s, 2026, %s)", [pattern, number])
        assert cursor.fetchone() == (text,)


@pytest.mark.parametrize("pattern", ["", "INV", "{number}{number}", "{year}", "{number:05", "{other}{number}", "x" * 80 + "{number}"])
def test_a_pattern_without_exactly_one_number_is_refused(pattern: str) -> None:
    world = trade.open_trade()
    with pytest.raises(operations.SeriesInvalid):
        operations.set_series(viewer=ADA, legal_entity_id=world.legal_entity_id, kind=rules.SeriesKind.INVOICE, pattern=pattern, year=2026)


def fail_after_issuing(world: trade.Trade) -> None:
    line = rules.Line(description="x", quantity=Decimal(1), unit_price_minor=100, percent_millionths=0)
    draft = operations.InvoiceDraft(customer_id=world.customer_id, division_id=world.top_id, lines=(line,))
    with scope.of(ABE):
        operations.issue_funding_invoice(viewer=ABE, draft=draft, today=trade.TODAY, now=NOW)
        raise ZeroDivisionError


def test_a_failed_issue_leaves_no_gap() -> None:
    world = trade.open_trade()
    first = world.approved("10.00")
    with pytest.raises(ZeroDivisionError):
        fail_after_issuing(world)
    assert (first.number, world.approved("10.00").number) == ("INV-2026-00001", "INV-2026-00002")


def test_the_zone_of_the_legal_entity_decides_the_day() -> None:
    world = trade.open_trade(time_zone="Pacific/Auckland")
    order = purchasing.submit_purchase_order(viewer=world.dana, order=world.draft(), now=NOW)
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    invoice = purchasing.approve_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, now=late)
    assert (invoice.issue_date.isoformat(), invoice.due_date.isoformat(), invoice.number) == ("2027-01-01", "2027-01-31", "INV-2027-00001")


def test_without_a_series_nothing_is_issued() -> None:
    world = trade.open_trade()
    with scope.of(ABE), pytest.raises(errors.Conflict):
        operations.preview(legal_entity_id=-1, kind=rules.SeriesKind.INVOICE, year=2026)
    assert operations.SeriesMissing.code == "series_missing"
    assert world.figures().unpaid_minor == 0


@pytest.mark.slow
def test_a_hundred_approvals_at_once_on_one_series_are_gapless() -> None:
    worlds = [trade.open_trade()]
    worlds += [trade.open_trade(legal_entity_id=worlds[0].legal_entity_id) for _ in range(4)]
    orders = [purchasing.submit_purchase_order(viewer=world.dana, order=world.draft("10.00"), now=NOW) for world in worlds for _ in range(20)]
    gate = threading.Barrier(16)

    def approve(share: int) -> list[str]:
        gate.wait()
        try:
            return [
                purchasing.approve_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, now=NOW).number
                for order in orders[share::16]
            ]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        handed_out = sorted(number for share in pool.map(approve, range(16)) for number in share)
    assert handed_out == [f"INV-2026-{number:05}" for number in range(1, 101)]
    legal_entity_id = worlds[0].legal_entity_id
    [evidence] = queries.number_evidence(viewer=CLEO, legal_entity_ids=[legal_entity_id])[legal_entity_id]
    assert (evidence.count, evidence.is_gapless) == (100, True)


def test_one_order_approved_by_many_at_once_makes_one_invoice() -> None:
    world = trade.open_trade()
    order = purchasing.submit_purchase_order(viewer=world.dana, order=world.draft("10.00"), now=NOW)

    def approve(_: int) -> str:
        try:
            return purchasing.approve_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, now=NOW).number
        except purchasing.OrderDecided:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(approve, range(8)))[-2:] == ["", "INV-2026-00001"]


def test_sixteen_payments_at_once_never_overpay_an_invoice() -> None:
    world = trade.open_trade()
    invoice = world.approved("100.00")

    def pay(_: int) -> int:
        try:
            return world.pay(invoice, 1_000).split.gross_minor
        except errors.Conflict:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        paid_minor = sum(pool.map(pay, range(32)))
    now = world.invoice(invoice)
    assert (paid_minor, now.paid_minor, now.open_minor) == (11_000, 11_000, 900)
    assert world.figures().unpaid_minor == 900
    world.pay(invoice, 900)
    assert world.figures().balance_minor == 10_000
