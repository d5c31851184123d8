"""Page through invoices by every key, without a gap or a double; and see in PostgreSQL's plan that nothing is sorted that is not shown."""

import importlib.util
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from domain.invoicing import trade
from domain.invoicing.trade import TODAY, Trade
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import queries
from tallystick.domain.invoicing.queries import listing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import keyset, scope
from tallystick.lib import errors

BENCH = Path(__file__).parents[3] / "bench"
MANY = 30_000


@pytest.fixture(scope="module")
def northwind() -> Trade:
    """Seven invoices: two paid, one part paid, the amounts in no order."""
    world = trade.open_trade(percent="0")
    made = [world.approved(amount) for amount in ("700.00", "100.00", "500.00", "300.00", "300.00", "300.00", "200.00")]
    world.pay(made[0], 70_000)
    world.pay(made[1], 10_000)
    world.pay(made[2], 20_000)
    return world


def listed(world: Trade, viewer: Viewer | None = None, **narrowed: object) -> list[queries.InvoiceRow]:
    """Walk all pages of two rows."""
    asked = queries.Listing(division_ids=[world.top_id], **narrowed)  # type: ignore[arg-type]
    rows: list[queries.InvoiceRow] = []
    while True:
        page = queries.listed(viewer=viewer or world.dana, listing=asked, today=TODAY, after=rows[-1].id if rows else None, limit=2)
        rows += page.rows
        if not page.has_more:
            return rows


@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize("sort", list(queries.Sort))
def test_pages_hold_each_row_once_and_in_order(northwind: Trade, sort: queries.Sort, *, is_descending: bool) -> None:
    """Four pages give seven rows, also where three have the same amount."""
    rows = listed(northwind, sort=sort, is_descending=is_descending)
    keys = [(getattr(row, listing.COLUMNS[sort]), row.id) for row in rows]
    assert len({row.id for row in rows}) == len(rows) == 7
    assert keys == sorted(keys, reverse=is_descending)


@pytest.mark.parametrize(
    ("narrowed", "amounts"),
    [
        ({"status": "paid"}, [70_000, 10_000]),
        ({"status": "unpaid"}, [50_000, 30_000, 30_000, 30_000, 20_000]),
        ({"status": "overdue"}, []),
        ({"status": "voided"}, []),
        ({"least_minor": 20_000, "most_minor": 30_000}, [30_000, 30_000, 30_000, 20_000]),
        ({"least_minor": 70_001}, []),
        ({"due_to": TODAY}, []),
        ({"issued_from": TODAY, "issued_to": TODAY, "status": "paid"}, [70_000, 10_000]),
    ],
)
def test_filters_leave_what_they_say(northwind: Trade, narrowed: dict[str, object], amounts: list[int]) -> None:
    """State, amounts and days narrow, ends included; the tally says the same."""
    rows = listed(northwind, sort=queries.Sort.AMOUNT, **narrowed)
    assert [row.gross_minor for row in rows] == amounts
    told = queries.tally(viewer=northwind.dana, listing=queries.Listing(division_ids=[northwind.top_id], **narrowed), today=TODAY)  # type: ignore[arg-type]
    assert (told.count, told.sum_minor) == (len(rows), sum(row.open_minor for row in rows))


def test_a_text_finds_the_beginning_and_the_end_of_a_number(northwind: Trade) -> None:
    """The number's end, the order's number in other letters; nothing else."""
    every = listed(northwind, is_descending=False)
    wanted = every[3]
    assert wanted.id in {row.id for row in listed(northwind, text=wanted.number[-5:])}
    assert [row.id for row in listed(northwind, text=wanted.number.lower())] == [wanted.id]
    assert [row.id for row in listed(northwind, text=wanted.purchase_order_number.lower())] == [wanted.id]
    assert listed(northwind, text="nothing%_like it") == []


def test_many_hits_are_walked_and_few_are_looked_up(northwind: Trade) -> None:
    """Both ways give the same rows."""
    with scope.of(northwind.dana):
        asked = listing.keyset_of(northwind.dana, queries.Listing(division_ids=[northwind.top_id]), TODAY)
        found = [keyset.ids(keyset.searched(asked, listing._TEXTS, "inv-", most=most), limit=9) for most in (1, 1000)]
    assert found[0] == found[1]
    assert len(found[0]) == 7


def test_another_customer_and_another_division_are_out_of_sight(northwind: Trade) -> None:
    """A listing of somebody else's division is refused, and shows nothing where it is not."""
    other = trade.open_trade()
    assert queries.listed(viewer=other.dana, listing=queries.Listing(division_ids=[northwind.top_id]), today=TODAY).rows == []
    restricted = Viewer(
        kind=other.dana.kind, name="R", person_id=5, customer_id=northwind.customer_id, role=other.dana.role, division_ids=frozenset({1})
    )
    with pytest.raises(errors.NotFound):
        listed(northwind, viewer=restricted)


