"""Divisions by program: list, open, add, rename, close; what is unsettled keeps a division open."""

from typing import Any

import httpx
import pytest

from interfaces.programs import account, counting, operator
from tallystick.domain.customers.rules import Act, CustomerRole, StaffRole
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing.models import Invoice
from tallystick.integrations.postgres import scope
from tallystick.lib import ids


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def div(division_id: int) -> str:
    return ids.public("div", division_id)


def program(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "divisions:write", divisions=divisions or None))


def reader(shop: account.Program, *divisions: int) -> operator.Program:
    return operator.Program(operator.key(shop, "divisions:read", divisions=divisions or None))


def test_a_division_is_added_once_and_opened(shop: account.Program) -> None:
    by = program(shop)
    made = by.post("divisions", {"name": " Research  North "}, idempotency_key="d")
    assert made.status_code == 201, made.text
    shown = made.json()
    assert shown == {"id": shown["id"], "name": "Research North", "status": "open", "is_top": False, "parent_id": shop.div, "closed_at": None}
    assert by.post("divisions", {"name": " Research  North "}, idempotency_key="d").content == made.content
    assert made.headers["location"] == f"/api/v1/divisions/{shown['id']}"
    opened = by.get(f"divisions/{shown['id']}")
    assert opened.json() == shown
    assert by.get(f"divisions/{shown['id']}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304
    below = by.post("divisions", {"name": "Lab", "parent_id": shown["id"]}).json()
    assert below["parent_id"] == shown["id"]
    assert [row["name"] for row in by.get("divisions").json()["data"]] == ["Northwind Labs", "Lab", "Research North"]
    charged = shop.charge("1.00", division_id=below["id"])
    assert charged.status_code == 201, "its fund is there"


def test_a_division_is_closed_once(shop: account.Program) -> None:
    by, north = program(shop), div(shop.division("North"))
    etag = by.get(f"divisions/{north}").headers["etag"]
    closed = by.post(f"divisions/{north}/closure", **{"If-Match": etag})
    assert (closed.status_code, closed.json()["status"], closed.json()["closed_at"][-1]) == (200, "closed", "Z")
    assert code(by.post(f"divisions/{north}/closure", **{"If-Match": etag})) == (412, "precondition_failed")
    assert by.post(f"divisions/{north}/closure").json() == closed.json()
    for status, names in (("open", ["Northwind Labs"]), ("closed", ["North"])):
        assert [row["name"] for row in by.get(f"divisions?status={status}").json()["data"]] == names
    refused = by.post("divisions", {"name": "Below", "parent_id": north})
    assert (code(refused), refused.json()["errors"][0]["pointer"]) == ((422, "invalid"), "/parent_id")


def test_what_is_unsettled_keeps_it_open(shop: account.Program) -> None:
    by, north = program(shop), shop.division("North")
    shop.books.add_division("Below", north)
    assert code(by.post(f"divisions/{div(north)}/closure")) == (409, "division_not_empty")
    assert code(by.post(f"divisions/{shop.div}/closure")) == (409, "division_not_empty")
    owing = shop.division("Owing")
    shop.books.issue((5_000, "0"), division_id=owing)
    assert code(by.post(f"divisions/{div(owing)}/closure")) == (409, "division_not_empty")
    assert by.get(f"divisions/{div(owing)}").json()["status"] == "open"


def test_a_division_is_renamed_and_papers_keep_its_name(shop: account.Program) -> None:
    """Also the top-level one; the mark of what was looked at guards it, and what changes nothing is no event."""
    by, north = program(shop), shop.division("North")
    invoice = shop.books.issue((5_000, "0"), division_id=north)
    etag = by.get(f"divisions/{div(north)}").headers["etag"]
    changed = by.post(f"divisions/{div(north)}/change", {"name": " North  Pole "}, **{"If-Match": etag})
    assert (changed.status_code, changed.json()["name"]) == (200, "North Pole"), changed.text
    assert changed.headers["etag"] != etag
    assert changed.headers["etag"].isascii()
    assert code(by.post(f"divisions/{div(north)}/change", {"name": "South"}, **{"If-Match": etag})) == (412, "precondition_failed")
    assert by.post(f"divisions/{div(north)}/change", {"name": "North Pole"}).status_code == 200
    assert by.post(f"divisions/{shop.div}/change", {"name": "北極"}).json()["is_top"]
    assert [row["name"] for row in by.get("divisions").json()["data"]] == ["北極", "North Pole"]
    with scope.of(account.ADA):
        told = [one for one in events.log(customer_id=shop.customer_id, limit=50) if one.kind == "division.renamed"]
        (frozen,) = Invoice.objects.filter(id=invoice).values_list("frozen", flat=True)
    assert [one.facts for one in reversed(told)] == [
        {"division_id": north, "before": {"name": "North"}, "after": {"name": "North Pole"}},
        {"division_id": shop.top_id, "before": {"name": "Northwind Labs"}, "after": {"name": "北極"}},
    ]
    assert "North Pole" not in str(frozen)
    assert frozen["division"] == "North"


def test_a_name_is_free_below_its_parent(shop: account.Program) -> None:
    """The name of a sibling is refused, also that of a closed one; a closed division keeps its name."""
    by, north, gone = program(shop), div(shop.division("North")), div(shop.division("Gone"))
    by.post(f"divisions/{gone}/closure")
    for name in ("Gone", "   ", "x" * 201):
        refused = by.post(f"divisions/{north}/change", {"name": name})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/name")
    assert code(by.post(f"divisions/{gone}/change", {"name": "Back"})) == (409, "division_closed")
    assert {row["name"] for row in by.get("divisions").json()["data"]} == {"Northwind Labs", "North", "Gone"}


def test_its_money_moves_up() -> None:
    shop = account.opened(separate_funds=True)
    north = shop.division("North")
    shop.opening(4_000, north)
    assert program(shop).post(f"divisions/{div(north)}/closure").status_code == 200
    assert shop.books.figures(shop.top_id).balance_minor == 4_000


@pytest.mark.parametrize(
    ("change", "refused", "pointer"),
    [
        ({"name": ""}, (422, "invalid_fields"), "/name"),
        ({"name": "   "}, (422, "invalid"), "/name"),
        ({"name": "x" * 201}, (422, "invalid_fields"), "/name"),
        ({"name": "a\nb"}, (422, "invalid_fields"), "/name"),
        ({"name": "North"}, (422, "invalid"), "/name"),
        ({"name": 1}, (422, "invalid_fields"), "/name"),
        ({"parent_id": "div_1"}, (404, "division_not_found"), "/parent_id"),
        ({"parent_id": div(2**40)}, (404, "division_not_found"), "/parent_id"),
        ({"colour": "red"}, (422, "invalid_fields"), "/colour"),
        ({"customer_id": ids.public("cus", 2**40)}, (404, "not_found"), None),
    ],
)
def test_what_is_wrong_adds_nothing(shop: account.Program, change: dict[str, object], refused: tuple[int, str], pointer: str | None) -> None:
    shop.division("North")
    answer = program(shop).post("divisions", {"name": "Research", **change})
    assert code(answer) == refused, answer.text
    assert pointer is None or answer.json()["errors"][0]["pointer"] == pointer
    assert len(program(shop).get("divisions").json()["data"]) == 2


def test_a_restricted_key_sees_its_divisions_and_changes_none(shop: account.Program) -> None:
    north, south = shop.division("North"), shop.division("South")
    by = reader(shop, north)
    (shown,) = by.get("divisions").json()["data"]
    assert (shown["id"], shown["parent_id"], shown["is_top"]) == (div(north), None, False)
    assert code(by.get(f"divisions/{div(south)}")) == (404, "division_not_found")
    restricted = program(shop, north)
    for at, body in (
        ("divisions", {"name": "Below", "parent_id": div(north)}),
        (f"divisions/{div(north)}/change", {"name": "South"}),
        (f"divisions/{div(north)}/closure", None),
    ):
        assert code(restricted.post(at, body)) == (403, "not_allowed")


@pytest.mark.parametrize("role", [CustomerRole.MANAGER, CustomerRole.FINANCE_MANAGER])
def test_who_changes_no_settings_changes_no_divisions(shop: account.Program, role: CustomerRole) -> None:
    north = shop.division("North")
    by = operator.Program(shop.another_key(role=role, acts=(Act.SEE_FINANCES, Act.CHANGE_SETTINGS)))
    assert by.get(f"divisions/{div(north)}").status_code == 200
    assert code(by.post("divisions", {"name": "Lab"})) == (403, "not_allowed")
    assert code(by.post(f"divisions/{div(north)}/change", {"name": "Lab"})) == (403, "not_allowed")
    assert code(by.post(f"divisions/{div(north)}/closure")) == (403, "not_allowed")


def test_the_operator_names_the_customer(shop: account.Program) -> None:
    whose = ids.public("cus", shop.customer_id)
    desk = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "divisions:write"))
    assert code(desk.get("divisions")) == (422, "customer_missing")
    assert code(desk.post("divisions", {"name": "Lab"})) == (422, "customer_missing")
    made = desk.post("divisions", {"name": "Lab", "customer_id": whose}).json()
    assert desk.get(f"divisions/{made['id']}?customer={whose}").json() == made
    other = ids.public("cus", account.opened().customer_id)
    assert code(desk.get(f"divisions/{made['id']}?customer={other}")) == (404, "division_not_found")
    assert code(desk.post(f"divisions/{made['id']}/closure?customer={other}")) == (404, "division_not_found")
    assert code(desk.post(f"divisions/{made['id']}/change?customer={other}", {"name": "Shop"})) == (404, "division_not_found")
    assert desk.post(f"divisions/{made['id']}/change?customer={whose}", {"name": "Shop"}).json()["name"] == "Shop"
    assert desk.post(f"divisions/{made['id']}/closure?customer={whose}").json()["status"] == "closed"
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK, "divisions:write"))
    assert code(clerk.post("divisions", {"name": "Lab", "customer_id": whose})) == (403, "not_allowed")


