"""Balances by program: the figures of now are those of View balance, those of then are those of statement and history."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import CreditRule, StaffRole
from tallystick.domain.funds import past
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing.queries import statements
from tallystick.integrations.postgres import scope
from tallystick.lib import ids


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def reader(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "balance:read", divisions=divisions or None))


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def clock() -> datetime:
    """Tell the database's time: postings take theirs from it."""
    with scope.of(account.ADA), scope.cursor() as cursor:
        cursor.execute("select ledger_now()")
        found: datetime = cursor.fetchone()[0]
    return found


@pytest.fixture
def split() -> account.Program:
    shop = account.opened(separate_funds=True)
    shop.opening(10_000)
    return shop


def test_figures_are_those_of_view_balance(shop: account.Program) -> None:
    shop.opening(45_400)
    shop.books.issue((50_000, "0"))
    shown = reader(shop).get(f"balance/{shop.div}").json()
    told = shop.balance().json()
    assert shown == {
        "division_id": shop.div,
        "as_of": None,
        "balance": amount(told["balance"]),
        "held": amount("0.00"),
        "unpaid_invoices": amount(told["unpaid_invoice_balance"]),
        "unpaid_purchase_orders": amount(told["unpaid_po_invoice_balance"]),
        "unapplied_credit": amount("0.00"),
        "credit_rule": "consumption",
        "limit": amount(told["negative_balance_limit"]),
        "used_by_other_divisions": amount(told["used_credit_from_other_containers"]),
        "available": amount(told["total_available_funds"]),
        "movable": amount("454.00"),
    }
    assert reader(shop).get("balance").json() == {"data": [shown], "has_more": False}


def test_without_a_limit_there_is_no_end() -> None:
    shop = account.opened(limit_minor=None)
    shown = reader(shop).get(f"balance/{shop.div}").json()
    assert (shown["limit"], shown["available"]) == (None, None)


def test_a_restricted_key_sees_its_divisions_alone(split: account.Program) -> None:
    north, south = split.division("North"), split.division("South")
    rows = reader(split, north).get("balance").json()["data"]
    assert [row["division_id"] for row in rows] == [ids.public("div", north)]
    assert len(reader(split).get("balance").json()["data"]) == 3
    assert code(reader(split, north).get(f"balance/{ids.public('div', south)}")) == (404, "division_not_found")


def test_then_is_what_now_was(split: account.Program) -> None:
    """After each of many kinds of movements the figures are kept; asked for later they are the same."""
    below = split.division("Research")
    books, seen = split.books, []

    def keep() -> None:
        seen.append((clock(), funds.figures_by_division(viewer=split.viewer)))

    keep()
    books.transfer(4_000, split.top_id, below)
    keep()
    split.spend(1_500, below)
    keep()
    books.hold(700, below)
    keep()
    invoice = books.issue((50_000, "0"), division_id=below)
    keep()
    books.credit(invoice, 10_000)
    keep()
    books.terms(900_00, CreditRule.ALL_UNPAID)
    keep()
    split.spend(20_000, split.top_id)
    keep()
    books.fund(8_000, below)
    keep()
    books.terms(None)
    keep()
    for instant, figures in seen:
        assert past.figures_by_division(viewer=split.viewer, instant=instant) == figures
        shown = reader(split).get(f"balance/{ids.public('div', below)}?as_of={instant.isoformat().replace('+00:00', 'Z')}").json()
        assert shown["balance"]["amount"] == f"{figures[below].balance_minor / 100:.2f}"


def test_what_was_joined_counts_where_it_was(split: account.Program) -> None:
    """A division is shown by the fund that serves it now; the credit in use is that of then."""
    below = split.division("Research")
    split.books.terms(200_000, CreditRule.ALL_UNPAID)
    split.books.issue((3_000, "0"), division_id=below)
    split.spend(1_000, below)
    split.books.hold(500, below)
    before = clock()
    assert {one.credit_in_use_minor for one in funds.figures_by_division(viewer=split.viewer).values()} == {4_500}
    split.books.separate(separate=False)
    assert past.figures_by_division(viewer=split.viewer, instant=clock()) == funds.figures_by_division(viewer=split.viewer)
    shown = past.figures_by_division(viewer=split.viewer, instant=before)[below]
    assert (shown.balance_minor, shown.held_minor, shown.unpaid_minor, shown.credit_in_use_minor) == (10_000, 0, 0, 4_500)


