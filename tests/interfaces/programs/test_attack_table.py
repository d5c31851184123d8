"""The attack table of /api/v1: every route against every wrong key and, in every place, every wrong id; a foreign id is answered as one of nobody.

The rows come from the document (attacking.py). CertCentral's face has its own table (test_services_v2_attacks.py).
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from interfaces.programs import account, attacking, operator
from interfaces.programs.attacking import CURSORS, OF_DIVISIONS, PLACES, ROWS, House, Place, Row
from tallystick.domain.answers import operations as answers
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.events import queries as events
from tallystick.domain.funds import queries as funds
from tallystick.integrations.postgres import scope
from tallystick.interfaces.services_v2 import gate
from tallystick.lib import ids

LANES = {row.name for row in ROWS if row.is_lane}
FOR_CUSTOMERS = LANES | {
    *("start_deposit", "start_payment", "create_transfer", "change_settings", "list_events"),
    *(row.name for row in ROWS if "/webhook" in row.path),
}
"""What takes a customer's key."""
FOR_STAFF = {
    *("open_customer", "change_customer", "request_credit_terms", "approve_credit_terms", "decline_credit_terms"),
    *("record_payment", "reverse_payment", "request_refund", "approve_refund", "decline_refund", "settle_refund", "fail_refund"),
    *("use_unapplied_credit", "approve_purchase_order", "reject_purchase_order"),
    *("request_credit_note", "approve_credit_note", "decline_credit_note", "void_invoice"),
}
"""What takes a key of the operator's."""
FOR_BOTH = {
    *("get_ageing", "list_balances", "list_movements", "get_balance", "get_credit_note", "get_credit_note_pdf", "list_customers", "get_customer"),
    *("list_credit_terms", "switch_separate_funds", "list_deposits", "list_divisions", "create_division", "get_division", "rename_division"),
    *("close_division", "list_invoices", "get_invoice", "list_credit_notes", "get_invoice_pdf", "list_keys", "make_key", "get_key", "revoke_key"),
    *("rotate_key", "list_open_invoices", "list_payments", "get_payment", "list_purchase_orders", "create_purchase_order", "get_purchase_order"),
    *("get_purchase_order_document", "resubmit_purchase_order", "withdraw_purchase_order", "list_refunds", "get_refund", "get_statement"),
    *(
        "get_invoice_xml",
        "get_credit_note_xml",
        "get_statement_pdf",
        "list_monthly_statements",
        "get_monthly_statement_pdf",
        "list_transfers",
        "get_transfer",
        "list_unapplied_credit",
        "list_users",
        "invite_user",
        "get_user",
        "change_user",
    ),
}
IN_THE_FORM = {"create_purchase_order-body-division", "resubmit_purchase_order-body-division"}
"""Places whose id is refused as a wrong field (422), with its pointer, whoever has it."""
OF_UNRESTRICTED = {"create_division", "rename_division", "close_division", "make_key", "invite_user", "change_user"}
"""What a key restricted to divisions is refused whatever it names."""
NAMES_NOBODY = {"make_key-body-user_id"}
"""Places that a customer's key may fill with nothing at all."""


@pytest.fixture(scope="module", autouse=True)
def unlimited() -> Iterator[None]:
    """Let the few keys of this table ask as often as it takes."""
    gate.limit("off")
    yield
    gate.limit("1000/180,100/5")


def standing(house: House) -> object:
    """Show what every change touches: it is written with its event, and money moves a figure."""
    with scope.of(account.ADA):
        log = [event.id for event in events.log(customer_id=house.shop.customer_id, limit=500)]
    return log, funds.figures_by_division(viewer=house.shop.viewer), len(known.keys(viewer=house.shop.viewer))


@pytest.fixture(scope="module")
def own(database: dict[str, str]) -> House:
    """Open the customer whose keys attack."""
    assert database, "the database comes first"
    return attacking.opened()


@pytest.fixture(scope="module")
def theirs(own: House) -> House:
    """Open the customer that is attacked, later: all its ids are greater."""
    assert own
    return attacking.opened()


@pytest.fixture(scope="module", autouse=True)
def unchanged(theirs: House) -> Iterator[None]:
    """See that nothing of theirs changed by all of this."""
    before = standing(theirs)
    yield
    assert standing(theirs) == before


@pytest.fixture(scope="module")
def desk(own: House) -> str:
    """Give a key of the operator's that may do what a clerk does, and one of an administrator's where that is more."""
    assert own
    return operator.staff_key(StaffRole.CLERK, *attacking.SCOPES)


