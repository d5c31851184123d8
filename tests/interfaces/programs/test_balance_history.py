"""Balance history by program: every movement once, in the order of the journal, with the balance after it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from interfaces.programs import account, counting, operator
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.funds import histories
from tallystick.lib import ids


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def reader(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "balance:read", divisions=divisions or None))


def rows(by: operator.Program, shop: account.Program, query: str = "") -> list[dict[str, Any]]:
    page = by.get(f"balance-history?division={shop.div}{query}")
    assert page.status_code == 200, page.text
    found: list[dict[str, Any]] = page.json()["data"]
    return found


def test_a_movement_says_what_it_was(shop: account.Program) -> None:
    shop.opening(10_000)
    charged = shop.charge("12.50", order_id="A-1", note="TLS").json()["id"]
    charge, opening = rows(reader(shop), shop)
    assert charge == {
        "id": charge["id"],
        "kind": "charge",
        "division_id": shop.div,
        "amount": amount("-12.50"),
        "balance_after": amount("87.50"),
        "created_at": charge["created_at"],
        "effective_date": None,
        "order_id": "A-1",
        "note": "TLS",
        "charge_id": charged,
        "transfer_id": None,
        "invoice_id": None,
        "payment_id": None,
    }
    assert (opening["kind"], opening["amount"], opening["balance_after"]) == ("opening_balance", amount("100.00"), amount("100.00"))
    assert charge["created_at"].endswith("Z")


def test_every_movement_is_read_once_whatever_the_page_s_size(shop: account.Program) -> None:
    shop.opening(10_000)
    for place in range(6):
        shop.spend(100 + place)
    by = reader(shop)
    everything = rows(by, shop)
    assert len(everything) == 7
    for limit in (1, 2, 3, 7):
        for relation, start in (("next", f"balance-history?division={shop.div}&limit={limit}"), ("prev", None)):
            at = start or f"balance-history?division={shop.div}&limit={limit}&before={everything[-1]['id']}"
            found: list[dict[str, Any]] = []
            while at:
                page = by.get(at)
                found = found + page.json()["data"] if relation == "next" else page.json()["data"] + found
                links = page.headers.get("link", "").split(", ")
                at = next((link.partition("<")[2].partition(">")[0].removeprefix("/api/v1/") for link in links if f'rel="{relation}"' in link), "")
            assert found == (everything if relation == "next" else everything[:-1]), (limit, relation)


def test_it_is_the_page_s_history(shop: account.Program) -> None:
    shop.opening(10_000)
    shop.books.fund(5_000)
    shop.books.hold(700)
    shop.spend(300)
    known = histories.movements(viewer=shop.viewer, division_id=shop.top_id)
    shown = rows(reader(shop), shop)
    assert [(ids.parse_integer("mov", row["id"]), row["amount"]["amount"]) for row in shown] == [
        (one.transfer_id, f"{one.amount_minor / 100:.2f}") for one in known
    ]
    now = reader(shop).get(f"balance/{shop.div}").json()
    assert shown[0]["balance_after"] == now["balance"]


def test_the_balance_as_of_an_instant_is_that_of_the_last_movement_before_it(shop: account.Program) -> None:
    shop.opening(10_000)
    for _ in range(3):
        shop.spend(300)
    by = reader(shop)
    for row, before in zip(rows(by, shop), rows(by, shop)[1:], strict=False):
        assert by.get(f"balance/{shop.div}?as_of={row['created_at']}").json()["balance"] == before["balance_after"]


def test_it_is_narrowed(shop: account.Program) -> None:
    shop.opening(10_000)
    for place, order in enumerate(("A-1", "A-2", "A-1")):
        shop.charge("1.00", order_id=order, line_reference=f"{place}")
    by = reader(shop)
    third, second, first, opening = rows(by, shop)
    for query, found in (
        ("&kind=charge", [third, second, first]),
        ("&kind=opening_balance", [opening]),
        ("&kind=transfer", []),
        ("&order_id=A-1", [third, first]),
        ("&order_id=A-1&limit=1", [third]),
        (f"&order_id=A-1&after={third['id']}", [first]),
        (f"&created[gte]={second['created_at']}", [third, second]),
        (f"&created[lt]={second['created_at']}", [first, opening]),
        (f"&created[gte]={first['created_at']}&created[lt]={third['created_at']}", [second, first]),
        (f"&created[lt]={third['created_at']}&kind=charge&limit=1", [second]),
        (f"&before={first['id']}&limit=1", [second]),
        (f"&before={first['id']}&created[lt]={third['created_at']}", [second]),
        ("&before=mov_0000000000000", [third, second, first, opening]),
        ("&created[gte]=2999-01-01T00:00:00Z", []),
    ):
        assert rows(by, shop, query) == found, query


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("kind=gift", (422, "invalid_fields")),
        ("order_id=", (422, "invalid_fields")),
        ("after=x", (422, "cursor_malformed")),
        ("after=trf_0000000000001", (422, "cursor_malformed")),
        ("after=mov_0000000000001&before=mov_0000000000002", (422, "cursor_twice")),
        ("limit=201", (422, "invalid_fields")),
        ("since=2026-01-01", (422, "unknown_parameter")),
        ("customer=cus_1", (404, "not_found")),
    ],
)
def test_wrong_questions(shop: account.Program, query: str, refused: tuple[int, str]) -> None:
    assert code(reader(shop).get(f"balance-history?division={shop.div}&{query}")) == refused


def test_the_division_is_named(shop: account.Program) -> None:
    missing = reader(shop).get("balance-history")
    assert (code(missing), missing.json()["errors"][0]["pointer"]) == ((422, "invalid_fields"), "?division")


def test_of_shared_funds_a_restricted_key_sees_what_its_divisions_moved(shop: account.Program) -> None:
    """With the balance that the funds had after it, whoever else moved them (ADR 0021)."""
    north, south = shop.division("North"), shop.division("South")
    shop.opening(10_000)
    shop.spend(100, north)
    shop.spend(50, south)
    shop.spend(7, north)
    at_north = f"balance-history?division={ids.public('div', north)}"
    shown = reader(shop, north).get(at_north).json()["data"]
    assert [(row["division_id"], row["amount"], row["balance_after"]) for row in shown] == [
        (ids.public("div", north), amount("-0.07"), amount("98.43")),
        (ids.public("div", north), amount("-1.00"), amount("99.00")),
    ]
    assert [row["amount"] for row in reader(shop, north).get(f"{at_north}&kind=charge&limit=1").json()["data"]] == [amount("-0.07")]
    assert [row["amount"] for row in reader(shop, north, south).get(at_north).json()["data"]] == [amount(t) for t in ("-0.07", "-0.50", "-1.00")]
    assert [row["amount"] for row in reader(shop, shop.top_id).get(f"balance-history?division={shop.div}").json()["data"]] == [amount("100.00")]
    assert len(reader(shop).get(at_north).json()["data"]) == len(reader(shop, shop.top_id, north, south).get(at_north).json()["data"]) == 4
    assert code(reader(shop, north).get(f"balance-history?division={shop.div}")) == (404, "division_not_found")


def test_services_v2_tells_the_one_history_of_shared_funds(shop: account.Program) -> None:
    """As CertCentral does: `container` is who started the row, `balance_after` the customer's; of one out of sight no more than its id is told."""
    north = shop.division("North")
    shop.opening(10_000)
    shop.spend(100, north)
    narrow = shop.another_key(divisions=[north])
    shown = account.ask("GET", f"/services/v2/finance/balance-history?container_id={north}", headers={"X-DC-DEVKEY": narrow}).json()
    assert [(row["container"]["id"], row["container"]["name"], row["balance_after"]) for row in shown["adjustments"]] == [
        (north, "North", "99.00"),
        (shop.top_id, "", "100.00"),
    ]
    bought = account.ask("GET", "/services/v2/finance/purchase-history", headers={"X-DC-DEVKEY": narrow}).json()
    assert [row["container"]["id"] for row in bought["order_transactions"]] == [north]


