"""Statements by program: what opens, moves and closes adds up, agrees with balances and histories, and is the page's PDF."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pikepdf
import pytest

import given
from interfaces.programs import account, counting, operator
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing.queries import statements as accounts
from tallystick.domain.statements import operations as months
from tallystick.domain.statements.rules import MADE, end_of
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

KIRITIMATI = "Pacific/Kiritimati"


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def minor(shown: dict[str, str]) -> int:
    return int(shown["amount"].replace(".", ""))


def reader(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "statements:read", "balance:read", divisions=divisions or None))


def at(shop: account.Program, since: date, until: date, more: str = "") -> str:
    return f"statements/{shop.div}{more}?since={since}&until={until}"


def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def far() -> account.Program:
    """A customer of a legal entity whose day began 14 hours before UTC's."""
    made = given.customer(legal_entity_id=given.legal_entity(time_zone=KIRITIMATI))
    return account.of(made.customer_id, made.top_id, person_id=7001)


def test_a_statement_adds_up(shop: account.Program) -> None:
    shop.opening(10_000)
    shop.spend(1_250)
    invoice = shop.books.issue((50_000, "0"))
    shown = reader(shop).get(at(shop, today(), today())).json()
    assert (shown["opening_balance"], shown["closing_balance"], shown["came_in"], shown["went_out"]) == tuple(
        amount(text) for text in ("0.00", "87.50", "100.00", "12.50")
    )
    assert [(row["kind"], row["balance_after"]) for row in shown["movements"]] == [
        ("opening_balance", amount("100.00")),
        ("charge", amount("87.50")),
    ]
    assert [(one["kind"], one["count"], one["went_out"]) for one in shown["sums"]] == [
        ("charge", 1, amount("12.50")),
        ("opening_balance", 1, amount("0.00")),
    ]
    assert (shown["unpaid"], [(one["id"], one["open"]) for one in shown["unpaid_invoices"]]) == (
        amount("500.00"),
        [(ids.public("inv", invoice), amount("500.00"))],
    )
    assert shown["earlier_movements"] == shown["more_unpaid_invoices"] == {"count": 0, "amount": amount("0.00")}
    history = reader(shop).get(f"balance-history?division={shop.div}").json()["data"]
    assert shown["movements"] == history[::-1]
    before = reader(shop).get(at(shop, today() - timedelta(days=9), today() - timedelta(days=1))).json()
    assert (before["closing_balance"], before["unpaid"], before["movements"]) == (amount("0.00"), amount("0.00"), [])


def test_it_agrees_with_balances_as_of_its_ends_in_the_sellers_zone(far: account.Program) -> None:
    """Its days are Kiritimati's: what was posted now may be tomorrow's there."""
    far.opening(10_000)
    far.books.issue((5_000, "0"))
    there = datetime.now(ZoneInfo(KIRITIMATI)).date()
    by = reader(far)
    for since, until in ((there - timedelta(days=1), there - timedelta(days=1)), (there - timedelta(days=2), there)):
        shown = by.get(at(far, since, until)).json()
        assert shown["starts_at"] == f"{since - timedelta(days=1)}T10:00:00Z"
        assert shown["ends_at"] == f"{until}T10:00:00Z"
        opened = by.get(f"balance/{far.div}?as_of={shown['starts_at']}").json()
        assert opened["balance"] == shown["opening_balance"]
        end = min(datetime.fromisoformat(shown["ends_at"]), datetime.now(UTC)).isoformat().replace("+00:00", "Z")
        closed = by.get(f"balance/{far.div}?as_of={end}").json()
        assert (closed["balance"], closed["unpaid_invoices"]) == (shown["closing_balance"], shown["unpaid"])
        moved = by.get(f"balance-history?division={far.div}&created[gte]={shown['starts_at']}&created[lt]={shown['ends_at']}").json()["data"]
        assert shown["movements"] == moved[::-1]
    assert closed["balance"] == amount("100.00")


def test_earlier_movements_are_one_sum(shop: account.Program) -> None:
    shop.opening(100_000)
    for _ in range(302):
        shop.spend(1)
    shown = reader(shop).get(at(shop, today(), today())).json()
    assert (len(shown["movements"]), shown["earlier_movements"]["count"]) == (300, 3)
    listed = sum(minor(row["amount"]) for row in shown["movements"])
    assert minor(shown["opening_balance"]) + minor(shown["earlier_movements"]["amount"]) + listed == minor(shown["closing_balance"])


