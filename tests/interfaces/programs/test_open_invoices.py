"""Open invoices by program, as of any instant: in agreement with balances, statements and the operator's ageing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from domain.payments.world import APPROVER, TODAY
from interfaces.programs import account, counting, operator
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, money


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def reader(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "invoices:read", "balance:read", "statements:read", divisions=divisions or None))


def issued(shop: account.Program, net_minor: int, day: date) -> date:
    """Issue an invoice on a day, and tell when it is due."""
    line = rules.Line(description="Funds", quantity=Decimal(1), unit_price_minor=net_minor, percent_millionths=0)
    draft = invoicing.InvoiceDraft(customer_id=shop.customer_id, division_id=shop.top_id, lines=(line,), terms_days=30)
    with scope.of(account.ADA):
        invoicing.issue_funding_invoice(viewer=APPROVER, draft=draft, today=day, now=account.NOW)
    return day + timedelta(days=30)


def clock() -> str:
    """Tell the database's time: postings take theirs from it."""
    with scope.of(account.ADA), scope.cursor() as cursor:
        cursor.execute("select ledger_now()")
        found: datetime = cursor.fetchone()[0]
    return found.isoformat().replace("+00:00", "Z")


def test_what_was_open_is_told_at_every_instant(shop: account.Program) -> None:
    """Issued, issued, credited, paid: asked at the instants between, it is what the balance as of them says."""
    books, by, seen = shop.books, reader(shop), []

    def keep(count: int, text: str) -> None:
        seen.append((clock(), count, amount(text)))

    keep(0, "0.00")
    one = books.issue((50_000, "0"))
    keep(1, "500.00")
    two = books.issue((7_000, "0"))
    keep(2, "570.00")
    books.credit(one, 10_000)
    keep(2, "470.00")
    books.record(7_000, (two, 7_000))
    keep(1, "400.00")
    for instant, count, total in seen:
        shown = by.get(f"open-invoices?as_of={instant}").json()
        assert (shown["as_of"], shown["count"], shown["open"], len(shown["data"])) == (instant, count, total, count)
        assert sum(int(one["amount"].replace(".", "")) for one in shown["ages"].values()) == int(total["amount"].replace(".", ""))
        assert by.get(f"balance/{shop.div}?as_of={instant}").json()["unpaid_invoices"] == total
    now = by.get("open-invoices").json()
    assert [(row["id"], row["open"], row["division_id"]) for row in now["data"]] == [(ids.public("inv", one), amount("400.00"), shop.div)]
    assert {name: now[name] for name in ("count", "open", "ages", "data")} == {name: shown[name] for name in ("count", "open", "ages", "data")}
    listed = by.get("invoices?status=unpaid").json()["data"] + by.get("invoices?status=part_paid").json()["data"]
    assert {row["id"]: row["open"] for row in listed} == {row["id"]: row["open"] for row in now["data"]}


def test_only_a_page_is_named_and_all_are_summed(shop: account.Program) -> None:
    for _ in range(3):
        shop.books.issue((1_000, "0"))
    shown = reader(shop).get("open-invoices?limit=2").json()
    assert (len(shown["data"]), shown["count"], shown["open"], shown["has_more"]) == (2, 3, amount("30.00"), True)


