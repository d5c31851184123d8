"""Keep webhooks by their pages: add, change, test, rotate, switch, replay, resend, remove; for whom, and by how many statements."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from standardwebhooks.webhooks import Webhook

import given
from integrations.receiver import Receiver
from interfaces.operator import operating
from interfaces.web import asking
from stories import validity
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.domain.webhooks import queries, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids
from tallystick.reactions import worker

_ADDRESS = "/account/webhooks/"
LIST_STATEMENTS = 9
ENDPOINT_STATEMENTS = 11


@pytest.fixture
def receiver(database: dict[str, str]) -> Iterator[Receiver]:
    """Listen on loopback, which the operator allows for this test."""
    assert database, "the database comes first"
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=True)
    made = Receiver()
    yield made
    made.close()
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=False)


@pytest.fixture
def acme(receiver: Receiver) -> given.Customer:
    """Open a customer."""
    assert receiver, "it listens first"
    return given.customer()


@pytest.fixture
def ruth(acme: given.Customer) -> Client:
    """Sign its administrator in."""
    return _recent(asking.person(acme, CustomerRole.ADMINISTRATOR))


def _recent(client: Client) -> Client:
    """Be somebody who proved a moment ago who they are."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 4e9}]
    session.save()
    return client


def _form(**typed: object) -> dict[str, object]:
    return {"form_key": str(uuid.uuid4()), **typed}


def _added(client: Client, url: str, *kinds: str) -> tuple[str, str]:
    answer = client.post(_ADDRESS, _form(url=url, description="Shop", kinds=list(kinds)))
    assert answer.status_code == 201, answer.content.decode()[:3000]
    page = answer.content.decode()
    secret = re.search(r'<code id="secret">(whsec_[^<]+)</code>', page)
    address = re.search(rf'href="({_ADDRESS}wh_\w+/)"', page)
    assert secret, "the secret is shown"
    assert address, "and the endpoint listed"
    return address[1], secret[1]


def test_an_endpoint_is_added_tested_and_its_log_read(receiver: Receiver, ruth: Client) -> None:
    """The secret is shown once; a test arrives signed with it and stands in the log."""
    address, secret = _added(ruth, receiver.url, "invoice.issued")
    assert secret not in ruth.get(_ADDRESS).content.decode() + ruth.get(address).content.decode()
    assert ruth.post(f"{address}test/").status_code == 302
    assert "1 message is on its way." in asking.seen(ruth, address)
    worker.drain()
    assert Webhook(secret).verify(receiver.came[0].body, receiver.came[0].headers)["type"] == "webhook_endpoint.tested"
    assert "Webhook tested Dana Whitfield 1 Delivered 204" in asking.seen(ruth, address)


def test_everything_a_page_can_do(acme: given.Customer, receiver: Receiver, ruth: Client) -> None:
    """Change, another secret, resend, replay, off, on, remove."""
    address, first = _added(ruth, receiver.url)
    assert ruth.post(address, _form(url=receiver.url, description="Till", kinds=["invoice.issued"])).status_code == 302
    assert "Till" in asking.seen(ruth, _ADDRESS)
    answer = ruth.post(f"{address}secret/", form := _form())
    found = re.search(r"whsec_[\w+/=]+", answer.content.decode())
    assert answer.status_code == 201
    assert found
    assert found[0] != first
    assert ruth.post(f"{address}secret/", form).status_code == 302, "the same form makes no third one"
    acme.issue((100, "0"))
    worker.drain()
    came = len(receiver.came)
    assert Webhook(found[0]).verify(receiver.came[-1].body, receiver.came[-1].headers)["type"] == "invoice.issued"
    (message, *_) = queries.messages(viewer=acme.viewer(), endpoint_id=ids.parse("wh", address.split("/")[-2]))
    assert ruth.post(f"{_ADDRESS}messages/{ids.public('msg', message.id)}/resending/").status_code == 302
    assert ruth.post(f"{address}replay/", _form(first="1", last=str(message.number))).status_code == 302
    worker.drain()
    assert len(receiver.came) == came + 2
    for wrong in ({"first": "9", "last": "1"}, {"first": "x", "last": "1"}, {"first": "1", "last": "5000"}):
        ruth.post(f"{address}replay/", _form(**wrong))
    ruth.post(f"{address}state/", {"on": "no"})
    assert "Off" in asking.seen(ruth, _ADDRESS)
    ruth.post(f"{_ADDRESS}messages/{ids.public('msg', message.id)}/resending/")
    assert "The endpoint is switched off." in asking.seen(ruth, address)
    ruth.post(f"{address}state/", {"on": "yes"})
    assert ruth.post(f"{address}removal/").status_code == 302
    assert ruth.get(address).status_code == 404
    worker.drain()
    assert len(receiver.came) == came + 2
    log = asking.seen(ruth, "/account/audit-log/")
    assert all(words in log for words in ("Webhook added", "Webhook changed", "Webhook secret changed", "Webhook removed"))