def test_the_pdf_states_the_same(shop: account.Program) -> None:
    shop.opening(10_000)
    made = reader(shop).get(at(shop, today(), today(), "/pdf"))
    assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf"), made.text
    assert made.headers["content-disposition"] == f'attachment; filename="statement-{shop.top_id}-{today()}-{today()}.pdf"'
    with pikepdf.open(io.BytesIO(made.content)) as paper:
        assert len(paper.pages) == 1
        assert "Statement of account" in str(paper.docinfo.get("/Title", ""))


@pytest.mark.parametrize(
    ("query", "refused", "pointer"),
    [
        ("", (422, "invalid_fields"), "?since"),
        ("since=2026-01-01", (422, "invalid_fields"), "?until"),
        ("since=2026-02-01&until=2026-01-01", (422, "days_reversed"), "?until"),
        ("since=2026-1-1&until=2026-01-01", (422, "invalid_fields"), "?since"),
        ("since=0001-01-01&until=2026-01-01", (422, "day_out_of_range"), "?since"),
        ("since=2026-01-01&until=9999-12-31", (422, "day_out_of_range"), "?until"),
        ("since=2026-01-01&until=2026-01-31&lang=de", (422, "unknown_parameter"), "?lang"),
    ],
)
def test_wrong_days(shop: account.Program, query: str, refused: tuple[int, str], pointer: str) -> None:
    for more in ("", "/pdf"):
        answer = reader(shop).get(f"statements/{shop.div}{more}?{query}")
        assert (code(answer), answer.json()["errors"][0]["pointer"]) == (refused, pointer)


def kept(shop: account.Program, month: date) -> None:
    """Keep the statement of a month, as the worker does when it is over."""
    told = accounts.statement(viewer=shop.viewer, division_id=shop.top_id, since=month, until=end_of(month), separate=False)
    months.keep_statement(customer_id=shop.customer_id, month=month, told=told, content=f"%PDF {month}".encode(), now=account.NOW)


def test_months_that_are_over_are_listed_and_fetched_as_they_were_kept(shop: account.Program) -> None:
    """By the id that the event tells; the list is that of the page, whichever division of shared funds is named."""
    below = shop.division("Below")
    shop.opening(10_000)
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        kept(shop, month)
    by = operator.Program(operator.key(shop, "statements:read"))
    shown = by.get(f"monthly-statements?division={shop.div}").json()
    assert [(one["since"], one["until"]) for one in shown["data"]] == [("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")]
    assert (shown["has_more"], shown["data"][0]["closing_balance"], shown["data"][0]["division_id"]) == (False, amount("0.00"), shop.div)
    assert by.get(f"monthly-statements?division={ids.public('div', below)}").json() == shown
    with scope.of(shop.viewer):
        told = sorted(row.subject_id for row in events.log(customer_id=shop.customer_id) if row.kind == MADE)
    assert told == [one["id"] for one in reversed(shown["data"])]
    document = by.get(f"monthly-statements/{told[1]}/pdf")
    assert (document.content, document.headers["content-type"]) == (b"%PDF 2026-10-01", "application/pdf")
    assert document.headers["content-disposition"] == f'attachment; filename="statement-{shop.top_id}-2026-10.pdf"'
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "statements:read"))
    assert desk.get(f"monthly-statements?division={shop.div}&customer={ids.public('cus', shop.customer_id)}").json() == shown
    assert desk.get(f"monthly-statements/{told[0]}/pdf").content == b"%PDF 2026-09-01"


def test_kept_months_of_all_are_nothing_for_who_sees_some(shop: account.Program) -> None:
    """Nor for other customers, and an id that nobody has is told the same."""
    below = shop.division("Below")
    shop.opening(10_000)
    kept(shop, date(2026, 10, 1))
    named = reader(shop).get(f"monthly-statements?division={shop.div}").json()["data"][0]["id"]
    narrow, rival = reader(shop, below), account.opened()
    assert narrow.get(f"monthly-statements?division={ids.public('div', below)}").json()["data"] == []
    for by in (narrow, reader(rival)):
        assert code(by.get(f"monthly-statements?division={shop.div}")) == (404, "division_not_found")
        for one in (named, ids.public("st", ids.new()), "st_x"):
            assert code(by.get(f"monthly-statements/{one}/pdf")) == (404, "statement_not_found")
    assert code(operator.Program(operator.key(shop, "balance:read")).get(f"monthly-statements/{named}/pdf")) == (403, "scope_missing")