def test_all_of_them_are_paged_through_forth_and_back(shop: account.Program) -> None:
    """By due day, those of one day by id; the sums are of all on every page; what is paid meanwhile still marks its place."""
    by, days = reader(shop), [TODAY, TODAY - timedelta(days=40), TODAY, TODAY - timedelta(days=40), TODAY - timedelta(days=9)]
    for net_minor, day in enumerate(days, 1):
        issued(shop, net_minor * 100, day)
    every = by.get("open-invoices").json()
    rows = every["data"]
    assert [row["open"]["amount"] for row in rows] == ["2.00", "4.00", "5.00", "1.00", "3.00"]
    forth, link, address = [], "", "open-invoices?limit=2"
    while address:
        answer = by.get(address)
        page = answer.json()
        forth.append([row["id"] for row in page["data"]])
        assert {name: page[name] for name in ("count", "open", "ages")} == {name: every[name] for name in ("count", "open", "ages")}
        link = answer.headers.get("link", "")
        address = next((one.partition(">")[0].partition("/api/v1/")[2] for one in link.split("<") if 'rel="next"' in one), "")
        assert page["has_more"] is bool(address)
    assert forth == [[row["id"] for row in rows[start : start + 2]] for start in (0, 2, 4)]
    assert 'rel="prev"' in link
    back = by.get(f"open-invoices?limit=2&before={rows[4]['id']}")
    assert ([row["id"] for row in back.json()["data"]], back.json()["has_more"]) == (forth[1], True)
    first = by.get(f"open-invoices?limit=2&before={rows[2]['id']}")
    assert ([row["id"] for row in first.json()["data"]], first.json()["has_more"]) == (forth[0], False)
    then, paid = clock(), ids.parse("inv", rows[2]["id"])
    shop.books.record(500, (paid, 500))
    for at, left in (("open-invoices?", rows[3:]), (f"open-invoices?as_of={then}&", rows[3:])):
        assert [row["id"] for row in by.get(f"{at}after={rows[2]['id']}").json()["data"]] == [row["id"] for row in left]
    assert [row["id"] for row in by.get(f"open-invoices?as_of={then}&before={rows[3]['id']}&limit=1").json()["data"]] == [rows[2]["id"]]
    assert [row["id"] for row in by.get(f"open-invoices?before={rows[3]['id']}&limit=1").json()["data"]] == [rows[1]["id"]]


def test_a_place_out_of_sight_is_no_place(shop: account.Program) -> None:
    """Another customer's, another division's, nobody's: all the same."""
    north, mine = shop.division("North"), ids.public("inv", shop.books.issue((100, "0")))
    others = ids.public("inv", account.opened().books.issue((100, "0")))
    assert code(reader(shop).get(f"open-invoices?after={others}")) == (422, "cursor_unknown")
    assert code(reader(shop, north).get(f"open-invoices?before={mine}")) == (422, "cursor_unknown")
    assert code(reader(shop).get(f"open-invoices?after={ids.public('inv', ids.new())}")) == (422, "cursor_unknown")
    assert code(reader(shop).get(f"open-invoices?after={mine}&before={mine}")) == (422, "cursor_twice")
    assert code(reader(shop).get("open-invoices?after=inv_x")) == (422, "cursor_malformed")


def test_ages_are_those_of_the_operators_ageing_and_a_statement_has_the_same_sum(shop: account.Program) -> None:
    """Due at their own time: how late each is goes by the day, and is counted once for all."""
    today = datetime.now(UTC).date()
    names, expected = ("not_due", "late_1_to_30", "late_31_to_60", "late_61_to_90", "late_over_90"), [0] * 5
    for days, net_minor in ((0, 2_000), (35, 400), (70, 1_000), (110, 30), (200, 7)):
        expected[rules.age(issued(shop, net_minor, TODAY - timedelta(days=days)), today)] += net_minor
    shown = reader(shop).get("open-invoices").json()
    assert (shown["day"], shown["open"]) == (str(today), amount("34.37"))
    assert shown["ages"] == {name: amount(money.text(minor, "USD")) for name, minor in zip(names, expected, strict=True)}
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "invoices:read"))
    whose = ids.public("cus", shop.customer_id)
    (aged,) = [row for row in desk.get(f"ageing?day={today}").json()["data"] if row["customer_id"] == whose]
    assert (aged["ages"], aged["open"]) == (shown["ages"], shown["open"])
    yesterday = today - timedelta(days=1)
    assert not [row for row in desk.get(f"ageing?day={yesterday}").json()["data"] if row["customer_id"] == whose]
    then = reader(shop).get(f"open-invoices?as_of={today}T00:00:00Z").json()
    assert (then["day"], then["count"], then["open"]) == (str(yesterday), 0, amount("0.00"))
    stated = reader(shop).get(f"statements/{shop.div}?since={today}&until={today}").json()
    assert (stated["unpaid"], len(stated["unpaid_invoices"])) == (shown["open"], shown["count"])