ROUTES = [
    ("get", "divisions/{div}", None),
    ("post", "divisions/{div}/change", {"name": "Lab"}),
    ("post", "divisions/{div}/closure", None),
    ("post", "divisions", {"name": "Lab", "parent_id": "{div}"}),
    ("get", "divisions?customer={cus}", None),
    ("post", "divisions/{div}/change?customer={cus}", {"name": "Lab"}),
    ("post", "divisions/{div}/closure?customer={cus}", None),
    ("post", "divisions", {"name": "Lab", "customer_id": "{cus}"}),
]


@pytest.mark.parametrize(("verb", "path", "body"), ROUTES)
def test_every_route_refuses_the_outsider(shop: account.Program, verb: str, path: str, body: dict[str, str] | None) -> None:
    """No key, an unknown one, another scope, another customer: an id that exists is answered like one that does not."""
    real = {"div": div(shop.division("North")), "cus": ids.public("cus", shop.customer_id)}
    nothing = {"div": div(2**40), "cus": ids.public("cus", 2**40)}

    def ask(key: str, named: dict[str, str]) -> tuple[int, dict[str, Any]]:
        by, at = operator.Program(key), path.format(**named)
        sent = {name: value.format(**named) for name, value in (body or {}).items()}
        answer = by.post(at, sent, idempotency_key="mine") if verb == "post" else by.get(at)
        shown = answer.json()
        told = {name: shown[name] for name in shown if name not in {"instance", "request_id"}}
        return answer.status_code, told | {"detail": told.get("detail", "").replace(named["cus"], "")}

    assert account.ask(verb.upper(), f"/api/v1/{path.format(**real)}").status_code == 401
    assert ask("tsk_live_unknown", real)[0] == 401
    assert ask(operator.key(shop, "balance:read"), real)[1]["code"] == "scope_missing"
    if verb == "post":
        assert ask(operator.key(shop, "divisions:read"), real)[1]["code"] == "scope_missing"
    theirs = operator.key(account.opened(), "divisions:write")
    assert ask(theirs, real) == ask(theirs, nothing)
    assert ask(theirs, real)[0] == 404


def test_a_list_takes_few_questions_however_long(shop: account.Program) -> None:
    by = reader(shop)
    few = counting.questions(by.key, "divisions")
    for place in range(5):
        shop.division(f"Division {place}")
    assert counting.questions(by.key, "divisions") == few <= 4