def test_a_division_with_funds_of_its_own_sees_all_that_moved_them() -> None:
    """What comes from another one too, be that in sight or not, closed or not."""
    split = account.opened(separate_funds=True)
    north, south = split.division("North"), split.division("South")
    split.opening(10_000)
    split.opening(500, south)
    split.books.transfer(4_000, split.top_id, north)
    (came,) = reader(split, north).get(f"balance-history?division={ids.public('div', north)}").json()["data"]
    assert (came["amount"], came["division_id"]) == (amount("40.00"), None)
    administration.close_division(viewer=account.ADA, division_id=south, now=account.NOW, customer_id=split.customer_id)
    top = reader(split, split.top_id).get(f"balance-history?division={split.div}").json()["data"]
    assert [row["amount"] for row in top] == [amount(text) for text in ("5.00", "-40.00", "100.00")]


def test_a_transfer_is_seen_from_both_sides() -> None:
    shop = account.opened(separate_funds=True)
    north = shop.division("North")
    shop.opening(10_000)
    shop.books.transfer(4_000, shop.top_id, north)
    by = reader(shop)
    out = rows(by, shop)[0]
    (came,) = by.get(f"balance-history?division={ids.public('div', north)}").json()["data"]
    assert (out["amount"], came["amount"]) == (amount("-40.00"), amount("40.00"))
    assert out["transfer_id"] == came["transfer_id"] != None  # noqa: E711 - both name the transfer