def test_a_restricted_key_sees_its_divisions_alone(shop: account.Program) -> None:
    north = shop.division("North")
    mine = ids.public("inv", shop.books.issue((100, "0"), division_id=north))
    shop.books.issue((200, "0"))
    at = f"open-invoices?as_of={clock()}"
    for by, query in ((reader(shop, north), ""), (reader(shop), f"&division={ids.public('div', north)}")):
        shown = by.get(at + query).json()
        assert ([row["id"] for row in shown["data"]], shown["open"], shown["count"]) == ([mine], amount("1.00"), 1)
    assert code(reader(shop, north).get(f"{at}&division={shop.div}"))[0] == 404


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("as_of=2999-01-01T00:00:00Z", (422, "as_of_ahead")),
        ("as_of=0001-01-01T00:00:00Z", (422, "as_of_out_of_range")),
        ("as_of=2026-01-01", (422, "invalid_fields")),
        ("limit=0", (422, "invalid_fields")),
        ("limit=201", (422, "invalid_fields")),
        ("status=paid", (422, "unknown_parameter")),
        ("customer=cus_1", (404, "not_found")),
        ("division=div_1", (404, "division_not_found")),
    ],
)
def test_wrong_questions(shop: account.Program, query: str, refused: tuple[int, str]) -> None:
    assert code(reader(shop).get(f"open-invoices?{query}")) == refused


def test_the_operator_names_the_customer(shop: account.Program) -> None:
    shop.books.issue((100, "0"))
    desk = operator.Program(operator.staff_key(StaffRole.CLERK, "invoices:read"))
    assert code(desk.get("open-invoices")) == (422, "customer_missing")
    at = f"open-invoices?as_of={clock()}"
    assert desk.get(f"{at}&customer={ids.public('cus', shop.customer_id)}").json() == reader(shop).get(at).json()


def test_the_operators_ageing_is_the_operators(shop: account.Program) -> None:
    assert code(reader(shop).get("ageing?day=2026-11-22")) == (403, "not_allowed")
    assert account.ask("GET", "/api/v1/ageing?day=2026-11-22").status_code == 401
    desk = operator.Program(operator.staff_key(StaffRole.CLERK, "invoices:read"))
    assert code(desk.get("ageing")) == (422, "invalid_fields")
    assert code(operator.Program(operator.staff_key(StaffRole.CLERK, "balance:read")).get("ageing?day=2026-11-22")) == (403, "scope_missing")
    for day in ("0001-01-01", "9999-12-31"):
        assert desk.get(f"ageing?day={day}").status_code == 422


def test_outsiders_are_answered_as_if_nothing_was_there(shop: account.Program) -> None:
    """No key, an unknown one, another scope or role; another customer and its division."""
    shop.books.issue((100, "0"))
    stranger = reader(account.opened())

    def told(path: str) -> dict[str, Any]:
        shown: dict[str, Any] = stranger.get(path).json()
        return {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

    assert account.ask("GET", "/api/v1/open-invoices").status_code == 401
    assert operator.Program("tsk_live_unknown").get("open-invoices").status_code == 401
    assert code(operator.Program(operator.key(shop, "balance:read")).get("open-invoices")) == (403, "scope_missing")
    limited = operator.Program(shop.another_key(role=CustomerRole.LIMITED_USER))
    assert code(limited.get("open-invoices")) == (403, "not_allowed")
    for name, prefix, theirs in (("division", "div", shop.top_id), ("customer", "cus", shop.customer_id)):
        real, nothing = (told(f"open-invoices?{name}={ids.public(prefix, one)}") for one in (theirs, 2**40))
        assert (real, real["status"]) == (nothing, 404)


def test_it_takes_few_questions_however_many_are_open(shop: account.Program) -> None:
    by = reader(shop)
    few = counting.questions(by.key, "open-invoices")
    for _ in range(4):
        shop.books.issue((100, "0"))
    assert counting.questions(by.key, "open-invoices") == few <= 9
