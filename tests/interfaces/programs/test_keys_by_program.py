"""Keys by program: made, rotated and revoked, shown once, never with more than the asking key has, and refused to everybody else."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids

_SCOPES = ("keys:write", "balance:read", "invoices:read")


@pytest.fixture
def program(shop: account.Program) -> operator.Program:
    """A program that keeps the customer's keys."""
    return operator.Program(operator.key(shop, *_SCOPES))


def test_a_key_is_made_rotated_and_revoked(program: operator.Program, shop: account.Program) -> None:
    """Each of the keys opens what it may until it has ended."""
    made = program.post("keys", {"name": "Till 7", "scopes": ["invoices:read"], "networks": [], "division_ids": [shop.div]})
    assert made.status_code == 201, made.text
    shown = made.json()
    assert made.headers["location"] == f"/api/v1/keys/{shown['id']}"
    assert shown["secret"].startswith(shown["starts_with"])
    assert (shown["scopes"], shown["division_ids"], shown["kind"]) == (["invoices:read"], [shop.div], "customer")
    assert operator.Program(shown["secret"]).get("invoices").status_code == 200
    assert operator.Program(shown["secret"]).get("keys").json()["code"] == "scope_missing"
    listed = program.get("keys")
    assert shown["id"] in [one["id"] for one in listed.json()["data"]]
    assert shown["secret"] not in listed.text
    rotated = program.post(f"keys/{shown['id']}/rotation", {"overlap_hours": 0}).json()
    assert (rotated["follows_id"], rotated["scopes"]) == (shown["id"], ["invoices:read"])
    assert operator.Program(rotated["secret"]).get("invoices").status_code == 200
    time.sleep(1.0)  # for so long a server remembers a key
    assert operator.Program(shown["secret"]).get("invoices").status_code == 401
    ended = program.post(f"keys/{rotated['id']}/revocation")
    assert ended.json()["revoked_at"] is not None
    time.sleep(1.0)
    assert operator.Program(rotated["secret"]).get("invoices").status_code == 401
    assert program.post(f"keys/{rotated['id']}/rotation").json()["code"] == "key_ended"


def test_a_repeat_has_no_secret(program: operator.Program) -> None:
    """The answer is kept for repeats without what is shown once; no second key is made."""
    first = program.post("keys", {"name": "Till", "scopes": ["balance:read"]}, idempotency_key="once")
    again = program.post("keys", {"name": "Till", "scopes": ["balance:read"]}, idempotency_key="once")
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, {**first.json(), "secret": None})
    rotated = program.post(f"keys/{first.json()['id']}/rotation", {}, idempotency_key="turn")
    assert program.post(f"keys/{first.json()['id']}/rotation", {}, idempotency_key="turn").json() == {**rotated.json(), "secret": None}


@pytest.fixture
def rival() -> account.Program:
    """Another customer, with a key."""
    return account.opened()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"scopes": ["charges:write"]}, 403, "not_allowed"),
        ({"scopes": ["gold:read"]}, 422, "invalid"),
        ({"scopes": []}, 422, "invalid_fields"),
        ({"name": ""}, 422, "invalid"),
        ({"networks": ["nowhere"]}, 422, "invalid"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid"),
        ({"division_ids": ["div_zzzzzzzzzzzzy"]}, 404, "division_not_found"),
        ({"user_name": "x"}, 422, "invalid_fields"),
    ],
)
def test_what_is_refused(program: operator.Program, change: dict[str, object], status: int, code: str) -> None:
    """Nothing is made of a request that is wrong, or that asks for more than the asking key has."""
    before = len(program.get("keys").json()["data"])
    refused = program.post("keys", {"name": "Till", "scopes": ["balance:read"], **change})
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert len(program.get("keys").json()["data"]) == before


