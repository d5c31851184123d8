"""Customers by program: listed, opened, corrected and given credit by the operator's; a customer's own keeps its settings and sees itself alone."""

import itertools
import uuid

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids

_numbers = itertools.count(1)


@pytest.fixture
def desk() -> operator.Program:
    """A program of the operator's administrators."""
    return operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "customers:write"))


def _cus(shop: account.Program) -> str:
    return ids.public("cus", shop.customer_id)


def _asked(shop: account.Program, **change: object) -> dict[str, object]:
    entity = queries.customer(viewer=shop.viewer).legal_entity_id
    limit = {"amount": "2000.00", "currency": "USD"}
    return {"legal_entity_id": entity, "name": f"Cedar {uuid.uuid4().hex}", "currency": "USD", "credit_limit": limit, **change}


def test_a_customer_is_opened_corrected_and_listed(desk: operator.Program, shop: account.Program) -> None:
    """Before and after are kept by the domain; who was slower than a colleague is told."""
    body = _asked(shop)
    made = desk.post("customers", body)
    assert made.status_code == 201, made.text
    cus = made.json()["id"]
    assert made.headers["location"] == f"/api/v1/customers/{cus}"
    assert (made.json()["credit_limit"], made.json()["separate_funds"]) == ({"amount": "2000.00", "currency": "USD"}, False)
    record = {key: value for key, value in body.items() if key != "credit_limit"} | {"vat_number": "US-12", "recipients": ["ap@cedar.example"]}
    changed = desk.post(f"customers/{cus}/change", record, **{"If-Match": made.headers["etag"]})
    assert (changed.json()["vat_number"], changed.json()["recipients"]) == ("US-12", ["ap@cedar.example"]), changed.text
    assert desk.post(f"customers/{cus}/change", {**record, "vat_number": "US-13"}, **{"If-Match": made.headers["etag"]}).status_code == 412
    opened = desk.get(f"customers/{cus}")
    assert opened.json() == changed.json()
    assert desk.get(f"customers/{cus}", **{"If-None-Match": opened.headers["etag"]}).status_code == 304
    assert [one["id"] for one in desk.get(f"customers?q={body['name']}").json()["data"]] == [cus]


