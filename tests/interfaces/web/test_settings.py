"""Try the Settings page: each setting is kept and audited, and the methods of payment are obeyed by pages and operations."""

import re
import uuid

import pytest
from django.test import Client

import given
from interfaces.web import asking
from tallystick.domain.customers import models
from tallystick.domain.customers.rules import PAYMENT_METHODS, CustomerRole
from tallystick.domain.events import queries as events
from tallystick.domain.payments import rules
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

_ADDRESS = "/finances/settings/"
SETTINGS_STATEMENTS = 9


@pytest.fixture
def acme(database: dict[str, str]) -> given.Customer:
    """Open a customer without tax."""
    assert database, "the database comes first"
    return given.customer()


@pytest.fixture
def ruth(acme: given.Customer) -> Client:
    """Sign its administrator in."""
    return asking.person(acme, CustomerRole.ADMINISTRATOR)


def _sent(client: Client, **typed: object) -> object:
    version = re.search(r'name="version" value="(\d+)"', client.get(_ADDRESS).content.decode())
    assert version, "the form says what it was made from"
    kept = {"form_key": str(uuid.uuid4()), "version": version[1], "payment_methods": list(PAYMENT_METHODS), "default_method": "card"}
    return client.post(_ADDRESS, {**kept, **typed})


def _offered(client: Client, path: str) -> list[tuple[str, bool]]:
    found = re.findall(r'type="radio" name="method" value="(\w+)"( checked)?', client.get(path).content.decode())
    return [(value, bool(checked)) for value, checked in found]


def test_every_setting_is_kept_and_audited(acme: given.Customer, ruth: Client) -> None:
    """What was and what is stand in the event; methods in the order of the pages."""
    typed = {"notify_below": "250.00", "vat_number": "DE136695976", "billing_name": "Ann", "billing_email": "ann@northwind.example"}
    answer = _sent(ruth, **typed, recipients="a@b.example, c@d.example", payment_methods=["balance", "bank_transfer"], default_method="bank_transfer")
    assert answer.status_code == 302  # type: ignore[attr-defined]
    with scope.of(given.ADMIN):
        row = models.Customer.objects.get(id=acme.customer_id)
        event = next(one for one in events.log(customer_id=acme.customer_id, limit=20) if one.kind == "settings.changed")
    assert (row.payment_methods, row.default_method) == (["bank_transfer", "balance"], "bank_transfer")
    assert (row.notify_below_minor, row.vat_number, row.billing_name, row.recipients) == (
        25_000,
        "DE136695976",
        "Ann",
        ["a@b.example", "c@d.example"],
    )
    assert event.facts["before"]["payment_methods"] == list(PAYMENT_METHODS)
    assert event.facts["after"]["default_method"] == "bank_transfer"
    assert 'value="balance" id="id_payment_methods_3" checked' in " ".join(ruth.get(_ADDRESS).content.decode().split())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"payment_methods": ["balance"], "default_method": "balance"}, "payment_methods"),
        ({"payment_methods": []}, "payment_methods"),
        ({"payment_methods": ["card"], "default_method": "bank_transfer"}, "default_method"),
        ({"payment_methods": ["gold", "card"]}, "payment_methods"),
    ],
)
def test_methods_that_nobody_could_use_are_refused_at_their_field(ruth: Client, typed: dict[str, object], field: str) -> None:
    """Money must be able to come in, and what is chosen at first must be allowed."""
    answer = _sent(ruth, **typed)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert f'id="id_{field}_error"' in answer.content.decode()  # type: ignore[attr-defined]


def test_pages_offer_the_allowed_methods_and_refuse_the_others(acme: given.Customer, ruth: Client) -> None:
    """Pay Invoice and Deposit Funds: the one that the settings choose is chosen, one that is not allowed is refused however it is sent."""
    invoice_id = acme.issue((10_000, "0"))
    _sent(ruth, payment_methods=["bank_transfer"], default_method="bank_transfer")
    paying, depositing = (asking.at(page, acme.top_id) for page in ("pay-invoice", "deposit"))
    assert _offered(ruth, paying) == _offered(ruth, depositing) == [("bank_transfer", True)]
    named = ids.public("inv", invoice_id)
    row = {"invoice": named, f"amount-{named}": "100.00", "form_key": str(uuid.uuid4()), "method": "card"}
    for step in ("review/", "payment/"):
        answer = ruth.post(paying + step, row)
        assert answer.status_code == 422
        assert "do not allow this method" in answer.content.decode()
    assert ruth.post(depositing, {"form_key": str(uuid.uuid4()), "amount": "10.00", "method": "card", "step": "pay"}).status_code == 422
    assert ruth.post(paying + "review/", {**row, "method": "bank_transfer"}).status_code == 200


def test_a_default_that_is_of_no_use_here_gives_way(acme: given.Customer, ruth: Client) -> None:
    """Unapplied credit chosen at first: without any, and for a deposit, the first of the others."""
    acme.issue((10_000, "0"))
    _sent(ruth, payment_methods=["bank_transfer", "unapplied_credit"], default_method="unapplied_credit")
    assert _offered(ruth, asking.at("pay-invoice", acme.top_id)) == [("bank_transfer", True)]
    assert _offered(ruth, asking.at("deposit", acme.top_id)) == [("bank_transfer", True)]


def test_the_page_asks_few_statements_and_names_every_method(ruth: Client) -> None:
    """The names of the settings are those of payments."""
    ruth.get(_ADDRESS)
    with asking.statements() as asked:
        assert ruth.get(_ADDRESS).status_code == 200
    assert len(asked) <= SETTINGS_STATEMENTS
    assert set(PAYMENT_METHODS) == set(rules.Method) - {rules.Method.CHEQUE, rules.Method.OTHER}
