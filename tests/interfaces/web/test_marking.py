"""See that every text of the customers' pages goes through the catalogue: in a language that marks what it was asked for, nothing is unmarked."""

import importlib.resources
import pathlib
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.template import loader
from django.test import Client
from django.utils import translation

import given
from interfaces.web import asking, pseudo
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.funds.operations import holding
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.payments.rules import Method
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing.rules import LineDraft, OrderDraft, Reason
from tallystick.interfaces.api import problem
from tallystick.interfaces.web import words
from tallystick.interfaces.web.pages import audit_log
from tallystick.lib import errors, ids, money, texts

_NAMES = (
    "Tallystick", "DW", "Tally Inc.", "Acme", "Dana Whitfield", "Fiona", "finance_manager", "administrator", "Carl", "Anna", "Olga", "Division", "Main Street", "Alder Street",
    "Prepaid funds", "Funds", "Portland, OR", "US", "XLSX", "met", "chargeback", "BANK", "order-", "Why", "Less", "Bad debt",
)  # fmt: skip


@dataclass
class Account:
    """A customer in whose pages every kind of row and state stands, its administrator's browser, and the addresses of its pages."""

    customer: given.Customer
    client: Client
    pages: list[str] = field(default_factory=list)
    invoices: list[str] = field(default_factory=list)


def _order(customer: given.Customer, number: str) -> Any:
    draft = OrderDraft(
        number=number,
        division=str(customer.top_id),
        lines=(LineDraft(description="Prepaid funds", quantity="1", unit_price="100.00"),),
        terms_days="30",
        bill_to_name="Acme",
        bill_to_street="1 Alder Street",
        bill_to_city="Portland, OR 97205",
        bill_to_country="US",
        contact_name="Dana Whitfield",
        contact_mail="ap@northwind.example",
        signed=True,
    )
    return purchasing.submit_purchase_order(viewer=customer.viewer(), order=draft, document=None, form_key=uuid.uuid4().hex, now=datetime.now(UTC))


def _orders(customer: given.Customer) -> list[str]:
    pending, approved, rejected, withdrawn = (_order(customer, f"PO-{place}{uuid.uuid4().hex[:5]}") for place in range(4))
    now = datetime.now(UTC)
    purchasing.approve_purchase_order(viewer=given.APPROVER, purchase_order_id=approved.id, expected_revision=1, now=now)
    purchasing.reject_purchase_order(
        viewer=given.APPROVER, purchase_order_id=rejected.id, expected_revision=1, reasons=[str(one) for one in Reason], text="Why", now=now
    )
    purchasing.withdraw_purchase_order(viewer=customer.viewer(), purchase_order_id=withdrawn.id, now=now)
    pages = [f"/finances/purchase-orders/{ids.public('po', one.id)}/" for one in (pending, approved, rejected, withdrawn)]
    return [*pages, f"{pages[2]}correction/"]


def _moved(customer: given.Customer) -> tuple[list[str], list[str]]:
    """Let money move in every way; the addresses of invoices and payments."""
    paid, other = customer.fund(500_000), customer.fund(20_000)
    customer.charge(1_500, order_id="order-1")
    customer.hold(700)
    customer.transfer(400, customer.top_id, customer.division_ids[1])
    bounced = customer.issue((5_000, "0"))
    customer.bounce(customer.record(5_000, (bounced, 5_000)), 5_000, f"CB-{uuid.uuid4().hex[:6]}")
    credited = customer.issue((9_000, "19"))
    customer.credit(credited, 2_000)
    over = customer.record(3_000, (customer.issue((1_000, "0")), 1_000), division_id=customer.top_id)
    owed = customer.issue((4_000, "19"), kind=given.Kind.AMOUNT_OWED)
    waiting = customer.start(Method.BANK_TRANSFER, (credited, 1_000)).payment_id
    open_ = [owed, credited, customer.issue((100_00, "19")), bounced]
    return [f"/finances/payments/{ids.public('pay', one)}/" for one in (paid, other, over, waiting)], [ids.public("inv", one) for one in open_]


