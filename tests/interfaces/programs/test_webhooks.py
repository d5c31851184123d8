"""Webhooks by program: every step of the page, signed with the secret that the program brought, and refused to everybody else."""

import base64
import os
from collections.abc import Iterator

import pytest
from standardwebhooks.webhooks import Webhook

from integrations.receiver import Receiver
from interfaces.programs import account, operator
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.webhooks import rules
from tallystick.lib import ids
from tallystick.reactions import worker


@pytest.fixture
def receiver(database: dict[str, str]) -> Iterator[Receiver]:
    """Listen on loopback, which the operator allows for this test."""
    assert database, "the database comes first"
    customers.set_setting(viewer=account.ADA, name=rules.PRIVATE_TARGETS, value=True)
    made = Receiver()
    yield made
    made.close()
    customers.set_setting(viewer=account.ADA, name=rules.PRIVATE_TARGETS, value=False)


@pytest.fixture
def program(receiver: Receiver, shop: account.Program) -> operator.Program:
    """A program that keeps the customer's webhooks."""
    assert receiver, "it listens first"
    return operator.Program(operator.key(shop, "webhooks:write"))


def _secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def _added(program: operator.Program, url: str, secret: str) -> str:
    made = program.post("webhooks", {"url": url, "events": ["invoice.issued"], "secret": secret})
    assert made.status_code == 201, made.text
    assert secret not in made.text
    assert made.headers["location"] == f"/api/v1/webhooks/{made.json()['id']}"
    return str(made.json()["id"])


def test_a_program_keeps_its_webhooks(program: operator.Program, receiver: Receiver, shop: account.Program) -> None:
    """Added, tested, rotated, read, resent, replayed, changed, switched, removed."""
    first, second = _secret(), _secret()
    webhook = _added(program, receiver.url, first)
    assert program.post(f"webhooks/{webhook}/rotation", {"secret": second}).status_code == 200
    shop.books.issue((100, "0"))
    worker.drain()
    for secret in (first, second):
        assert Webhook(secret).verify(receiver.came[0].body, receiver.came[0].headers)["type"] == "invoice.issued"
    (message,) = program.get(f"webhooks/{webhook}/messages").json()["data"]
    assert (message["state"], message["attempts"], message["last_status"]) == ("delivered", 1, 204)
    opened = program.get(f"webhook-messages/{message['id']}").json()
    assert [one["status"] for one in opened["tries"]] == [204]
    assert program.post(f"webhook-messages/{message['id']}/resending").status_code == 201
    replayed = program.post(f"webhooks/{webhook}/replay", {"first": 1, "last": message["sequence"]})
    assert replayed.json() == {"count": 1}
    assert program.post(f"webhooks/{webhook}/test").json()["cause"] == "test"
    worker.drain()
    assert len(receiver.came) == 4
    page = program.get(f"webhooks/{webhook}/messages?limit=3")
    assert (len(page.json()["data"]), page.json()["has_more"]) == (3, True)
    following = program.get(page.headers["link"].partition("<")[2].partition(">")[0].removeprefix("/api/v1/"))
    assert [one["id"] for one in following.json()["data"]] == [message["id"]]
    back = program.get(f"webhooks/{webhook}/messages?limit=3&before={message['id']}")
    assert back.json()["data"] == page.json()["data"]
    changed = program.post(f"webhooks/{webhook}/change", {"url": receiver.url, "description": "Till", "events": []})
    assert (changed.json()["description"], changed.json()["events"]) == ("Till", [])
    assert program.post(f"webhooks/{webhook}/deactivation").json()["off_reason"] == "person"
    assert program.post(f"webhook-messages/{message['id']}/resending").status_code == 409
    assert program.post(f"webhooks/{webhook}/activation").json()["state"] == "on"
    assert [one["id"] for one in program.get("webhooks").json()["data"]] == [webhook]
    assert program.post(f"webhooks/{webhook}/removal").status_code == 200
    assert program.get(f"webhooks/{webhook}").status_code == 404
    assert program.get("webhooks").json()["data"] == []


def test_the_same_request_adds_one(program: operator.Program, receiver: Receiver) -> None:
    """Repeated with its key it gives the same answer; another secret with that key is another request."""
    body = {"url": receiver.url, "secret": _secret()}
    first = program.post("webhooks", body, idempotency_key="once")
    again = program.post("webhooks", body, idempotency_key="once")
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert program.post("webhooks", {**body, "secret": _secret()}, idempotency_key="once").status_code == 422
    assert program.post("webhooks", body).status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"url": "ftp://hooks.example/"}, "/url"),
        ({"url": "https://169.254.169.254/"}, "/url"),
        ({"events": ["invoice.eaten"]}, "/events"),
        ({"secret": "whsec_c2hvcnQ="}, "/secret"),
        ({"secret": "whsec_===="}, "/secret"),
        ({"state": "on"}, "/state"),
    ],
)
def test_what_is_wrong_is_pointed_at(program: operator.Program, change: dict[str, object], pointer: str) -> None:
    """And nothing is added."""
    refused = program.post("webhooks", {"url": "https://hooks.example/", "secret": _secret(), **change})
    assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer]), refused.text
    assert program.get("webhooks").json()["data"] == []


def test_who_may_not_is_refused(program: operator.Program, receiver: Receiver, shop: account.Program) -> None:
    """Without key, scope or the whole account nothing; with another customer's key as if it were not there; the operator's programs neither."""
    webhook = _added(program, receiver.url, _secret())
    message = program.post(f"webhooks/{webhook}/test").json()["id"]
    reads = ["webhooks", f"webhooks/{webhook}", f"webhooks/{webhook}/messages", f"webhook-messages/{message}"]
    bodies = {"rotation": {"secret": _secret()}, "replay": {"first": 1, "last": 1}, "change": {"url": receiver.url}}
    steps = ("rotation", "replay", "change", "activation", "deactivation", "removal", "test")
    writes = [(f"webhooks/{webhook}/{step}", bodies.get(step, {})) for step in steps] + [(f"webhook-messages/{message}/resending", {})]
    stranger = operator.Program(operator.key(account.opened(), "webhooks:write"))
    nobody = ids.public("wh", ids.new())
    for path in reads[1:]:
        assert stranger.get(path).status_code == 404
    assert stranger.get("webhooks").json()["data"] == []
    for path, body in writes:
        theirs, none = stranger.post(path, body), stranger.post(path.replace(webhook, nobody), body)
        assert (theirs.status_code, theirs.json()["code"], theirs.json()["detail"]) == (404, none.json()["code"], none.json()["detail"])
    reader = operator.Program(operator.key(shop, "webhooks:read"))
    assert {reader.get(path).status_code for path in reads} == {200}
    restricted = operator.Program(operator.key(shop, "webhooks:write", divisions=(shop.top_id,)))
    staff = operator.Program(operator.staff_key(StaffRole.ADMINISTRATOR, "webhooks:write"))
    for other in (operator.Program(operator.key(shop, "invoices:write")), restricted, staff):
        assert {other.get(path).status_code for path in reads} == {403}
        assert {other.post(path, body).status_code for path, body in writes} == {403}
    assert {reader.post(path, body).status_code for path, body in writes} == {403}
    assert {account.ask("GET", f"/api/v1/{path}").status_code for path in reads} == {401}
    assert len(program.get("webhooks").json()["data"]) == 1