def test_what_is_wrong_is_said_at_its_field(acme: given.Customer, ruth: Client) -> None:
    """What was typed stays; nothing is added. Private addresses are refused where the operator does not allow them."""
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=False)
    for url, said in (("http://hooks.example/", "https://"), ("https://10.0.0.1/", "private network"), ("", "required")):
        answer = ruth.post(_ADDRESS, _form(url=url))
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert queries.endpoints(viewer=acme.viewer()) == []


def test_who_may_not_is_refused(acme: given.Customer, receiver: Receiver, ruth: Client) -> None:
    """Other customers find nothing at any address; lesser and restricted roles may nothing; nobody unsigned comes in."""
    address, _secret = _added(ruth, receiver.url)
    stranger = _recent(asking.person(given.customer(), CustomerRole.ADMINISTRATOR))
    posts = ["", "test/", "state/", "removal/", "replay/", "secret/"]
    for part in posts:
        assert stranger.post(address + part, _form(url=receiver.url, first="1", last="1")).status_code == 404
        assert stranger.post(address + part).status_code == 404
    assert stranger.get(address).status_code == 404
    restricted = _recent(asking.person(acme, CustomerRole.FINANCE_MANAGER, [acme.top_id]))
    lesser = _recent(asking.person(acme, CustomerRole.MANAGER))
    for client in (restricted, lesser):
        assert {client.get(path).status_code for path in (_ADDRESS, address)} == {403}
        assert {client.post(address + part, _form(url=receiver.url, first="1", last="1")).status_code for part in posts} == {403}
    assert Client(headers={"host": "localhost"}).get(address).status_code == 302
    assert ruth.get(f"{address}?before=msg_0").status_code == 404


def test_a_fresh_proof_is_asked_for(acme: given.Customer) -> None:
    """Whoever left the machine alone lends nobody a secret."""
    client = asking.person(acme, CustomerRole.ADMINISTRATOR)
    user = get_user_model().objects.get(pk=client.session["_auth_user_id"])
    user.set_password("a long enough password")
    user.save()
    client.force_login(user)
    answer = client.get(_ADDRESS)
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["location"]


def test_the_pages_ask_little(acme: given.Customer, receiver: Receiver, ruth: Client) -> None:
    """As many statements with many rows as with one."""
    address, _secret = _added(ruth, receiver.url)
    for _ in range(4):
        acme.issue((100, "0"))
    worker.drain()
    for path, most in ((_ADDRESS, LIST_STATEMENTS), (address, ENDPOINT_STATEMENTS)):
        assert list(validity.faults(ruth.get(path).content.decode())) == []
        with asking.statements() as asked:
            assert ruth.get(path).status_code == 200
        assert len(asked) <= most, "\n".join(asked)


def test_the_operator_allows_private_addresses(acme: given.Customer) -> None:
    """Only an administrator of the operator, on the Settings page."""
    assert acme, "the database comes first"
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=False)
    olga = operating.staff(StaffRole.ADMINISTRATOR, f"{uuid.uuid4().hex}@lanternfield.example")
    clerk = operating.staff(StaffRole.CLERK, f"{uuid.uuid4().hex}@lanternfield.example")
    assert clerk.post("/operator/settings/webhooks/", {"private": "yes"}).status_code == 403
    with scope.of(given.ADMIN):
        assert not queries.private_allowed()
    assert olga.post("/operator/settings/webhooks/", {"private": "yes"}).status_code == 302
    assert "private networks and to this machine" in asking.seen(olga, "/operator/settings/")
    with scope.of(given.ADMIN):
        assert queries.private_allowed()
    olga.post("/operator/settings/webhooks/", {"private": "no"})