def test_a_statement_closes_with_the_balance_as_of_its_end(shop: account.Program) -> None:
    shop.opening(10_000)
    shop.books.issue((50_000, "0"))
    today = datetime.now(UTC).date()
    stated = statements.statement(viewer=shop.viewer, division_id=shop.top_id, since=today, until=today, separate=False)
    end = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
    found = past.figures_by_division(viewer=shop.viewer, instant=end)[shop.top_id]
    assert (found.balance_minor, found.unpaid_minor) == (stated.closing_minor, stated.unpaid_minor)
    start = past.figures_by_division(viewer=shop.viewer, instant=end - timedelta(days=1))[shop.top_id]
    assert (start.balance_minor, start.unpaid_minor, start.limit_minor) == (stated.opening_minor, 0, 0)


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("as_of=2999-01-01T00:00:00Z", (422, "as_of_ahead")),
        ("as_of=2026-01-01", (422, "invalid_fields")),
        ("as_of=2026-01-01T00:00:00", (422, "invalid_fields")),
        (f"on={date.min}", (422, "unknown_parameter")),
        ("customer=cus_1", (404, "not_found")),
    ],
)
def test_wrong_questions(shop: account.Program, query: str, refused: tuple[int, str]) -> None:
    assert code(reader(shop).get(f"balance?{query}")) == refused
    assert code(reader(shop).get(f"balance/{shop.div}?{query}")) == refused


def test_the_operator_names_the_customer(shop: account.Program) -> None:
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "balance:read"))
    assert code(desk.get("balance")) == (422, "customer_missing")
    named = f"customer={ids.public('cus', shop.customer_id)}"
    assert desk.get(f"balance/{shop.div}?{named}").json() == reader(shop).get(f"balance/{shop.div}").json()
    assert desk.get(f"balance?{named}&as_of=2026-01-01T00:00:00Z").json()["data"][0]["balance"] == amount("0.00")


@pytest.mark.parametrize("path", ["balance/{div}", "balance/{div}?as_of=2026-01-01T00:00:00Z"])
def test_every_route_refuses_the_outsider(shop: account.Program, path: str) -> None:
    """No key, an unknown one, another scope, another division, another customer: an id that exists is answered like one that does not."""
    north, stranger = shop.division("North"), account.opened()
    real, nothing = path.format(div=shop.div), path.format(div=ids.public("div", 2**40))

    def ask(key: str, at: str) -> tuple[int, dict[str, Any]]:
        answer = operator.Program(key).get(at)
        shown = answer.json()
        return answer.status_code, {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

    assert account.ask("GET", f"/api/v1/{real}").status_code == 401
    assert ask("tsk_live_unknown", real)[0] == 401
    assert ask(operator.key(shop, "invoices:write"), real)[1]["code"] == "scope_missing"
    for key in (operator.key(stranger, "balance:read"), operator.key(shop, "balance:read", divisions=(north,))):
        assert ask(key, real) == ask(key, nothing)
        assert ask(key, real)[0] == 404
    whose = f"{'&' if '?' in path else '?'}customer="
    foreign = ask(operator.key(stranger, "balance:read"), real + whose + ids.public("cus", shop.customer_id))
    assert foreign == ask(operator.key(stranger, "balance:read"), real + whose + ids.public("cus", 2**40))
    assert foreign[0] == 404


def test_figures_of_then_are_two_questions_more(split: account.Program) -> None:
    split.division("North")
    with scope.of(split.viewer), CaptureQueriesContext(connection) as asked:
        past.figures_by_division(viewer=split.viewer, instant=clock_in(connection))
    assert len(asked) <= 5, [one["sql"] for one in asked]


def clock_in(_connection: object) -> datetime:
    return datetime.now(UTC)
