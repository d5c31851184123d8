"""Send wrong input to each of the operator's forms: the field is marked, what was typed is kept, and nothing is written anywhere."""

import html
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import given
from interfaces.operator.operating import INSTALLER, Town, hidden_of, sent
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as people
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing.rules import Kind
from tallystick.domain.payments import queries as payments
from tallystick.integrations.postgres import scope

_KEPT = [
    "ledger_transfer",
    "events_event",
    *(f"customers_{one}" for one in ("bankaccount", "change", "customer", "division", "legalentity", "membership", "person", "sentform")),
    *(f"customers_{one}" for one in ("setting", "signinlink", "staff", "taxrate")),
    "funds_terms",
    *("invoicing_creditnote", "invoicing_series", "reminders_group", "reminders_membership", "reminders_pause"),
    *("payments_payment", "payments_refund", "payments_reversal"),
    *("purchasing_purchaseorder", "purchasing_purchaseorderline", "purchasing_revision", "purchasing_decision", "purchasing_scheduledapproval"),
]

LONG = "x" * 600
TEXTS = (LONG, "A\x07B", "A\x00B", "A\u2028B", "")
AMOUNTS = ("0", "-5", "1e30", "1.234", "EUR 5.00", "5 USD", "12,50", "9" * 20, "9" * 300, "5\x07", "5\x00", "١٢", "")
LIMITS = tuple(amount for amount in AMOUNTS if amount not in {"0", ""})
MAILS = ("nobody", "a@b@c.example", "a\x00@b.example", "x" * 300 + "@b.example", "")


def rows() -> dict[str, int]:
    """Count what is kept: the journal, the events, and every table that a form of the operator's writes."""
    with scope.of(INSTALLER), scope.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"(select count(*) from {table})" for table in _KEPT))
        return dict(zip(_KEPT, cursor.fetchone(), strict=True))


@dataclass(frozen=True)
class Place:
    """A customer with an open invoice of 1,000.00, an amount-owed invoice of 50.00, a payment of 30.00 as unapplied credit, a closed division.

    The amount-owed invoice is disputed; `person_id` is a manager.
    """

    town: Town
    customer_id: int
    top_id: int
    closed_id: int
    invoice_id: uuid.UUID
    owed_id: uuid.UUID
    payment_id: uuid.UUID
    person_id: int


@dataclass(frozen=True)
class Form:
    """One form: who sends it, where it is, and values that are right."""

    who: str
    address: Callable[[Place], str]
    right: Callable[[Place], dict[str, str]]

    def client(self, place: Place) -> Client:
        """Be who may send it."""
        return getattr(place.town, self.who)  # type: ignore[no-any-return]

    def sent(self, place: Place, **wrong: str) -> object:
        """Send a new form with some values wrong."""
        return sent(self.client(place), self.address(place), **{**self.right(place), **wrong})


def opened(town: Town) -> Place:
    """Open the customer."""
    customer_id = town.customer("Wrong Forms")
    top_id = known.divisions(viewer=INSTALLER, customer_id=customer_id)[0].id
    closed_id = administration.create_division(viewer=INSTALLER, customer_id=customer_id, parent_id=top_id, name="Gone")
    administration.close_division(viewer=INSTALLER, customer_id=customer_id, division_id=closed_id, now=timezone.now())
    invoice = town.invoice(customer_id, f"WF-{uuid.uuid4().hex[:6]}")
    owed_id = given.Customer(customer_id, top_id, 0, town.entity_id).issue((5_000, "0"), kind=Kind.AMOUNT_OWED)  # type: ignore[arg-type]
    paid = town.clerk.post(
        reverse("record-payment-of", args=[customer_id]),
        {
            "form_key": str(uuid.uuid4()),
            "method": "cheque",
            "amount": "30.00",
            "received_date": timezone.localdate().isoformat(),
            "reference": f"CH {uuid.uuid4()}",
            "division": str(top_id),
        },
    )
    assert paid.status_code == 302, paid.content.decode()
    payment_id = payments.payments(viewer=INSTALLER, customer_id=customer_id)[0].id
    with scope.of(INSTALLER):
        person_id = people.add_person(viewer=INSTALLER, email=_mail(), name="Manny")
        people.set_membership(viewer=INSTALLER, customer_id=customer_id, person_id=person_id, role=CustomerRole.MANAGER)
    clerk = Viewer(kind=ViewerKind.STAFF, name="Clerk", staff_role=StaffRole.CLERK)
    invoicing.mark_disputed(viewer=clerk, invoice_id=owed_id, reason="Wrong goods")
    return Place(town, customer_id, top_id, closed_id, invoice.id, owed_id, payment_id, person_id)