def test_the_operator_names_the_customer(shop: account.Program) -> None:
    shop.opening(10_000)
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "balance:read"))
    assert code(desk.get(f"balance-history?division={shop.div}")) == (422, "customer_missing")
    assert rows(desk, shop, f"&customer={ids.public('cus', shop.customer_id)}") == rows(reader(shop), shop)
    other = ids.public("cus", account.opened().customer_id)
    assert code(desk.get(f"balance-history?division={shop.div}&customer={other}")) == (404, "division_not_found")


def test_outsiders_are_answered_as_if_nothing_was_there(shop: account.Program) -> None:
    """No key, an unknown one, another scope or role, another customer's division and cursor."""
    shop.opening(10_000)
    cursor = rows(reader(shop), shop)[0]["id"]
    at, nothing = f"balance-history?division={shop.div}", f"balance-history?division={ids.public('div', 2**40)}"
    assert account.ask("GET", f"/api/v1/{at}").status_code == 401
    assert operator.Program("tsk_live_unknown").get(at).status_code == 401
    assert code(operator.Program(operator.key(shop, "statements:read")).get(at)) == (403, "scope_missing")
    limited = operator.Program(shop.another_key(role=CustomerRole.LIMITED_USER))
    assert code(limited.get(at)) == (403, "not_allowed")
    stranger = account.opened()
    theirs = reader(stranger)
    answers = [theirs.get(path).json() | {"instance": "", "request_id": ""} for path in (at, nothing)]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404
    stranger.opening(100)
    for name in ("after", "before"):
        seen = theirs.get(f"balance-history?division={stranger.div}&{name}={cursor}").json()["data"]
        assert {row["division_id"] for row in seen} <= {stranger.div}


def test_a_page_takes_few_questions_however_long_the_history(shop: account.Program) -> None:
    shop.opening(10_000)
    by = reader(shop)
    at = f"balance-history?division={shop.div}&created[lt]={datetime.now(UTC).isoformat()[:19]}Z"
    few = counting.questions(by.key, at)
    for _ in range(20):
        shop.spend(1)
    assert counting.questions(by.key, at) == few <= 6