def _addresses(patterns: list[URLPattern | URLResolver], above: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, here)
        elif here.startswith("api/v1"):
            yield here


def test_every_route_has_its_row() -> None:
    """A new route, parameter or field with an id stands here before it is served."""
    assert {row.name for row in ROWS} == FOR_CUSTOMERS | FOR_STAFF | FOR_BOTH
    assert len(FOR_CUSTOMERS) + len(FOR_STAFF) + len(FOR_BOTH) == len(ROWS)
    taking = {row.name for row in ROWS if "requestBody" in row.said}
    assert set(attacking.BODIES) == taking
    for row in ROWS:
        assert row.queries <= {"division", "customer"} | CURSORS | attacking.NO_IDS_IN_QUERIES, row.name
        assert attacking.ids_asked(row) - attacking.NO_IDS_IN_BODIES == attacking.ids_sent(row), row.name


def test_every_address_is_in_the_document() -> None:
    """What the resolver knows, the document tells."""
    written = {"/" + one.replace("<", "{").replace(">", "}") for one in _addresses(get_resolver().url_patterns)}
    told = {row.path for row in ROWS if not row.is_lane}
    assert told <= written
    assert {one for one in written - told if "(" not in one} == {"/api/v1/", "/api/v1/openapi.json"}


def test_every_kind_of_id_is_there(own: House) -> None:
    """The table has an id of every kind that a place names."""
    assert {place.kind for place in PLACES} <= own.named.keys()
    assert own.named.keys() >= OF_DIVISIONS


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_without_a_key_that_lives(own: House, row: Row) -> None:
    """None, one of nobody, one revoked, expired or followed, one under another scheme: 401, and each like one that never was."""
    unknown = attacking.seen(attacking.ask(row, "tsk_live_unknown", own.named, {}, row.body()))
    for name, secret in _ended(own).items():
        assert attacking.seen(attacking.ask(row, secret, own.named, {}, row.body())) == unknown, name
    assert (unknown[0], json.loads(unknown[1].replace(b'"*"', b'""'))["code"]) == (401, "unauthenticated")
    for header in ({}, {"Authorization": f"Basic {own.full}"}, {"Authorization": own.full}, {"Authorization": "Bearer"}, {"X-DC-DEVKEY": own.full}):
        refused = attacking.ask(row, None, own.named, {}, row.body(), **header)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), header


_keys: dict[int, dict[str, str]] = {}


def _ended(house: House) -> dict[str, str]:
    if house.shop.customer_id not in _keys:
        _keys[house.shop.customer_id] = attacking.ended_keys(house)
    return _keys[house.shop.customer_id]


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in FOR_CUSTOMERS], ids=lambda row: row.name)
def test_the_operators_key_where_a_customers_is_needed(own: House, desk: str, row: Row) -> None:
    """403, whichever role it has."""
    for key in (desk, operator.staff_key(StaffRole.ADMINISTRATOR, *attacking.SCOPES)):
        refused = attacking.ask(row, key, own.named, {}, row.body())
        assert refused.status_code == 403, refused.text
        assert refused.json()["code"] == ("customer_key_needed" if row.is_lane else "not_allowed")


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in FOR_STAFF], ids=lambda row: row.name)
def test_a_customers_key_where_the_operators_is_needed(own: House, row: Row) -> None:
    """403, also for an administrator's with every scope, and of what is its own."""
    refused = attacking.ask(row, own.full, own.named, {}, row.body())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), refused.text


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_without_the_scope(own: House, row: Row) -> None:
    """403, with all other scopes; and with the one that reads, where it writes."""
    resource, _, right = row.said["x-scope"].partition(":")
    for missing in ({f"{resource}:read", f"{resource}:write"}, {f"{resource}:write"} if right == "write" else set()):
        if missing:
            answer = attacking.ask(row, _with(own, missing), own.named, {}, row.body())
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), answer.text
            assert row.said["x-scope"] in answer.json()["detail"]


_narrowed: dict[tuple[int, frozenset[str]], str] = {}


def _with(house: House, missing: set[str]) -> str:
    """Give a key of all scopes but these."""
    name = (house.shop.customer_id, frozenset(missing))
    if name not in _narrowed:
        _narrowed[name] = operator.key(house.shop, *(one for one in attacking.SCOPES if one not in missing))
    return _narrowed[name]


def _status(place: Place, answer: httpx.Response) -> int:
    """Tell the status; of a batch, that of its one element."""
    return int(answer.json()["data"][0]["status"]) if place.row.name == "create_charges" else answer.status_code