@pytest.fixture(scope="module")
def place(town: Town) -> Place:
    """Share one customer among the cases that change nothing."""
    return opened(town)


def _mail() -> str:
    return f"p-{uuid.uuid4().hex[:10]}@wrong.example"


FORMS = {
    "credit note": Form(
        "clerk", lambda at: reverse("operator-invoice-credit", args=[at.invoice_id]), lambda _at: {"amount": "10.00", "reason": "Agreed"}
    ),
    "write-off": Form(
        "approver", lambda at: reverse("operator-invoice-write-off", args=[at.owed_id]), lambda _at: {"amount": "10.00", "reason": "Too small"}
    ),
    "voiding": Form("approver", lambda at: reverse("operator-invoice-void", args=[at.invoice_id]), lambda _at: {"reason": "Ordered twice"}),
    "dispute": Form("clerk", lambda at: reverse("operator-invoice-dispute", args=[at.invoice_id]), lambda _at: {"reason": "Wrong goods"}),
    "end of a dispute": Form("clerk", lambda at: reverse("operator-invoice-dispute", args=[at.owed_id]), lambda _at: {"reason": ""}),
    "order": Form(
        "clerk",
        lambda at: reverse("operator-order-enter", args=[at.customer_id]),
        lambda at: {
            "number": f"WO-{uuid.uuid4().hex[:8]}",
            "division": str(at.top_id),
            "terms_days": "30",
            "channel": "mail",
            "amount": "1000.00",
            "bill_to_name": "Northwind Labs, Inc.",
            "bill_to_street": "2140 Alder Street",
            "bill_to_city": "Portland, OR 97205",
            "bill_to_country": "US",
            "contact_name": "Dana Whitfield",
            "contact_mail": "ap@northwind.example",
            "signed": "on",
        },
    ),
    "rights": Form(
        "administrator",
        lambda at: reverse("operator-user", args=[at.customer_id, at.person_id]),
        lambda _at: {"role": "finance_manager", "is_active": "on"},
    ),
    "limit and rule": Form(
        "clerk",
        lambda at: reverse("operator-credit-terms", args=[at.customer_id]),
        lambda _at: {"limit": "500.00", "rule": "consumption", "reason": "Larger orders"},
    ),
    "refund": Form(
        "clerk",
        lambda at: reverse("operator-refund-request", args=[at.customer_id, at.top_id]),
        lambda _at: {"amount": "10.00", "account": "DE02", "reason": "Paid twice"},
    ),
    "reversal": Form(
        "clerk",
        lambda at: reverse("operator-payment-reverse", args=[at.payment_id]),
        lambda _at: {"amount": "10.00", "reference": f"R {uuid.uuid4()}", "reason": "Returned"},
    ),
    "payment": Form(
        "clerk",
        lambda at: reverse("record-payment-of", args=[at.customer_id]),
        lambda at: {
            "method": "cheque",
            "amount": "10.00",
            "received_date": timezone.localdate().isoformat(),
            "reference": f"B {uuid.uuid4()}",
            "division": str(at.top_id),
        },
    ),
    "tax rate": Form(
        "administrator", lambda at: reverse("operator-rate-create", args=[at.town.entity_id]), lambda _at: {"name": "Sales tax", "percent": "8.625"}
    ),
    "series": Form(
        "administrator", lambda at: reverse("operator-series", args=[at.town.entity_id, "invoice"]), lambda _at: {"pattern": "INV-{year}-{number:05}"}
    ),
    "bank account": Form(
        "administrator",
        lambda at: reverse("operator-account-create", args=[at.town.entity_id]),
        lambda _at: {"currency": "GBP", "holder": "Lanternfield, Inc.", "account": "1234"},
    ),
    "legal entity": Form(
        "administrator",
        lambda _at: reverse("operator-entity-create"),
        lambda _at: {"name": "Second, Inc.", "country": "US", "address": "2 Quay", "time_zone": "UTC"},
    ),
    "customer": Form(
        "administrator",
        lambda _at: reverse("operator-customer-create"),
        lambda at: {
            "name": f"New {uuid.uuid4().hex[:8]}",
            "legal_entity": str(at.town.entity_id),
            "currency": "USD",
            "limit": "10.00",
            "rule": "consumption",
            "terms_days": "30",
        },
    ),
    "division": Form(
        "administrator",
        lambda at: reverse("operator-division-create", args=[at.customer_id]),
        lambda at: {"name": f"D {uuid.uuid4().hex[:8]}", "parent": str(at.top_id)},
    ),
    "invitation": Form(
        "administrator",
        lambda at: reverse("operator-user-invite", args=[at.customer_id]),
        lambda _at: {"name": "Dana", "email": _mail(), "role": "manager"},
    ),
    "pause of reminders": Form(
        "clerk",
        lambda at: reverse("operator-reminders-pause", args=[at.customer_id]),
        lambda _at: {"until": "2999-01-01", "reason": "On holiday"},
    ),
    "pause of an invoice's reminders": Form(
        "clerk", lambda at: reverse("operator-invoice-pause", args=[at.invoice_id]), lambda _at: {"until": "2999-01-01", "reason": "Promised"}
    ),
    "schedule": Form(
        "administrator",
        lambda _at: reverse("operator-reminder-group-create"),
        lambda _at: {"name": f"S {uuid.uuid4().hex[:8]}", "days_1": "3", "tone_1": "friendly"},
    ),
    "colleague": Form(
        "administrator", lambda _at: reverse("operator-staff-invite"), lambda _at: {"name": "Noor", "email": _mail(), "role": "auditor"}
    ),
}

