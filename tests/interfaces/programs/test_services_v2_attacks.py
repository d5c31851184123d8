"""Every route of the CertCentral face against every wrong key and every id of others: refused, and the same whether or not the id exists."""

import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import get_resolver

from interfaces.programs import account
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, CustomerRole, StaffRole
from tallystick.interfaces.services_v2 import gate, urls

FINANCE = (
    "finance/balance",
    "finance/balance-history",
    "finance/adjustment/{row}",
    "finance/purchase-history",
    "finance/receipt/{row}",
    "finance/payment-profile",
)
NEIGHBORS = ("account", "container", "container/{container}", "user/me")
TRANSFER = "finance/transfer"
READS = (*FINANCE, *NEIGHBORS)
NOBODY = 9_000_000_000


class World:
    """Two customers of the same shape: a top-level division and two below, funds of their own, a purchase in each."""

    def __init__(self) -> None:
        self.shop, self.a, self.b, self.row = self._open()
        self.other, self.other_a, _, self.other_row = self._open()
        self.narrow = self.shop.another_key(acts=[Act.SEE_FINANCES, Act.PAY], divisions=[self.a])
        self.full = self.shop.another_key(acts=[Act.SEE_FINANCES, Act.PAY])

    @staticmethod
    def _open() -> tuple[account.Program, int, int, dict[int, str]]:
        shop = account.opened(separate_funds=True)
        a, b = shop.division("A"), shop.division("B")
        found = {}
        for division_id in (shop.top_id, a, b):
            shop.opening(10_000, division_id)
            shop.spend(100, division_id)
            listed = account.ask("GET", f"/services/v2/finance/balance-history?container_id={division_id}", headers={"X-DC-DEVKEY": shop.key}).json()
            found[division_id] = listed["adjustments"][0]["id"]
        return shop, a, b, found

    def ask(self, at: str, key: str | bytes | None, *, container: int, row: str) -> account.httpx.Response:
        headers = {} if key is None else {"X-DC-DEVKEY": key}
        return account.ask("GET", f"/services/v2/{at.format(container=container, row=row)}", headers=headers, params={"container_id": container})

    def move(self, key: str | None, source: int, target: int) -> account.httpx.Response:
        headers = {} if key is None else {"X-DC-DEVKEY": key}
        body = json.dumps({"amount": "1.00", "from_container_id": source, "to_container_id": target})
        return account.ask("POST", f"/services/v2/{TRANSFER}", headers=headers, content=body.encode())


@pytest.fixture(scope="module", autouse=True)
def unlimited() -> Iterator[None]:
    """Let the few keys of this table ask as often as it takes."""
    gate.limit("off")
    yield
    gate.limit("1000/180,100/5")


@pytest.fixture(scope="module")
def world(database: dict[str, str]) -> World:
    assert database
    return World()


def _clerk() -> int:
    person_id = customers.add_person(viewer=account.ADA, email=f"{uuid.uuid4().hex}@tallystick.example", name="Max")
    customers.set_staff(viewer=account.ADA, person_id=person_id, role=StaffRole.CLERK)
    return person_id