def test_orders_are_paged_and_filtered_too(northwind: Trade) -> None:
    """Seven approved orders by amount, upwards; a number's end finds its order."""
    asked = purchasing.Listing(division_ids=[northwind.top_id], state="approved", sort=purchasing.Sort.AMOUNT, is_descending=False)
    first = purchasing.listed(viewer=northwind.dana, listing=asked, limit=4)
    rest = purchasing.listed(viewer=northwind.dana, listing=asked, after=first.rows[-1].id, limit=4)
    assert [row.gross_minor for row in first.rows + rest.rows] == [10_000, 20_000, 30_000, 30_000, 30_000, 50_000, 70_000]
    assert (first.has_more, rest.has_more) == (True, False)
    assert purchasing.tally(viewer=northwind.dana, listing=asked) == keyset.Tally(7, 240_000)
    assert purchasing.listed(viewer=northwind.dana, listing=purchasing.Listing(division_ids=[northwind.top_id])).rows == []
    one = first.rows[0]
    found = purchasing.listed(
        viewer=northwind.dana, listing=purchasing.Listing(division_ids=[northwind.top_id], state="all", text=one.number.lower())
    )
    assert [row.id for row in found.rows] == [one.id]


@pytest.fixture(scope="module")
def crowded(northwind: Trade, database: dict[str, str]) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Sit in a transaction, never committed, in which the customer has many invoices, as the role of the pages."""
    million = _bench("million")
    with psycopg.connect(database["superuser"]) as connection:
        million.fill(connection, customer_id=northwind.customer_id, division_id=northwind.top_id, count=MANY)
        connection.execute("set local role tallystick_web")
        connection.execute("select set_config('tallystick.customer_id', %s, true)", [str(northwind.customer_id)])
        yield connection
        connection.rollback()


def _bench(name: str) -> types.ModuleType:
    for stand_in in ("figures", "pages", "world"):  # the bench's own neighbors, which this test needs nothing of
        sys.modules.setdefault(stand_in, types.SimpleNamespace(Figures=object, Running=object))  # type: ignore[arg-type]
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nodes(plan: dict[str, object]) -> Iterator[dict[str, object]]:
    """Walk a plan."""
    yield plan
    for below in plan.get("Plans", []):  # type: ignore[attr-defined]
        yield from nodes(below)


def walked(connection: psycopg.Connection[tuple[object, ...]], sql: str, values: list[object]) -> tuple[int, list[str]]:
    """Run a statement; give how many rows any node looked at, and what went through the table without an index."""
    row = connection.execute(f"explain (analyze, timing off, format json) {sql}", values).fetchone()
    assert row is not None
    found = list(nodes((row[0] if isinstance(row[0], list) else json.loads(str(row[0])))[0]["Plan"]))
    most = max(int(str(node["Actual Rows"]).split(".")[0]) + int(float(str(node.get("Rows Removed by Filter", 0)))) for node in found)
    return most, [
        str(node["Node Type"]) for node in found if node["Node Type"] == "Seq Scan" and node.get("Relation Name", "").endswith(("invoice", "order"))
    ]  # type: ignore[attr-defined]


_WALKS = [(sort, status) for sort in queries.Sort for status in ("", "unpaid", "paid")] + [(queries.Sort.DUE, "overdue")]
"""The overdue, sorted by anything else, are the planner's choice: along that key, or by their due dates."""


@pytest.mark.parametrize("is_descending", [True, False])
@pytest.mark.parametrize(("sort", "status"), _WALKS)
def test_a_page_of_many_looks_at_no_more_than_it_shows(
    northwind: Trade, crowded: psycopg.Connection[tuple[object, ...]], sort: queries.Sort, status: str, *, is_descending: bool
) -> None:
    """The plan walks indexes for a few rows of each state; no scan of the table, no sort of the customer's rows."""
    asked = listing.keyset_of(
        northwind.dana, queries.Listing(division_ids=[northwind.top_id], status=status, sort=sort, is_descending=is_descending), TODAY
    )
    first = crowded.execute(*keyset.statement(asked, limit=51)).fetchall()
    value = crowded.execute(f"select {asked.column} from invoicing_invoice where id = %s", [first[-1][0]]).fetchone()
    assert value is not None
    for after in (None, keyset.Place(value[0], first[-1][0])):  # type: ignore[arg-type]
        most, scanned = walked(crowded, *keyset.statement(asked, limit=51, after=after))
        assert scanned == []
        assert most <= 51 * 4


@pytest.mark.parametrize("text", ["M-00029", "29871", "big-12", "nothing"])
def test_a_text_is_found_by_indexes(northwind: Trade, crowded: psycopg.Connection[tuple[object, ...]], text: str) -> None:
    """Each comparison is one that row-level security lets an index do."""
    for one in listing._TEXTS.conditions(text):
        sql = f"select r.id from invoicing_invoice r where r.customer_id = %s and {one.sql} limit 1001"
        most, scanned = walked(crowded, sql, [northwind.customer_id, *one.values])
        assert scanned == []
        assert most <= 1200, one.sql


def test_a_walk_without_its_index_is_noticed(northwind: Trade, crowded: psycopg.Connection[tuple[object, ...]]) -> None:
    """Sorted by a column that has no index, the same statement looks at everything: the tests above can fail."""
    asked = keyset.Keyset(
        table="invoicing_invoice",
        customer_id=northwind.customer_id,
        division_ids=[northwind.top_id],
        states=["paid"],
        column="net_minor",
        is_descending=True,
    )
    most, _ = walked(crowded, *keyset.statement(asked, limit=51))
    assert most > MANY // 2