WRONG: dict[str, dict[str, tuple[str, ...]]] = {
    "credit note": {"amount": (*AMOUNTS, "1000.01"), "reason": TEXTS},
    "write-off": {"amount": (*AMOUNTS, "50.01"), "reason": TEXTS},
    "voiding": {"reason": TEXTS},
    "dispute": {"reason": TEXTS},
    "end of a dispute": {"reason": TEXTS[:-1]},
    "order": {
        "number": TEXTS,
        "division": ("999999", "x", ""),
        "channel": ("pigeon",),
        "amount": AMOUNTS,
        "bill_to_name": TEXTS,
        "bill_to_street": TEXTS,
        "contact_name": TEXTS,
        "contact_mail": MAILS,
        "vat_number": TEXTS[:-1],
        "recipients": MAILS[:-1],
    },
    "rights": {"role": ("owner", ""), "divisions": ("999999", "x"), "version": ("x" * 17, "")},
    "limit and rule": {"limit": LIMITS, "reason": TEXTS, "rule": ("none", "")},
    "refund": {"amount": (*AMOUNTS, "30.01"), "account": TEXTS, "reason": TEXTS},
    "reversal": {"amount": (*AMOUNTS, "30.01"), "reference": TEXTS, "reason": TEXTS},
    "payment": {"amount": AMOUNTS, "reference": TEXTS, "note": TEXTS[:-1], "received_date": ("2999-01-01", "30 February", "")},
    "tax rate": {"percent": ("-1", "101", "1e30", "1.2345678", "nan", "8,5", "8\x00", LONG, ""), "name": TEXTS},
    "series": {"pattern": ("no number", "{number", "{number}{evil}", *TEXTS)},
    "bank account": {"currency": ("XXQ", "US", "US\x00", ""), "holder": TEXTS, "account": TEXTS, "bic": TEXTS[:-1]},
    "legal entity": {
        "name": TEXTS,
        "country": ("USA", "U1", "\x00U", ""),
        "address": TEXTS,
        "time_zone": ("Mars/Olympus", "../etc/passwd", LONG),
        "email": MAILS[:-1],
    },
    "customer": {
        "name": TEXTS,
        "currency": ("XXQ", "USDT", ""),
        "limit": LIMITS,
        "terms_days": ("31", "-1", "1e30", "9" * 30, "x"),
        "country": ("USA", "U1"),
        "legal_entity": ("999999", "9" * 30, "x", ""),
        "tax_rate": ("999999", "x"),
        "rule": ("none", ""),
        "billing_email": MAILS[:-1],
        "vat_number": TEXTS[:-1],
    },
    "division": {"name": TEXTS, "parent": ("999999", "x", "")},
    "invitation": {"name": TEXTS, "email": MAILS, "role": ("owner", ""), "divisions": ("999999", "x")},
    "pause of reminders": {"until": ("2001-01-01", "30 February", ""), "reason": TEXTS},
    "pause of an invoice's reminders": {"until": ("2001-01-01", "30 February", ""), "reason": TEXTS},
    "schedule": {"name": TEXTS, "days_1": ("366", "-367", "1e30", "9" * 30, "x", "3\x00"), "tone_1": ("shouting", "last")},
    "colleague": {"name": TEXTS, "email": MAILS, "role": ("owner", "")},
}
CASES = [(name, field, value) for name, fields in WRONG.items() for field, values in fields.items() for value in values]
_LISTS = {"rule", "role", "legal_entity", "tax_rate", "parent", "divisions", "division", "channel", "version", "tone_1"}
"""Chosen, not typed: a value that is not offered is not offered again."""


def _named(value: object) -> str:
    return f"{str(value)[:12]!r}{len(str(value))}"


