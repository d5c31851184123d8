"""Deposits by program: asked for by transfer and by card, the same request once, and refused to everybody else."""

import concurrent.futures
import uuid

import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids


@pytest.fixture
def program(shop: account.Program) -> operator.Program:
    """A program that asks for funds."""
    return operator.Program(operator.key(shop, "deposits:write"))


def _asked(shop: account.Program, **change: object) -> dict[str, object]:
    return {"division_id": shop.div, "amount": {"amount": "500.00", "currency": "USD"}, "method": "bank_transfer", **change}


def test_a_transfer_is_announced_once(program: operator.Program, shop: account.Program) -> None:
    """The same request has the same payment, from ten threads at once; another one with the key is refused."""
    key = uuid.uuid4().hex
    with concurrent.futures.ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: program.post("deposits", _asked(shop), idempotency_key=key), range(10)))
    told = [one for one in answers if one.status_code == 201]
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.text for one in told}) == 1
    made = told[0].json()
    assert (made["state"], made["gross"], made["redirect_url"]) == ("started", {"amount": "500.00", "currency": "USD"}, None)
    assert program.post("deposits", _asked(shop), idempotency_key=key).headers["idempotent-replayed"] == "true"
    assert program.post("deposits", _asked(shop, amount={"amount": "1.00", "currency": "USD"}), idempotency_key=key).status_code == 422
    (listed,) = program.get(f"deposits?division={shop.div}").json()["data"]
    assert (listed["payment_id"], listed["reference"], listed["net"]) == (made["payment_id"], made["reference"], made["gross"])


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"amount": {"amount": "0.00", "currency": "USD"}}, 422, "/amount/amount"),
        ({"amount": {"amount": "1e30", "currency": "USD"}}, 422, "/amount/amount"),
        ({"amount": {"amount": "1.001", "currency": "USD"}}, 422, "/amount/amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, 422, "/amount/currency"),
        ({"method": "cheque"}, 422, "/method"),
        ({"method": "card"}, 422, "/return_url"),
        ({"method": "card", "return_url": "javascript:alert(1)"}, 422, "/return_url"),
        ({"division_id": "div_zzzzzzzzzzzzy"}, 404, "/division_id"),
        ({"gift": True}, 422, "/gift"),
    ],
)
def test_what_is_refused(program: operator.Program, shop: account.Program, change: dict[str, object], status: int, pointer: str) -> None:
    """Nothing is asked for by a request that is wrong."""
    refused = program.post("deposits", _asked(shop, **change))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer), refused.text
    assert program.get(f"deposits?division={shop.div}").json()["data"] == []


def test_a_method_that_the_customer_left_out_is_a_rule_and_no_fault_of_the_request(program: operator.Program, shop: account.Program) -> None:
    """405 speaks of the verb; this refusal speaks of the customer's settings, and names the field."""
    keeper = operator.Program(operator.key(shop, "customers:write"))
    (mine,) = keeper.get("customers").json()["data"]
    kept = keeper.post(f"customers/{mine['id']}/settings", {"payment_methods": ["card"], "default_method": "card"})
    assert kept.status_code == 200, kept.text
    refused = program.post("deposits", _asked(shop))
    told = refused.json()
    assert (refused.status_code, told["code"], told["errors"][0]["pointer"]) == (409, "payment_method_not_allowed", "/method"), refused.text
    assert "allow" not in refused.headers


def test_who_may_not(program: operator.Program, shop: account.Program) -> None:
    """No key, another kind, no scope, another division, another customer's: the latter two answer as ids that nobody has."""
    rival, other = account.opened(), shop.division("Closed to it")
    assert account.ask("GET", f"/api/v1/deposits?division={shop.div}").status_code == 401
    desk = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "deposits:write"))
    assert desk.post("deposits", _asked(shop)).status_code == 403
    reader = operator.Program(operator.key(shop, "deposits:read"))
    assert reader.post("deposits", _asked(shop)).json()["code"] == "scope_missing"
    assert operator.Program(operator.key(shop, "keys:write")).get(f"deposits?division={shop.div}").json()["code"] == "scope_missing"
    narrow = operator.Program(operator.key(shop, "deposits:write", divisions=(other,)))
    nobody = ids.public("div", 2**62)
    for who, hidden in ((narrow, shop.div), (program, rival.div)):
        told = [(who.get(f"deposits?division={one}"), who.post("deposits", _asked(shop, division_id=one))) for one in (hidden, nobody)]
        for mine, none in zip(*told, strict=True):
            assert (mine.status_code, mine.json()["code"], mine.json()["detail"]) == (404, none.json()["code"], none.json()["detail"])


def test_a_narrower_key_learns_nothing_from_an_idempotency_key(program: operator.Program, shop: account.Program) -> None:
    """The same key of idempotency, sent with another sight, is another request of its own."""
    below = shop.division("Below")
    assert program.post("deposits", _asked(shop), idempotency_key="shared").status_code == 201
    narrow = operator.Program(operator.key(shop, "deposits:write", divisions=(below,)))
    own = narrow.post("deposits", _asked(shop, division_id=ids.public("div", below)), idempotency_key="shared")
    assert (own.status_code, "idempotent-replayed" in own.headers) == (201, False), own.text