def code(answer: account.httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_the_table_names_every_route() -> None:
    open_to_all = {"services-reference", "services-openapi"}
    routes = [pattern for pattern in urls.urlpatterns[:-1] if pattern.name not in open_to_all]
    written = {str(pattern.pattern).removeprefix("services/v2/") for pattern in routes}
    known = {at.replace("{row}", "<str:written>").replace("{container}", "<str:written>") for at in (*READS, TRANSFER)}
    assert written == known
    assert get_resolver("tallystick.config.urls").resolve("/services/v2/finance/nothing").func.__name__ == "no_route"


@pytest.mark.parametrize("at", READS)
def test_keys_that_are_none(world: World, at: str) -> None:
    own = {"container": world.a, "row": world.row[world.a]}
    assert code(world.ask(at, None, **own)) == (401, "access_denied|access_denied_missing_key")  # type: ignore[arg-type]
    assert world.ask(at, world.full, **own).status_code == 200  # type: ignore[arg-type]
    gone = customers.issue_key(viewer=world.shop.viewer, name="Gone", acts=[Act.SEE_FINANCES])
    customers.revoke_key(viewer=world.shop.viewer, key_id=gone.id, now=account.NOW)
    expired = customers.issue_key(viewer=world.shop.viewer, name="Expired", acts=[Act.SEE_FINANCES], expires_at=account.NOW.replace(year=2001))
    staff = customers.make_operator_key(
        viewer=account.ADA, person_id=_clerk(), name="Staff", terms=customers.KeyTerms(("balance:read", "payments:read"))
    )
    far = customers.make_key(viewer=world.shop.viewer, name="Far", terms=customers.KeyTerms(("balance:read",), networks=("192.0.2.0/24",)))
    rotated = customers.issue_key(viewer=world.shop.viewer, name="Rotated", acts=[Act.SEE_FINANCES])
    customers.rotate_key(viewer=world.shop.viewer, key_id=rotated.id, overlap=timedelta(), now=account.NOW)
    for key in ("tsk_live_wrong", "'", b"\xe9", gone.secret, expired.secret, rotated.secret, staff.secret, far.secret):
        assert code(world.ask(at, key, **own)) == (403, "access_denied|access_denied_invalid_key"), key  # type: ignore[arg-type]


@pytest.mark.parametrize("at", FINANCE)
def test_keys_without_the_right(world: World, at: str) -> None:
    own = {"container": world.a, "row": world.row[world.a]}
    keys = [world.shop.another_key(acts=[Act.CHARGE])]
    keys += [world.shop.another_key(role=role) for role in (CustomerRole.STANDARD_USER, CustomerRole.LIMITED_USER)]
    for key, row in itertools.product(keys, (world.row[world.a], world.other_row[world.other_a], "0")):
        assert code(world.ask(at, key, **{**own, "row": row})) == (403, "access_denied|missing_permission")  # type: ignore[arg-type]


def test_who_sees_no_finances_sees_no_limit(world: World) -> None:
    shown = world.ask("account", world.shop.another_key(role=CustomerRole.STANDARD_USER), container=world.a, row="0").json()
    assert "balance_negative_limit" not in shown


def test_reading_keys_move_nothing(world: World) -> None:
    for key in (world.shop.key, world.shop.another_key(acts=[Act.CHARGE]), world.shop.another_key(acts=[Act.SEE_FINANCES])):
        assert code(world.move(key, world.shop.top_id, world.a)) == (403, "access_denied|missing_permission")
    assert code(world.move(None, world.shop.top_id, world.a)) == (401, "access_denied|access_denied_missing_key")
    assert code(world.move("wrong", world.shop.top_id, world.a)) == (403, "access_denied|access_denied_invalid_key")


@pytest.mark.parametrize("at", ["finance/balance", "finance/balance-history", "finance/purchase-history", "container/{container}"])
def test_containers_of_others_look_like_none(world: World, at: str) -> None:
    """In path, parameter and filter; of another customer, out of the key's sight, or of nobody: the same answer, byte for byte."""
    spellings = ["container_id={}", "filters[container_id]={}", "filters%5Bcontainer_id%5D%5B0%5D={}"]
    for key, container, spelling in itertools.product(
        (world.full, world.narrow), (world.other.top_id, world.other_a, NOBODY, 2**63, 10**30, 0), spellings
    ):
        path = at.format(container=container)
        answer = account.ask("GET", f"/services/v2/{path}?{spelling.format(container)}", headers={"X-DC-DEVKEY": key})
        assert (answer.status_code, answer.content) == (404, NOT_FOUND), (key == world.narrow, container, spelling)
    for container, spelling in itertools.product((world.shop.top_id, world.b), spellings):
        answer = account.ask(
            "GET", f"/services/v2/{at.format(container=container)}?{spelling.format(container)}", headers={"X-DC-DEVKEY": world.narrow}
        )
        assert (answer.status_code, answer.content) == (404, NOT_FOUND), (container, spelling)


NOT_FOUND = b'{"errors":[{"code":"not_found","message":"The specified entity was not found."}]}'


@pytest.mark.parametrize("at", ["finance/adjustment/{row}", "finance/receipt/{row}"])
def test_rows_of_others_look_like_none(world: World, at: str) -> None:
    wrong = [*world.other_row.values(), str(NOBODY), "0", "1", "x", "-1", "%00", str(2**63), "1" * 400, "1.5", "%D9%A1"]
    cases = [(world.full, row) for row in wrong] + [(world.narrow, row) for row in (*wrong, world.row[world.shop.top_id], world.row[world.b])]
    for key, row in cases:
        answer = world.ask(at, key, container=world.a, row=row)
        assert (answer.status_code, answer.content) == (404, NOT_FOUND), row
    assert world.ask(at, world.narrow, container=world.a, row=world.row[world.a]).status_code == 200


def test_filters_reach_nothing_of_others(world: World) -> None:
    """A filter beside an own container narrows to nothing, whether or not the other one exists; an unnamed container is what is in sight."""
    for beside in (world.other.top_id, world.b, NOBODY):
        at = f"/services/v2/finance/balance-history?container_id={world.a}&filters[container_id]={beside}"
        assert account.ask("GET", at, headers={"X-DC-DEVKEY": world.narrow}).json()["adjustments"] == []
    seen = account.ask("GET", "/services/v2/finance/purchase-history", headers={"X-DC-DEVKEY": world.narrow}).json()
    assert [row["container"]["id"] for row in seen["order_transactions"]] == [world.a]
    assert seen["page"]["total"] == 1
    listed = account.ask("GET", "/services/v2/container", headers={"X-DC-DEVKEY": world.narrow}).json()
    assert [one["id"] for one in listed["containers"]] == [world.a]
    assert account.ask("GET", "/services/v2/finance/balance-history", headers={"X-DC-DEVKEY": world.narrow}).status_code == 400


def test_transfers_reach_nothing_of_others(world: World) -> None:
    shop = world.shop
    for key, source, target in (
        *((world.full, shop.top_id, one) for one in (world.other_a, NOBODY, 0, 2**63)),
        *((world.full, one, shop.top_id) for one in (world.other_a, NOBODY, 0, 2**63)),
        *((world.narrow, world.a, one) for one in (shop.top_id, world.b, world.other_a, NOBODY)),
        *((world.narrow, one, world.a) for one in (shop.top_id, world.b, world.other_a, NOBODY)),
    ):
        answer = world.move(key, source, target)
        assert (answer.status_code, answer.content) == (404, NOT_FOUND), (source, target)
    assert shop.balance(f"container_id={world.a}").json()["balance"] == "99.00"


def test_an_idempotency_key_of_others_is_nobody_s(world: World) -> None:
    """Two customers may use the same one; neither sees the other's answer."""
    for program, target in ((world.shop, world.a), (world.other, world.other_a)):
        key = program.another_key(acts=[Act.SEE_FINANCES, Act.PAY])
        body = json.dumps({"amount": "1.00", "from_container_id": program.top_id, "to_container_id": target}).encode()
        headers = {"X-DC-DEVKEY": key, "Idempotency-Key": "shared"}
        before = program.balance(f"container_id={program.top_id}").json()["balance"]
        assert account.ask("POST", f"/services/v2/{TRANSFER}", headers=headers, content=body).status_code == 204
        after = program.balance(f"container_id={program.top_id}").json()["balance"]
        assert float(before) - float(after) == 1.0
        body = json.dumps({"amount": "1.00", "from_container_id": target, "to_container_id": program.top_id}).encode()
        account.ask("POST", f"/services/v2/{TRANSFER}", headers={"X-DC-DEVKEY": key}, content=body)


@pytest.mark.parametrize("at", [*READS, TRANSFER])
def test_other_methods_are_refused(world: World, at: str) -> None:
    path = f"/services/v2/{at.format(row=world.row[world.a], container=world.a)}"
    wrong = ("GET", "PUT", "DELETE", "PATCH") if at == TRANSFER else ("POST", "PUT", "DELETE", "PATCH")
    for method in wrong:
        answer = account.ask(method, path, headers={"X-DC-DEVKEY": world.full})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST" if at == TRANSFER else "GET, HEAD")


@pytest.mark.parametrize("at", [*READS, TRANSFER])
def test_every_route_counts_for_the_same_limit(world: World, at: str) -> None:
    shop = account.opened()
    gate.limit("3/60", processes=1)
    try:
        for _ in range(3):
            assert shop.balance().status_code == 200
        path = f"/services/v2/{at.format(row=world.row[world.a], container=world.a)}"
        answer = account.ask("POST" if at == TRANSFER else "GET", path, headers={"X-DC-DEVKEY": shop.key})
        assert code(answer) == (429, "request_limit_exceeded")
        assert answer.json()["errors"][0]["message"] == "Service unavailable, please limit request volume"
        assert int(answer.headers["retry-after"]) > 0
    finally:
        gate.limit("off")