@pytest.mark.parametrize(("name", "field", "value"), CASES, ids=_named)
def test_wrong_input_changes_nothing(place: Place, name: str, field: str, value: str) -> None:
    """Each field of each form, wrong in each way that it can be wrong."""
    before = rows()
    answer = FORMS[name].sent(place, **{field: value})
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422, page  # type: ignore[attr-defined]
    assert 'aria-invalid="true"' in page or "error-summary" in page
    assert field in _LISTS or html.escape(value) in page or html.escape(value.strip()) in page
    assert rows() == before


def test_every_form_is_in_the_table() -> None:
    """A form without wrong input tried is no form of ours."""
    assert set(WRONG) == set(FORMS)


@pytest.mark.parametrize("name", list(FORMS))
def test_a_form_sent_twice_has_one_effect(town: Town, name: str) -> None:
    """The double click and the back button are led to where the first press led, and write nothing more."""
    at, form = opened(town), FORMS[name]
    client, address, right = form.client(at), form.address(at), form.right(at)
    values = {**hidden_of(client.get(address)), **right}
    before = rows()
    first = client.post(address, values)
    after = rows()
    assert first.status_code in {200, 302}, first.content.decode()  # an invitation shows its link
    assert after != before
    second = client.post(address, values)
    assert second.status_code == 302
    assert first.status_code == 200 or second["Location"] == first["Location"]
    assert rows() == after


@pytest.mark.parametrize("name", ["credit note", "write-off", "limit and rule", "reversal", "payment", "colleague"])
def test_two_presses_at_once_have_one_effect(town: Town, name: str) -> None:
    """Two requests of one form at the same moment: the second waits for the first, and is led to where it led."""
    alone, at, form = opened(town), opened(town), FORMS[name]
    before = rows()
    assert form.sent(alone).status_code in {200, 302}  # type: ignore[attr-defined]
    one_effect = {table: now - before[table] for table, now in rows().items()}
    client, address = form.client(at), form.address(at)
    values = {**hidden_of(client.get(address)), **form.right(at)}
    before = rows()

    def press() -> int:
        twin = Client(headers={"host": "localhost"})
        twin.cookies = client.cookies
        return twin.post(address, values).status_code

    assert set(given.in_threads([press, press])) <= {200, 302}
    assert {table: now - before[table] for table, now in rows().items()} == one_effect


@pytest.mark.parametrize(("name", "field"), [("payment", "division"), ("division", "parent"), ("invitation", "divisions")])
def test_a_closed_division_is_not_offered(place: Place, name: str, field: str) -> None:
    """Nothing is put into a division that is closed."""
    before = rows()
    assert FORMS[name].sent(place, **{field: str(place.closed_id)}).status_code == 422  # type: ignore[attr-defined]
    assert rows() == before


def test_a_closed_division_gets_no_refund_and_is_not_closed_again(place: Place) -> None:
    """Its money moved up when it was closed."""
    before = rows()
    refund = reverse("operator-refund-request", args=[place.customer_id, place.closed_id])
    assert sent(place.town.clerk, refund, amount="1.00", account="DE02", reason="Late").status_code == 409
    assert place.town.clerk.post(reverse("operator-use-credit", args=[place.customer_id, place.closed_id])).status_code == 409
    close = reverse("operator-division-close", args=[place.customer_id, place.closed_id])
    assert sent(place.town.administrator, close).status_code == 302
    assert rows() == {**before, "customers_sentform": before["customers_sentform"] + 1}  # closed it stays closed, and nothing else is written


STALE = [
    ("credit note", "voiding"),
    ("voiding", "credit note"),
    ("reversal", "reversal"),
    ("rights", "rights"),
    ("end of a dispute", "end of a dispute"),
]


@pytest.mark.parametrize(("slow", "quick"), STALE)
def test_a_stale_form_is_refused(town: Town, slow: str, quick: str) -> None:
    """A colleague was quicker: what the form asks for is not there any more."""
    at, everything = opened(town), {"reversal": {"amount": "30.00"}}
    form = FORMS[slow]
    values = {**hidden_of(form.client(at).get(form.address(at))), **form.right(at), **everything.get(slow, {})}
    assert FORMS[quick].sent(at, **everything.get(quick, {})).status_code == 302  # type: ignore[attr-defined]
    if slow == "voiding":
        note_id = given_note(at)
        assert town.approver.post(reverse("operator-credit-approve", args=[note_id])).status_code == 302
    before = rows()
    answer = form.client(at).post(form.address(at), values)
    assert answer.status_code == 422, answer.content.decode()
    assert rows() == before


def given_note(at: Place) -> uuid.UUID:
    """Find the credit note that waits."""
    with scope.of(INSTALLER), scope.cursor() as cursor:
        cursor.execute("select id from invoicing_creditnote where customer_id = %s and state = 'requested'", [at.customer_id])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