@pytest.fixture(scope="module")
def account(database: dict[str, str]) -> Account:
    """Let everything happen once."""
    assert database, "the database comes first"
    customer = given.customer(percent="19", divisions=2, separate=True)
    made = Account(customer, asking.person(customer, CustomerRole.ADMINISTRATOR))
    payments, made.invoices = _moved(customer)
    finances = ("overview", "deposit", "pay-invoice", "orders", "balance-history", "purchase-history", "statement")
    made.pages = [
        *(asking.at(page, division_id) for page in finances for division_id in customer.division_ids),
        f"{asking.at('pay-invoice', customer.top_id)}?of=all",
        f"{asking.at('orders', customer.top_id)}?state=overdue&q=nothing-1&min=x&from=x",
        f"{asking.at('orders', customer.top_id)}?po_state=all&sort=due&dir=asc",
        f"{asking.at('balance-history', customer.top_id)}?since=2020-01-01&until=2019-01-01",
        f"{asking.at('purchase-history', customer.top_id)}?order=order-1",
        *(f"/finances/invoices/{one}/" for one in made.invoices),
        *payments,
        *_orders(customer),
        *(
            "/finances/orders/",
            "/finances/purchase-orders/new/",
            "/finances/credit-cards/",
            "/finances/settings/",
            "/find/?q=INV-0",
            "/find/?q=",
            "/find/?q=x0",
        ),
        *("/account/divisions/", "/account/users/", "/account/audit-log/", "/preferences/"),
        *(
            "/person/2fa/",
            "/person/password/change/",
            "/person/password/set/",
            "/nowhere/0/",
            f"/finances/invoices/{ids.public('inv', uuid.uuid4())}/",
        ),
    ]
    return made


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak the marked language."""
    pseudo.install(monkeypatch)
    yield
    translation.deactivate()


def _known() -> list[str]:
    """Name what is no text: names of the world, and languages by their own names."""
    return [*_NAMES, *(name for _code, name in settings.LANGUAGES)]


def _read(answer: Any) -> list[str]:
    assert answer.status_code < 500, answer.content[:500]
    page = re.sub(r'(?s)<select name="bill_to_country".*?</select>', "", answer.content.decode())  # names of countries are babel's
    return pseudo.unmarked(page, _known())


def test_every_text_of_the_customers_pages_is_asked_of_the_catalogue(account: Account, marked: None) -> None:
    """Letters outside of the marks are names, numbers, days and codes."""
    assert marked is None
    found = {path: left for path in account.pages if (left := _read(account.client.get(path, follow=True)))}
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())


_STRANGERS = (
    "/sign-in/", "/person/signup/", "/person/password/reset/", "/person/password/reset/done/", "/person/password/reset/key/1-set-x/",
    "/person/inactive/", "/sign-in/link/none", "/nowhere/0/", "/person/2fa/authenticate/", "/person/reauthenticate/",
)  # fmt: skip


def test_who_is_not_signed_in_is_spoken_to_as_well(marked: None) -> None:
    """The doors, and what stands before them."""
    assert marked is None
    stranger = Client(headers={"host": "localhost"})
    found = {path: _read(stranger.get(path, follow=True)) for path in _STRANGERS}
    found["wrong"] = _read(stranger.post("/sign-in/", {"login": "dana", "password": "0"}))
    found["forged"] = _read(Client(headers={"host": "localhost"}, enforce_csrf_checks=True).post("/sign-in/", {}))
    request = stranger.get("/sign-in/").wsgi_request
    found |= {name: pseudo.unmarked(loader.render_to_string(name, request=request), _known()) for name in ("500.html", "429.html")}
    assert not any(found.values()), found


@pytest.mark.parametrize("role", list(CustomerRole))
def test_a_new_customer_reads_what_to_do_in_each_role(role: CustomerRole, marked: None) -> None:
    """Empty states, and refusals of what a role may not do."""
    assert marked is None
    customer = given.customer(limit_minor=None if role is CustomerRole.MANAGER else 0)
    client = asking.person(customer, role)
    finances = ("overview", "deposit", "pay-invoice", "orders", "balance-history", "purchase-history", "statement")
    paths = [
        *(asking.at(page, customer.top_id) for page in finances),
        "/finances/purchase-orders/new/",
        "/finances/credit-cards/",
        "/finances/settings/",
    ]
    paths += ["/account/divisions/", "/account/users/", "/account/audit-log/", "/find/?q=x0", "/preferences/", "/operator/"]
    found = {path: left for path in paths if (left := _read(client.get(path, follow=True)))}
    assert not found, found


def _paid(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """List forms that pay and deposit, as people send them: empty, wrong, right."""
    key = str(uuid.uuid4())
    pay = asking.at("pay-invoice", account.customer.top_id)
    first, second = account.invoices[:2]
    yield f"{pay}outcome/", {"form_key": key, "method": "card", "invoice": [first, second], f"amount-{first}": "1x"}
    yield f"{pay}outcome/", {"form_key": key, "method": "bank_transfer", "invoice": account.invoices}
    yield f"{pay}review/", {"form_key": key, "method": "card"}
    yield (
        f"{pay}review/",
        {"form_key": key, "method": "bank_transfer", "invoice": [first, ids.public("inv", uuid.uuid4())], f"amount-{first}": "9999999"},
    )
    yield f"{pay}review/", {"form_key": key, "method": "bank_transfer", "invoice": account.invoices}
    yield f"{pay}review/", {"form_key": key, "method": "balance", "invoice": [first], f"amount-{first}": "1.00"}
    yield f"{pay}payment/", {"form_key": key, "method": "card", "invoice": [second]}
    yield f"{pay}payment/", {"form_key": key, "method": "balance", "invoice": [second], "reviewed": "0 0"}
    deposit = asking.at("deposit", account.customer.top_id)
    for step, amount in (("parts", "100"), ("parts", "1x"), ("review", "100"), ("review", "1.234"), ("review", "0"), ("review", "")):
        yield deposit, {"form_key": key, "step": step, "amount": amount, "method": "bank_transfer"}
    yield deposit, {"form_key": key, "step": "pay", "amount": "100", "method": "card"}
    yield deposit, {"form_key": "", "step": "review", "amount": "9" * 30, "method": "x"}


def _ordered(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """List orders and downloads."""
    key = str(uuid.uuid4())
    orders = "/finances/purchase-orders/new/"
    line = {"description-1": "0" * 3000, "quantity-1": "0x", "unit_price-1": "1.234", "order_reference-1": "9" * 300}
    yield orders, {"form_key": key}
    yield (
        orders,
        {
            "form_key": key,
            "number": "9" * 200,
            "division": "0",
            "terms_days": "90",
            "bill_to_country": "XX",
            "contact_mail": "0",
            "vat_number": "!",
            **line,
        },
    )
    yield orders, {"form_key": key, "number": "7", "recipients": "0", "note": "9" * 9000, "amount": "1e3", "contact_name": "9" * 999}
    yield f"{orders}outcome/", {"form_key": key, **line}
    yield f"{orders}outcome/", {"form_key": key, "number": "8", "description-1": "0", "quantity-1": "2", "unit_price-1": "5"}
    yield asking.at("orders", account.customer.top_id) + "download/?q=nothing-1", {"kind": "zip"}
    yield asking.at("orders", account.customer.top_id) + "download/", {"kind": "0"}


def _kept(account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    """List what an administrator sends, and everybody about themselves."""
    key = str(uuid.uuid4())
    yield "/account/users/", {"form_key": key, "email": "0", "name": "", "role": "0"}
    yield "/account/divisions/", {"form_key": key, "name": "", "parent": "0"}
    yield "/account/divisions/", {"form_key": key, "name": "Division 0", "parent": str(account.customer.top_id)}
    yield f"/account/divisions/{ids.public('div', account.customer.top_id)}/closing/", {}
    yield f"/account/divisions/{ids.public('div', account.customer.division_ids[1])}/closing/", {}
    yield "/finances/settings/", {"form_key": key, "notify_below": "1x", "billing_email": "0", "recipients": "0"}
    yield "/finances/settings/separate-funds/", {"form_key": key}
    yield "/account/api-keys/", {"form_key": key, "name": "", "scopes": "0"}
    yield "/account/api-keys/", {"form_key": key, "name": "0", "scopes": "balance:read"}
    yield "/account/api-keys/", {"form_key": key, "name": "0", "scopes": "balance:read"}
    yield "/person/password/set/", {"password1": "0", "password2": "1"}
    yield "/preferences/", {}


def test_forms_answer_in_the_readers_language(account: Account, marked: None) -> None:
    """What is wrong, what was done, and the pages that follow."""
    assert marked is None
    session = account.client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    found = {
        f"{path} {sent}": left
        for path, sent in (*_paid(account), *_ordered(account), *_kept(account))
        if (left := _read(account.client.post(path, sent, follow=True)))
    }
    found |= {
        path: left
        for path in ("/account/api-keys/", "/person/2fa/totp/activate/", "/person/2fa/webauthn/", "/person/2fa/webauthn/add/")
        if (left := _read(account.client.get(path, follow=True)))
    }
    assert not found, "\n".join(f"{path[:300]}: {left}" for path, left in found.items())


def test_what_the_domain_refuses_is_said_in_the_readers_language_and_in_english_to_programs(marked: None) -> None:
    """Values stand inside the sentence, a marked one in its language too; what people typed stays."""
    assert marked is None
    refusal = errors.Conflict(texts.marked("At most %(most)s can be moved.", most=texts.marked("Card")), field="amount")
    assert words.said(refusal.sentence) == "⟦At most ⟦Card⟧ can be moved.⟧"
    assert words.said("Less, please") == "Less, please"
    assert problem.shown(refusal)["detail"] == str(refusal) == "At most Card can be moved."
    assert msgspec.json.encode(problem.shown(refusal))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("card_declined", "⟦The bank declined this card. Nothing was charged.⟧"),
        ("", "⟦The card processor declined it. Nothing was charged.⟧"),
        ("code_51", "⟦The card processor declined it. Nothing was charged.⟧"),
        ("Ask your bank.", "Ask your bank."),
    ],
)
def test_why_a_card_failed_is_said_in_a_sentence(reason: str, told: str, marked: None) -> None:
    """No gateway's code is shown to a person; its own sentence is."""
    assert marked is None
    assert words.failure(reason) == told


