"""Users by program: listed, invited, changed and ended, as an administrator's page does it; refused to everybody else."""

import itertools

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids

_numbers = itertools.count(1)


@pytest.fixture
def program(shop: account.Program) -> operator.Program:
    """A program that keeps the customer's users."""
    return operator.Program(operator.key(shop, "users:write"))


def _invitation(**change: object) -> dict[str, object]:
    return {"email": f"ana{next(_numbers)}@northwind.example", "name": "Ana Silva", "role": "finance_manager", **change}


def _invited(program: operator.Program, **change: object) -> dict[str, object]:
    made = program.post("users", _invitation(**change))
    assert made.status_code == 201, made.text
    shown: dict[str, object] = made.json()
    assert made.headers["location"] == f"/api/v1/users/{shown['id']}"
    return {**shown, "etag": made.headers["etag"]}


def test_a_user_is_invited_changed_and_ended(program: operator.Program, shop: account.Program) -> None:
    """All of it is seen by the domain, and whoever was ended can come back."""
    user = _invited(program, division_ids=[shop.div])
    assert (user["role"], user["division_ids"], user["is_active"]) == ("finance_manager", [shop.div], True)
    assert user["id"] in [one["id"] for one in program.get("users").json()["data"]]
    changed = program.post(f"users/{user['id']}/access", {"role": "manager", "division_ids": None}, **{"If-Match": str(user["etag"])})
    assert (changed.json()["role"], changed.json()["division_ids"]) == ("manager", None)
    stale = program.post(f"users/{user['id']}/access", {"role": "standard_user"}, **{"If-Match": str(user["etag"])})
    assert stale.status_code == 412
    opened = program.get(f"users/{user['id']}")
    assert opened.json() == changed.json()
    assert program.get(f"users/{user['id']}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304
    again = program.post("users", _invitation(email=str(user["email"]).upper()))
    assert (again.status_code, again.json()["code"]) == (409, "user_exists")
    assert program.post(f"users/{user['id']}/access", {"role": "manager", "is_active": False}).json()["is_active"] is False
    assert program.post("users", _invitation(email=user["email"])).json()["is_active"] is True
    kept = {ids.public("usr", one.person_id): one for one in queries.users(viewer=shop.viewer)}
    assert kept[str(user["id"])].role == "finance_manager"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"email": "nobody"}, 422, "invalid"),
        ({"role": "king"}, 422, "invalid_fields"),
        ({"division_ids": []}, 422, "invalid_fields"),
        ({"division_ids": ["div_zzzzzzzzzzzzy"]}, 404, "division_not_found"),
        ({"division_ids": ["div_7zzzzzzzzzzzz"]}, 404, "not_found"),
        ({"surname": "x"}, 422, "invalid_fields"),
    ],
)
def test_what_is_refused(program: operator.Program, change: dict[str, object], status: int, code: str) -> None:
    """Nobody is invited by a request that is wrong."""
    before = len(program.get("users").json()["data"])
    refused = program.post("users", _invitation(**change))
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert len(program.get("users").json()["data"]) == before


def test_nobody_changes_their_own_access(shop: account.Program, program: operator.Program) -> None:
    """A program works for a person, who asks another administrator."""
    own = ids.public("usr", shop.viewer.person_id or 0)
    invited = _invited(program)
    assert program.post(f"users/{invited['id']}/access", {"role": "administrator"}).status_code == 200
    if own in [one["id"] for one in program.get("users").json()["data"]]:
        refused = program.post(f"users/{own}/access", {"role": "manager"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_a_key_of_one_division_gives_access_to_it_alone(shop: account.Program) -> None:
    """Neither to all divisions nor to another one."""
    narrow = operator.Program(operator.key(shop, "users:write", divisions=(shop.top_id,)))
    assert narrow.post("users", _invitation(division_ids=[shop.div])).status_code == 201
    refused = narrow.post("users", _invitation())
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/division_ids")


def test_the_operators_programs_name_the_customer(shop: account.Program) -> None:
    """An administrator's program invites; a clerk's reads."""
    program = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "users:write"))
    cus = ids.public("cus", shop.customer_id)
    assert program.get("users").json()["code"] == "customer_missing"
    assert program.post("users", _invitation()).json()["code"] == "customer_missing"
    user = program.post("users", _invitation(customer_id=cus))
    assert user.status_code == 201, user.text
    assert user.json()["id"] in [one["id"] for one in program.get(f"users?customer={cus}").json()["data"]]
    clerk = operator.Program(operator.staff_key(StaffRole.CLERK, "users:write"))
    assert clerk.post("users", _invitation(customer_id=cus)).status_code == 403


def test_another_customers_users_are_not_there(program: operator.Program) -> None:
    """In the path and by name, they answer as ids that nobody has."""
    rival = account.opened()
    theirs = _invited(operator.Program(operator.key(rival, "users:write")))
    nobody = ids.public("usr", 2**62)
    for path in ("users/{}", "users/{}/access"):
        answers = [
            program.get(path.format(one)) if path.endswith("{}") else program.post(path.format(one), {"role": "manager"})
            for one in (theirs["id"], nobody)
        ]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]
    cus, nothing = ids.public("cus", rival.customer_id), ids.public("cus", 2**62)
    for named in (cus, nothing):
        assert program.get(f"users?customer={named}").status_code == 404
        assert program.post("users", _invitation(customer_id=named)).status_code == 404
    assert program.post("users", _invitation(division_ids=[rival.div])).status_code == 404


def test_who_may_not(shop: account.Program) -> None:
    """No key, and keys without the scope."""
    assert account.ask("GET", "/api/v1/users").status_code == 401
    reader = operator.Program(operator.key(shop, "users:read"))
    assert reader.get("users").status_code == 200
    assert reader.post("users", _invitation()).json()["code"] == "scope_missing"
    assert operator.Program(operator.key(shop, "keys:write")).get("users").json()["code"] == "scope_missing"