def test_the_operator_names_the_customer(far: account.Program) -> None:
    far.opening(10_000)
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "statements:read"))
    path = at(far, today(), today() + timedelta(days=1))
    assert code(desk.get(path)) == (422, "customer_missing")
    whose = f"&customer={ids.public('cus', far.customer_id)}"
    assert desk.get(path + whose).json() == reader(far).get(path).json()
    assert desk.get(path.replace("?", "/pdf?") + whose).content[:5] == b"%PDF-"
    other = f"&customer={ids.public('cus', account.opened().customer_id)}"
    assert code(desk.get(path + other)) == (404, "division_not_found")


@pytest.mark.parametrize("more", ["", "/pdf"])
def test_every_route_refuses_the_outsider(shop: account.Program, more: str) -> None:
    """No key, an unknown one, another scope, role, division or customer: what exists is answered like what does not."""
    north = shop.division("North")
    real = at(shop, today(), today(), more)
    nothing = real.replace(shop.div, ids.public("div", 2**40))

    def ask(key: str, path: str) -> tuple[int, dict[str, Any]]:
        answer = operator.Program(key).get(path)
        shown = answer.json()
        return answer.status_code, {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

    assert account.ask("GET", f"/api/v1/{real}").status_code == 401
    assert ask("tsk_live_unknown", real)[0] == 401
    assert ask(operator.key(shop, "balance:read"), real)[1]["code"] == "scope_missing"
    assert ask(shop.another_key(role=CustomerRole.LIMITED_USER), real)[1]["code"] == "not_allowed"
    stranger = account.opened()
    for key in (operator.key(stranger, "statements:read"), operator.key(shop, "statements:read", divisions=(north,))):
        assert ask(key, real) == ask(key, nothing)
        assert ask(key, real)[0] == 404
    theirs = operator.key(stranger, "statements:read")
    assert ask(theirs, f"{real}&customer={ids.public('cus', shop.customer_id)}")[0] == 404


def test_shared_funds_show_a_restricted_key_its_own_unpaid_invoices(shop: account.Program) -> None:
    north = shop.division("North")
    mine, _theirs = shop.books.issue((100, "0"), division_id=north), shop.books.issue((200, "0"))
    shown = reader(shop, north).get(at(shop, today(), today()).replace(shop.div, ids.public("div", north))).json()
    assert [one["id"] for one in shown["unpaid_invoices"]] == [ids.public("inv", mine)]


def test_shared_funds_state_what_other_divisions_moved_as_one_sum(shop: account.Program) -> None:
    """Opening balance, own movements and that sum are the closing balance; a key that sees every division has no such sum."""
    north, south = shop.division("North"), shop.division("South")
    shop.opening(10_000)
    shop.spend(100, north)
    shop.spend(50, south)
    path = at(shop, today(), today()).replace(shop.div, ids.public("div", north))
    shown = reader(shop, north).get(path).json()
    assert [(row["amount"], row["division_id"]) for row in shown["movements"]] == [(amount("-1.00"), ids.public("div", north))]
    assert [(one["kind"], one["count"], one["went_out"]) for one in shown["sums"]] == [("charge", 1, amount("1.00"))]
    assert (shown["opening_balance"], shown["came_in"], shown["went_out"]) == (amount("0.00"), amount("0.00"), amount("1.00"))
    assert (shown["other_divisions"], shown["closing_balance"]) == (amount("99.50"), amount("98.50"))
    assert shown["earlier_movements"] == {"count": 0, "amount": amount("0.00")}
    for whole in (reader(shop), reader(shop, shop.top_id, north, south)):
        every = whole.get(path).json()
        assert (every["other_divisions"], len(every["movements"]), every["closing_balance"]) == (amount("0.00"), 3, amount("98.50"))


def test_a_statement_takes_few_questions_however_much_moved(shop: account.Program) -> None:
    by, path = reader(shop), at(shop, today(), today())
    few = counting.questions(by.key, path)
    shop.opening(10_000)
    for _ in range(10):
        shop.spend(1)
    assert counting.questions(by.key, path) == few <= 12