def test_a_key_that_a_program_makes_neither_outlives_its_own_nor_is_usable_from_elsewhere(shop: account.Program) -> None:
    """What is left out is taken from the asking key; more is refused."""
    ends_at = datetime.now(UTC) + timedelta(days=2)
    terms = customers.KeyTerms(scopes=_SCOPES, networks=("127.0.0.0/8",), expires_at=ends_at)
    program = operator.Program(customers.make_key(viewer=shop.viewer, name="Narrow", terms=terms).secret)
    made = program.post("keys", {"name": "Till", "scopes": ["balance:read"]}).json()
    assert (made["networks"], made["expires_at"]) == (["127.0.0.0/8"], ends_at.isoformat().replace("+00:00", "Z"))
    less = program.post("keys", {"name": "Till", "scopes": ["balance:read"], "networks": ["127.0.0.1"]}).json()
    assert less["networks"] == ["127.0.0.1/32"]
    for more in ({"networks": ["0.0.0.0/0"]}, {"networks": ["::1"]}, {"expires_at": (ends_at + timedelta(seconds=1)).isoformat()}):
        refused = program.post("keys", {"name": "Till", "scopes": ["balance:read"], **more})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), more


def test_nothing_wider_comes_by_rotation(shop: account.Program) -> None:
    """A program puts its own key into its place, and those that it could have made."""
    wide = ids.public("key", customers.make_key(viewer=shop.viewer, name="Wide", terms=customers.KeyTerms(scopes=("charges:write",))).id)
    same = ids.public("key", customers.make_key(viewer=shop.viewer, name="Same", terms=customers.KeyTerms(scopes=_SCOPES)).id)
    terms = customers.KeyTerms(scopes=_SCOPES, networks=("127.0.0.1",), expires_at=datetime.now(UTC) + timedelta(days=2))
    own = customers.make_key(viewer=shop.viewer, name="Narrow", terms=terms)
    program = operator.Program(own.secret)
    for other in (wide, same):
        assert program.post(f"keys/{other}/rotation").status_code == 403
    followed = program.post(f"keys/{ids.public('key', own.id)}/rotation")
    assert (followed.status_code, followed.json()["networks"]) == (201, ["127.0.0.1/32"])
    desk = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "keys:write"))
    wider = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "keys:write", "invoices:write"))
    theirs = wider.post("keys", {"name": "Desk", "scopes": ["invoices:write"]}).json()["id"]
    assert desk.post(f"keys/{theirs}/rotation").status_code == 403


def test_the_operators_programs_keep_the_operators_keys(shop: account.Program) -> None:
    """An administrator's program makes and ends them; it never meets a customer's."""
    program = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "keys:write", "purchase_orders:read"))
    made = program.post("keys", {"name": "Desk", "scopes": ["purchase_orders:read"]})
    assert (made.status_code, made.json()["kind"]) == (201, "operator")
    assert operator.Program(made.json()["secret"]).get("purchase-orders").status_code == 200
    assert program.post("keys", {"name": "Desk", "scopes": ["invoices:read"]}).status_code == 403
    assert program.get(f"keys/{ids.public('key', shop.key_id)}").status_code == 404
    assert program.post(f"keys/{made.json()['id']}/revocation").status_code == 200
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK, "keys:write"))
    assert clerk.get("keys").status_code == 403
    assert clerk.post("keys", {"name": "Desk", "scopes": ["purchase_orders:read"]}).status_code == 403


@pytest.mark.parametrize("path", ["keys/{}", "keys/{}/rotation", "keys/{}/revocation"])
def test_another_customers_key_is_not_there(program: operator.Program, rival: account.Program, path: str) -> None:
    """It answers as an id that nobody has, and nothing happens to it."""
    theirs, nobody = (path.format(one) for one in (ids.public("key", rival.key_id), "key_" + "0" * 26))
    answers = [(program.get(one) if path.endswith("{}") else program.post(one)) for one in (theirs, nobody)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert operator.Program(rival.key).get("keys").status_code != 401


def test_who_may_not(shop: account.Program) -> None:
    """No key, and a key without the scope."""
    assert account.ask("GET", "/api/v1/keys").status_code == 401
    reader = operator.Program(operator.key(shop, "keys:read"))
    assert reader.get("keys").status_code == 200
    assert reader.post("keys", {"name": "Till", "scopes": ["keys:read"]}).json()["code"] == "scope_missing"
    assert operator.Program(operator.key(shop, "balance:write")).get("keys").json()["code"] == "scope_missing"