def _alike(place: Place, key: str, house: House, struck: str, nobodys: str, **more: Any) -> int:
    """Strike with an id that somebody has and with one that nobody has, see one answer, and tell its status."""
    told, none = (attacking.strike(place, key, house.named, one, **more) for one in (struck, nobodys))
    assert attacking.seen(told, struck) == attacking.seen(none, nobodys), f"{place}: {told.text} {none.text}"
    return _status(place, told)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_another_customers_id(own: House, theirs: House, place: Place) -> None:
    """In path, query and body: not found, or not allowed where no customer may, and the same as an id of nobody."""
    found = _alike(place, own.full, own, theirs.named[place.kind], attacking.nobodys(theirs.named)[place.kind])
    assert found in ({403, 404} if place.row.name in FOR_STAFF else {422} if str(place) in NAMES_NOBODY | IN_THE_FORM else {404}), str(place)


@pytest.mark.parametrize("place", [place for place in PLACES if place.kind in OF_DIVISIONS and place.kind != "other"], ids=str)
def test_an_id_of_another_division(own: House, place: Place) -> None:
    """Of one's own customer, out of the key's sight: the same."""
    found = _alike(place, own.narrow, own, own.named[place.kind], attacking.nobodys(own.named)[place.kind])
    assert found in (
        {403, 404}
        if place.row.name in FOR_STAFF
        else {403}
        if place.row.name in OF_UNRESTRICTED
        else {404, 422 if str(place) in IN_THE_FORM else 404}
    ), str(place)


def _names_a_customer(row: Row) -> bool:
    return any(one.kind == "customer" for one in attacking.places(row))


_BESIDE = [place for place in PLACES if place.row.name not in FOR_CUSTOMERS and place.kind != "customer" and _names_a_customer(place.row)]


@pytest.mark.parametrize("place", _BESIDE, ids=str)
@pytest.mark.parametrize("role", [StaffRole.CLERK, StaffRole.ADMINISTRATOR])
def test_an_id_of_one_customer_beside_another(own: House, theirs: House, place: Place, role: StaffRole) -> None:
    """The operator's program names a customer, and something of another one: the same as an id of nobody."""
    key = _staff(role)
    query = {"customer": own.named["customer"]} if "customer" in place.row.queries else {}
    also = {"customer_id"} & attacking.BODIES.get(place.row.name, ({}, {}))[1].keys()
    found = _alike(place, key, own, theirs.named[place.kind], attacking.nobodys(theirs.named)[place.kind], query=query, also=sorted(also))
    assert found in {403, 404, 409, 422}, str(place)


_of_staff: dict[StaffRole, str] = {}


def _staff(role: StaffRole) -> str:
    if role not in _of_staff:
        _of_staff[role] = operator.staff_key(role, *attacking.SCOPES)
    return _of_staff[role]


def _all_of(answer: httpx.Response, house: House) -> list[str]:
    """Name the ids of a customer that an answer tells."""
    return [one for one in house.named.values() if one in answer.text]


READS = [row for row in ROWS if row.method == "get"]


@pytest.mark.parametrize("row", READS, ids=lambda row: row.name)
def test_what_is_read_names_nothing_of_others(own: House, theirs: House, row: Row) -> None:
    """Every list and every page of one's own; and a key of one division names nothing of the others."""
    assert _all_of(attacking.ask(row, own.full, own.named, {}, None), theirs) == []
    if not row.named:
        shown = attacking.ask(row, own.narrow, own.named, {}, None)
        assert [one for kind, one in own.named.items() if one in shown.text and kind in OF_DIVISIONS] == []


BY_ROW = {"list_open_invoices"}
"""Lists that are in no order of time: they go on from a row in sight, and refuse all others."""
PAGED = [row for row in READS if row.queries >= {"after", "limit"} and row.name != "list_events"]


@pytest.mark.parametrize("row", PAGED, ids=lambda row: row.name)
def test_another_customers_cursor(own: House, theirs: House, row: Row) -> None:
    """It is a place in time and no more: what follows are one's own rows, the same as from a place where nothing is."""
    listed = attacking.ask(row, theirs.full, theirs.named, {}, None)
    assert listed.status_code == 200, listed.text
    if not listed.json()["data"]:
        listed = attacking.ask(row, theirs.full, theirs.named, {"customer": theirs.named["customer"]} if "customer" in row.queries else {}, None)
    cursor = listed.json()["data"][0]["id"]
    beside = _beside(cursor)
    for name in sorted(row.queries & CURSORS):
        shown, none = (attacking.ask(row, own.full, own.named, {name: one}, None) for one in (cursor, beside))
        assert shown.status_code == (422 if row.name in BY_ROW else 200), shown.text
        assert attacking.seen(shown, cursor) == attacking.seen(none, beside)
        assert _all_of(shown, theirs) == []