def test_amounts_in_a_sentence_are_written_in_the_readers_form() -> None:
    """English stays as programs read it; German has its marks."""
    sentence = texts.marked("Nowhere: %(most)s, %(bare)s.", most=money.named(140_000, "USD"), bare=money.shown(140_000, "JPY"))
    assert words.said(sentence) == sentence == "Nowhere: 1400.00 USD, 140000."
    with translation.override("de"):
        assert words.said(sentence) == "Nowhere: 1.400,00\u00a0USD, 140.000."


def test_a_state_in_a_sentence_is_the_word_of_the_pages() -> None:
    acme = given.customer()
    acme.fund(5000)
    held = acme.hold(700)
    holding.release_hold(viewer=acme.viewer(), hold_id=held.hold_id, idempotency_key=uuid.uuid4().hex)
    with pytest.raises(holding.HoldNotOpen) as released:
        holding.release_hold(viewer=acme.viewer(), hold_id=held.hold_id, idempotency_key=uuid.uuid4().hex)
    assert words.said(released.value.sentence) == str(released.value) == "This hold was released already."
    paid = acme.issue((5000, "0"))
    acme.record(5000, (paid, 5000))
    with pytest.raises(errors.Conflict) as closed:
        invoicing.void_invoice(viewer=given.APPROVER, invoice_id=paid, reason="Wrong")
    assert " is paid. Issue" in words.said(closed.value.sentence)
    with translation.override("de"):
        assert words.said(released.value.sentence).endswith("„Reservierung aufgelöst“.")
        assert "hat den Status „Bezahlt“" in words.said(closed.value.sentence)


def test_every_kind_of_event_has_its_words() -> None:
    """A kind that is recorded anywhere is in the table of the log."""
    source = importlib.resources.files("tallystick.domain")
    recorded = {
        kind
        for file in pathlib.Path(str(source)).rglob("operations/**/*.py")
        for kind in re.findall(r'(?:kind=|record\(\w+, |else )"([a-z_]+\.[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert len(recorded) > 20
    assert recorded <= audit_log.EVENTS.keys()


def test_an_unmarked_text_is_found() -> None:
    """The check can fail: a text, an attribute, a button's value; what is marked, a name, a number and a day are none."""
    assert pseudo.unmarked('<p title="Look">⟦Pay ⟦1⟧ of <b>all</b>⟧ now</p><input type="submit" value="Go on">', ["Acme"]) == ["Look", "now", "Go on"]
    assert pseudo.unmarked("<p>⟦Due⟧ Acme 4 Dec 2026, USD 5.00</p>", ["Acme"]) == []