def test_customers_are_paged_by_name(desk: operator.Program, shop: account.Program) -> None:
    """Each once, whatever the size of a page."""
    mark = uuid.uuid4().hex
    names = [f"{mark} {letter}" for letter in "cab"]
    made = {desk.post("customers", _asked(shop, name=name)).json()["name"] for name in names}
    assert made == set(names)
    found, path = [], f"customers?limit=2&q={mark}"
    while path:
        page = desk.get(path)
        found += [one["name"] for one in page.json()["data"]]
        link = page.headers.get("link", "")
        assert bool(link) is page.json()["has_more"]
        path = link.partition("<")[2].partition(">")[0].removeprefix("/api/v1/")
    assert found == sorted(names)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"legal_entity_id": 2**40}, "/legal_entity_id"),
        ({"terms_days": 31}, "/terms_days"),
        ({"credit_limit": {"amount": "1.00", "currency": "EUR"}}, "/credit_limit/currency"),
        ({"billing_email": "nobody"}, "/billing_email"),
        ({"country": "usa"}, "/country"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_refused(desk: operator.Program, shop: account.Program, change: dict[str, object], pointer: str) -> None:
    """No customer is opened by a request that is wrong."""
    mark = f"Cedar {uuid.uuid4().hex}"
    refused = desk.post("customers", _asked(shop, **{"name": mark, **change}))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    assert "Value error" not in refused.text
    assert desk.get(f"customers?q={mark}").json()["data"] == []


def test_a_limit_is_asked_for_by_one_and_approved_by_another(shop: account.Program) -> None:
    """Nothing changes before; the same approval twice has one effect; unlimited is null."""
    clerk, approver = (operator.Program(operator.staff_key(role, "customers:write")) for role in (StaffRole.APPROVER, StaffRole.APPROVER))
    cus = _cus(shop)
    asked = clerk.post(f"customers/{cus}/credit-terms", {"credit_limit": None, "credit_rule": "all_unpaid", "reason": "A year of good payments"})
    assert (asked.status_code, asked.json()["state"]) == (201, "requested"), asked.text
    path = f"customers/{cus}/credit-terms/{asked.json()['id']}"
    assert clerk.post(f"{path}/approval").json()["code"] == "own_entry"
    assert clerk.get(f"customers/{cus}").json()["credit_limit"] is not None
    for _ in range(2):
        approved = approver.post(f"{path}/approval", idempotency_key="approve-it")
        assert (approved.status_code, approved.json()["state"]) == (200, "approved"), approved.text
    assert clerk.get(f"customers/{cus}").json()["credit_limit"] is None
    assert approver.post(f"{path}/decline").status_code == 409
    listed = clerk.get(f"customers/{cus}/credit-terms").json()["data"]
    assert [one["state"] for one in listed] == ["approved", "approved"]
    other = clerk.post(f"customers/{cus}/credit-terms", {"credit_limit": {"amount": "0.00", "currency": "USD"}, "credit_rule": "consumption"})
    assert approver.post(f"customers/{cus}/credit-terms/{other.json()['id']}/decline").json()["state"] == "declined"


def test_a_customers_own_program_keeps_its_settings(shop: account.Program) -> None:
    """It sees itself alone; the operator's acts are refused."""
    program, cus = operator.Program(operator.key(shop, "customers:write")), _cus(shop)
    assert [one["id"] for one in program.get("customers").json()["data"]] == [cus]
    settings = {"notify_below": {"amount": "500.00", "currency": "USD"}, "payment_methods": ["bank_transfer"], "default_method": "bank_transfer"}
    etag = program.get(f"customers/{cus}").headers["etag"]
    kept = program.post(f"customers/{cus}/settings", settings, **{"If-Match": etag})
    assert (kept.json()["notify_below"]["amount"], kept.json()["payment_methods"]) == ("500.00", ["bank_transfer"]), kept.text
    assert program.post(f"customers/{cus}/settings", settings, **{"If-Match": etag}).status_code == 412
    assert program.post(f"customers/{cus}/settings", {**settings, "default_method": "card"}).status_code == 422
    for wanted in (True, False):
        assert program.post(f"customers/{cus}/separate-funds", {"separate": wanted}).json()["separate_funds"] is wanted
    assert program.post("customers", _asked(shop)).status_code == 403
    assert program.post(f"customers/{cus}/credit-terms", {"credit_limit": None, "credit_rule": "consumption"}).status_code == 403


_PATHS = [
    ("GET", "customers/{}", None),
    ("GET", "customers/{}/credit-terms", None),
    ("POST", "customers/{}/change", {"legal_entity_id": 1, "name": "Taken", "currency": "USD"}),
    ("POST", "customers/{}/settings", {"payment_methods": ["card"], "default_method": "card"}),
    ("POST", "customers/{}/separate-funds", {"separate": True}),
    ("POST", "customers/{}/credit-terms", {"credit_limit": None, "credit_rule": "consumption"}),
    ("POST", "customers/{}/credit-terms/trm_00000000000000000000000000/approval", {}),
    ("POST", "customers/{}/credit-terms/trm_00000000000000000000000000/decline", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), _PATHS)
def test_another_customer_is_not_there(shop: account.Program, method: str, path: str, body: object) -> None:
    """It answers as an id that nobody has; without a key or the scope nothing is answered at all."""
    program, rival = operator.Program(operator.key(shop, "customers:write")), account.opened()

    def ask(who: operator.Program, cus: str) -> tuple[int, str, str]:
        told = who.get(path.format(cus)) if method == "GET" else who.post(path.format(cus), body)
        return told.status_code, told.json()["code"], told.json()["detail"]

    answers = [ask(program, cus) for cus in (_cus(rival), ids.public("cus", 2**62))]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert ask(operator.Program("tsk_live_nothing"), _cus(shop))[0] == 401
    assert ask(operator.Program(operator.key(shop, "keys:write")), _cus(shop))[:2] == (403, "scope_missing")
    if method == "POST":
        assert ask(operator.Program(operator.key(shop, "customers:read")), _cus(shop))[:2] == (403, "scope_missing")