def _beside(cursor: str) -> str:
    """Give the id of nobody that is next to one."""
    prefix, _, letters = cursor.partition("_")
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    last = alphabet[(alphabet.index(letters[-1]) + 1) % len(alphabet)]
    return f"{prefix}_{letters[:-1]}{last}"


WRITES = [row for row in ROWS if row.method == "post" and not row.is_lane]


def _seeded(row: Row, house: House, body: bytes, key: str, *, by: House | None, viewer_divisions: frozenset[int] | None = None) -> None:
    """Let somebody have used an idempotency key for this very request, and been answered."""
    assert not row.needed(house.named), "no writing needs a query"
    viewer = account.ADA if by is None else replace(by.shop.viewer, division_ids=viewer_divisions)
    asked = answers.Asked(key, answers.fingerprint(b"POST", row.address(house.named).encode(), b"*", body))
    with scope.of(viewer):
        assert answers.claim(viewer=viewer, asked=asked, now=account.NOW.replace(year=2099)) is None
        answers.keep(viewer=viewer, asked=asked, answered=answers.Kept(200, {}, '{"seeded":true}'))


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.name)
def test_another_ones_idempotency_key(own: House, theirs: House, row: Row) -> None:
    """What another customer, a program that sees more, or the operator was answered is told to nobody else; to oneself it is."""
    body = json.dumps(attacking.written(row.body(), own.named)).encode()

    def told(key: str, secret: str) -> httpx.Response:
        return attacking.ask(row, secret, own.named, {}, json.loads(body), **{"Idempotency-Key": key})

    used = {name: uuid.uuid4().hex for name in ("theirs", "wider", "staff", "own")}
    _seeded(row, own, body, used["theirs"], by=theirs)
    _seeded(row, own, body, used["wider"], by=own)
    _seeded(row, own, body, used["own"], by=own, viewer_divisions=frozenset(_south(own)))
    _seeded(row, own, body, used["staff"], by=None)
    for name in ("theirs", "wider", "staff"):
        answer = told(used[name], own.narrow)
        assert "idempotent-replayed" not in answer.headers, name
        assert "seeded" not in answer.text, name
        assert answer.json().get("code") not in {"idempotency_key_reused", "request_running"}, name
    mine = told(used["own"], own.narrow)
    assert (mine.status_code, mine.text) == (200, '{"seeded":true}') or mine.status_code in {403, 404}, mine.text


def _south(house: House) -> set[int]:
    """Name the division that the narrow key sees."""
    return {one.id for one in known.divisions(viewer=house.shop.viewer) if one.name == "South"}


@pytest.mark.parametrize("route", ["charges", "holds"])
def test_another_ones_idempotency_key_at_the_lanes(own: House, theirs: House, route: str) -> None:
    """Each customer's keys are its own: the same key and a like request have an effect each."""
    key = uuid.uuid4().hex
    made = []
    for house in (theirs, own):
        shop = account.opened() if house is theirs else own.shop  # what is theirs stays as it is
        body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
        secret = shop.key if house is theirs else own.full
        made.append(account.ask("POST", f"/api/v1/{route}", headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": key}, json=body))
    assert [one.status_code for one in made] == [201, 201]
    assert "idempotent-replayed" not in made[1].headers
    assert made[0].json()["id"] != made[1].json()["id"]


def test_elements_of_a_batch_answer_each_by_itself(own: House, theirs: House) -> None:
    """Another customer's division, one out of sight and one of nobody, between two of one's own: three times the same, and two charges."""
    south = ids.public("div", next(iter(_south(own))))
    wrong = [theirs.named["division"], own.named["division"], attacking.nobodys(own.named)["division"]]
    rows = [
        {"division_id": one, "amount": {"amount": "1.00", "currency": "USD"}, "idempotency_key": uuid.uuid4().hex} for one in (south, *wrong, south)
    ]
    answer = account.ask("POST", "/api/v1/charges/batch", headers={"Authorization": f"Bearer {own.narrow}"}, json={"charges": rows})
    told = answer.json()["data"]
    assert [one["status"] for one in told] == [201, 404, 404, 404, 201], answer.text
    problems = [{**one["problem"], "instance": ""} for one in told[1:4]]
    assert problems[0] == problems[1] == problems[2]
