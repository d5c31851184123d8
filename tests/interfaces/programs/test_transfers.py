"""Transfers by program: own and free money moves once; what was moved is listed, narrowed, paged and opened."""

import threading
from typing import Any

import httpx
import pytest

from interfaces.programs import account, counting, operator
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.lib import ids


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def div(division_id: int) -> str:
    return ids.public("div", division_id)


@pytest.fixture
def split() -> account.Program:
    """A customer with separate funds: 100.00 USD at the top, a division below."""
    shop = account.opened(separate_funds=True)
    shop.opening(10_000)
    return shop


def program(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "transfers:write", divisions=divisions or None))


def body(shop: account.Program, to: int, text: str = "40.00", **change: object) -> dict[str, object]:
    return {"from_division_id": shop.div, "to_division_id": div(to), "amount": amount(text), **change}


def balance(shop: account.Program, division_id: int) -> int:
    return shop.books.figures(division_id).balance_minor


def test_money_moves_once(split: account.Program) -> None:
    north = split.division("North")
    moving = program(split)
    made = moving.post("transfers", body(split, north), idempotency_key="t")
    assert made.status_code == 201, made.text
    shown = made.json()
    assert shown == {
        "id": shown["id"],
        "from_division_id": split.div,
        "to_division_id": div(north),
        "amount": amount("40.00"),
        "created_at": shown["created_at"],
    }
    again = moving.post("transfers", body(split, north), idempotency_key="t")
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    assert (balance(split, split.top_id), balance(split, north)) == (6_000, 4_000)
    assert code(moving.post("transfers", body(split, north, "41.00"), idempotency_key="t")) == (422, "idempotency_key_reused")
    assert made.headers["location"] == f"/api/v1/transfers/{shown['id']}"
    opened = moving.get(f"transfers/{shown['id']}")
    assert opened.json() == shown
    assert moving.get(f"transfers/{shown['id']}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304


def test_eight_at_once_with_one_key_move_once(split: account.Program) -> None:
    north, moving, answers = split.division("North"), program(split), []
    tries = [threading.Thread(target=lambda: answers.append(moving.post("transfers", body(split, north), idempotency_key="t"))) for _ in range(8)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert balance(split, north) == 4_000


def test_the_key_of_another_key_moves_nothing_else(split: account.Program) -> None:
    """Two programs of a customer share the names of their requests."""
    north = split.division("North")
    first, second = program(split), program(split)
    first.post("transfers", body(split, north), idempotency_key="t")
    for text in ("40.00", "41.00"):
        second.post("transfers", body(split, north, text), idempotency_key="t")
    assert balance(split, north) == 4_000


def test_the_key_of_a_program_that_sees_other_divisions_is_its_own(split: account.Program) -> None:
    """A key's words are shared by those who see the same; others are neither told of a transfer nor kept from one."""
    north, south = split.division("North"), split.division("South")
    wide, narrow = program(split), program(split, split.top_id, north)
    first = wide.post("transfers", body(split, south), idempotency_key="t")
    second = narrow.post("transfers", body(split, north, "5.00"), idempotency_key="t")
    assert (first.status_code, second.status_code) == (201, 201), second.text
    third = program(split, north, split.top_id).post("transfers", body(split, north, "5.00"), idempotency_key="t")
    assert third.content == second.content
    same = program(split, split.top_id, south).post("transfers", body(split, south), idempotency_key="t")
    assert same.json()["id"] != first.json()["id"]
    assert (balance(split, north), balance(split, south)) == (5_00, 80_00)


@pytest.mark.parametrize(
    ("change", "refused", "pointer"),
    [
        ({"amount": amount("100.01")}, (402, "insufficient_funds"), "/amount/amount"),
        ({"amount": amount("0.00")}, (422, "amount_not_positive"), "/amount/amount"),
        ({"amount": amount("0.001")}, (422, "amount_too_precise"), "/amount/amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, (422, "currency_mismatch"), "/amount/currency"),
        ({"amount": 1}, (422, "invalid_fields"), "/amount"),
        ({"to_division_id": "div_1"}, (404, "division_not_found"), "/to_division_id"),
        ({"from_division_id": div(2**40)}, (404, "division_not_found"), "/from_division_id"),
        ({"note": "x"}, (422, "invalid_fields"), "/note"),
    ],
)
def test_what_is_wrong_moves_nothing(split: account.Program, change: dict[str, object], refused: tuple[int, str], pointer: str) -> None:
    north = split.division("North")
    answer = program(split).post("transfers", body(split, north, **change))
    assert code(answer) == refused
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert balance(split, north) == 0


def test_a_refusal_tells_what_could_be_moved(split: account.Program) -> None:
    split.spend(2_500)
    shown = program(split).post("transfers", body(split, split.division("North"), "99.00")).json()
    assert (shown["available"], shown["required"]) == (amount("75.00"), amount("99.00"))


def test_states_in_which_nothing_moves(shop: account.Program, split: account.Program) -> None:
    shop.opening(10_000)
    assert code(program(shop).post("transfers", body(shop, shop.division("North")))) == (409, "separate_funds_not_enabled")
    assert code(program(split).post("transfers", body(split, split.top_id)))[0] == 422
    assert code(program(split).post("transfers", body(split, split.top_id), idempotency_key=None)) == (400, "idempotency_key_missing")


def test_transfers_are_listed_narrowed_and_paged(split: account.Program) -> None:
    north, south = split.division("North"), split.division("South")
    moving = program(split)
    one, two, three = (
        moving.post("transfers", sent).json()["id"]
        for sent in (
            body(split, north, "30.00"),
            body(split, south, "20.00"),
            {"from_division_id": div(north), "to_division_id": div(south), "amount": amount("5.00")},
        )
    )
    rows = moving.get("transfers").json()["data"]
    assert [row["id"] for row in rows] == [three, two, one]
    second = rows[1]["created_at"]
    for query, found in (
        (f"division={div(north)}", [three, one]),
        (f"division={split.div}", [two, one]),
        ("limit=2", [three, two]),
        (f"after={three}", [two, one]),
        (f"before={one}", [three, two]),
        (f"before={one}&limit=1", [two]),
        (f"created[gte]={second}", [three, two]),
        (f"created[lt]={second}", [one]),
        ("before=trf_0000000000000", [three, two, one]),
    ):
        page = moving.get(f"transfers?{query}")
        assert [row["id"] for row in page.json()["data"]] == found, query
    assert f"after={two}" in moving.get("transfers?limit=2").headers["link"]
    for wrong in ("after=x", f"after={one}&before={two}", "after=chg_0000000000001"):
        assert moving.get(f"transfers?{wrong}").status_code == 422


def test_a_restricted_key_sees_what_touches_its_divisions(split: account.Program) -> None:
    """The other side has no name for it; what touches neither is not there, by id neither."""
    north, south, east = split.division("North"), split.division("South"), split.division("East")
    moving, restricted = program(split), program(split, north, east)
    in_sight = moving.post("transfers", body(split, north)).json()["id"]
    out_of_sight = moving.post("transfers", body(split, south)).json()["id"]
    assert [(row["id"], row["from_division_id"], row["to_division_id"]) for row in restricted.get("transfers").json()["data"]] == [
        (in_sight, None, div(north))
    ]
    assert code(restricted.get(f"transfers/{out_of_sight}")) == (404, "transfer_not_found")
    sent = {"from_division_id": div(north), "to_division_id": div(east), "amount": amount("1.00")}
    assert restricted.post("transfers", sent).status_code == 201
    for change in ({"to_division_id": div(south)}, {"from_division_id": div(south)}):
        assert code(restricted.post("transfers", sent | change)) == (404, "division_not_found")


def test_the_operator_reads_and_does_not_move(split: account.Program) -> None:
    north = split.division("North")
    made = program(split).post("transfers", body(split, north)).json()
    desk = operator.Program(operator.staff_key(StaffRole.AUDITOR, "transfers:read"))
    assert code(desk.get("transfers")) == (422, "customer_missing")
    assert desk.get(f"transfers?customer={ids.public('cus', split.customer_id)}").json()["data"] == [made]
    assert desk.get(f"transfers/{made['id']}").json() == made
    for role in StaffRole:
        refused = operator.Program(operator.staff_key(role, "transfers:write")).post("transfers", body(split, north))
        assert code(refused) == (403, "not_allowed")


def test_a_role_that_does_not_pay_does_not_move(split: account.Program) -> None:
    north = split.division("North")
    weak = split.another_key(role=CustomerRole.STANDARD_USER)
    assert operator.Program(weak).post("transfers", body(split, north)).status_code == 403
    assert code(operator.Program(operator.key(split, "transfers:read")).post("transfers", body(split, north))) == (403, "scope_missing")


ROUTES: list[tuple[str, str, bool]] = [("get", "transfers/{trf}", False), ("get", "transfers?division={div}", False), ("post", "transfers", True)]


@pytest.mark.parametrize(("verb", "path", "sends"), ROUTES)
def test_every_route_refuses_the_outsider(split: account.Program, verb: str, path: str, sends: bool) -> None:
    """No key, an unknown one, another scope, another customer: what exists is answered like what does not."""
    north = split.division("North")
    made = program(split).post("transfers", body(split, north), idempotency_key="mine").json()["id"]
    real, nothing = path.format(trf=made, div=split.div), path.format(trf=ids.public("trf", 2**40), div=div(2**40))
    sent, no_such = body(split, north), {"from_division_id": div(2**40), "to_division_id": div(2**41), "amount": amount("40.00")}

    def ask(key: str, at: str, content: object) -> tuple[int, dict[str, Any]]:
        by = operator.Program(key)
        answer = by.post(at, content, idempotency_key="mine") if sends else by.get(at)
        shown = answer.json()
        return answer.status_code, {name: shown[name] for name in shown if name not in {"instance", "request_id"}}

    assert account.ask(verb.upper(), f"/api/v1/{real}").status_code == 401
    assert ask("tsk_live_unknown", real, sent)[0] == 401
    assert ask(operator.key(split, "balance:read", "charges:write"), real, sent)[1]["code"] == "scope_missing"
    stranger = account.opened(separate_funds=True)
    theirs = operator.key(stranger, "transfers:write")
    assert ask(theirs, real, sent) == ask(theirs, nothing, no_such)
    assert ask(theirs, real, sent)[0] == 404
    assert balance(split, north) == 4_000


def test_foreign_cursors_show_nothing_of_others(split: account.Program) -> None:
    made = program(split).post("transfers", body(split, split.division("North"))).json()["id"]
    theirs = program(account.opened(separate_funds=True))
    for query in (f"after={made}", f"before={made}"):
        assert theirs.get(f"transfers?{query}").json()["data"] == []
    whose = ids.public("cus", split.customer_id)
    assert theirs.get(f"transfers?customer={whose}").status_code == 404


def test_a_page_of_transfers_takes_few_questions(split: account.Program) -> None:
    north, moving = split.division("North"), program(split)
    for _ in range(5):
        moving.post("transfers", body(split, north, "1.00"))
    assert counting.questions(moving.key, "transfers") <= 6
