"""Try the operator's pages with wrong input and at wrong moments: a clear refusal, nothing changed, what was typed kept."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interfaces.operator.operating import INSTALLER, Town, approved, hidden_of, sent
from tallystick.domain.customers import queries
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing

ORDER = {
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
}


@pytest.fixture(scope="module")
def customer_id(town: Town) -> int:
    """Open a customer with one approved order of 1,000.00."""
    made = town.customer("Maple and Finch")
    order = town.order(made, "MF-1")
    assert approved(town.approver, order.id).status_code == 302  # type: ignore[attr-defined]
    return made


AMOUNTS = ["0", "-5", "1e30", "1.234", "12,50", "abc", "9" * 30, "١٢"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_no_wrong_amount_is_recorded(town: Town, customer_id: int, amount: str) -> None:
    """The page comes back with the field marked and the amount as typed; no payment is there."""
    before = len(payments.payments(viewer=INSTALLER, customer_id=customer_id))
    values = {"method": "cheque", "amount": amount, "received_date": "2026-01-05", "reference": f"C {amount}"}
    answer = sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **values)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert f'value="{amount}"' in page
    assert len(payments.payments(viewer=INSTALLER, customer_id=customer_id)) == before


WRONG_PAYMENTS = [
    {"method": "card"},
    {"received_date": "2999-01-01"},
    {"received_date": "not a day"},
    {"reference": ""},
    {"reference": "a\x00b"},
    {"reference": "x" * 300},
    {"division": "999999"},
    {"form_key": "not a key"},
]


@pytest.mark.parametrize("wrong", WRONG_PAYMENTS, ids=str)
def test_no_wrong_payment_is_recorded(town: Town, customer_id: int, wrong: dict[str, str]) -> None:
    """Each field is refused by itself."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    values = {"method": "cheque", "amount": "10.00", "received_date": "2026-01-05", "reference": f"W {wrong}", "division": str(top.id)}
    before = len(payments.payments(viewer=INSTALLER, customer_id=customer_id))
    assert sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **{**values, **wrong}).status_code == 422
    assert len(payments.payments(viewer=INSTALLER, customer_id=customer_id)) == before


def test_a_payment_sent_twice_is_recorded_once(town: Town, customer_id: int) -> None:
    """The back button and a second press have no second effect; the same reference on another form is refused."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    address = reverse("record-payment-of", args=[customer_id])
    values = {"method": "cheque", "amount": "10.00", "received_date": "2026-01-05", "reference": "TWICE", "division": str(top.id)}
    form = {**hidden_of(town.clerk.get(address)), **values}
    first, second = town.clerk.post(address, form), town.clerk.post(address, form)
    assert first["Location"] == second["Location"]
    assert sent(town.clerk, address, **values).status_code == 422


WRONG_ORDERS = [
    {"number": "x" * 300},
    {"number": "A\x07B"},
    {"number": ""},
    {"amount": "0"},
    {"amount": "1e30"},
    {"amount": "-3"},
    {"terms_days": "45"},
    {"division": "1"},
    {"contact_mail": "nobody"},
    {"channel": "pigeon"},
    {"signed": ""},
]


@pytest.mark.parametrize("wrong", WRONG_ORDERS, ids=str)
def test_no_wrong_order_is_entered(town: Town, customer_id: int, wrong: dict[str, str]) -> None:
    """The page comes back with the complaint, and no order waits."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    before = len(purchasing.waiting(viewer=INSTALLER))
    values = {**ORDER, "number": "MF-2", "division": top.id, **wrong}
    answer = sent(town.clerk, reverse("operator-order-enter", args=[customer_id]), **{name: value for name, value in values.items() if value != ""})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert len(purchasing.waiting(viewer=INSTALLER)) == before


def test_a_file_that_is_not_what_its_name_says_is_refused(town: Town, customer_id: int) -> None:
    """A text called PDF does not come in."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    document = SimpleUploadedFile("order.pdf", b"hello", content_type="application/pdf")
    answer = sent(town.clerk, reverse("operator-order-enter", args=[customer_id]), **ORDER, number="MF-3", division=top.id, document=document)
    assert answer.status_code == 422
    assert 'value="MF-3"' in answer.content.decode()


def test_nobody_approves_what_they_entered(town: Town, customer_id: int) -> None:
    """The approver may enter an order, and then only reads it."""
    order = town.order(customer_id, "MF-4", by=town.approver)
    page = town.approver.get(reverse("review", args=[order.id]))
    assert "You entered this order" in page.content.decode()
    answer = town.approver.post(reverse("review-approve", args=[order.id]), {**hidden_of(page), "revision": "1"})
    assert answer.status_code == 403
    assert [row.number for row in purchasing.waiting(viewer=INSTALLER)].count("MF-4") == 1


def test_a_stale_or_broken_decision_changes_nothing(town: Town, customer_id: int) -> None:
    """Another revision than the one on the screen is neither approved nor rejected."""
    order = town.order(customer_id, "MF-5")
    form = hidden_of(town.approver.get(reverse("review", args=[order.id])))
    approve, reject = reverse("review-approve", args=[order.id]), reverse("review-reject", args=[order.id])
    assert town.approver.post(approve, {**form, "revision": "7"}).status_code == 409
    assert town.approver.post(approve, {"revision": "x"}).status_code == 409
    assert town.approver.post(reject, {**form, "revision": "7", "reasons": ["vendor"]}).status_code == 422
    assert town.approver.post(reject, {**form, "reasons": ["bad mood"]}).status_code == 422
    assert town.approver.get(approve).status_code == 405
    assert purchasing.purchase_order(viewer=INSTALLER, purchase_order_id=order.id).state == "pending"


def test_invoices_are_voided_written_off_and_disputed_only_as_they_may_be(town: Town, customer_id: int) -> None:
    """A funding invoice is never written off; a dispute is marked and taken off; voiding needs a reason and ends it."""
    invoice = invoicing.open_invoices(viewer=INSTALLER, customer_id=customer_id)[0]
    assert sent(town.approver, reverse("operator-invoice-write-off", args=[invoice.id]), amount="1.00", reason="Short").status_code == 422
    assert sent(town.clerk, reverse("operator-invoice-dispute", args=[invoice.id]), reason="Wrong address").status_code == 302
    assert "Wrong address" in town.clerk.get(reverse("operator-invoice", args=[invoice.id])).content.decode()
    assert sent(town.clerk, reverse("operator-invoice-dispute", args=[invoice.id])).status_code == 302
    assert sent(town.clerk, reverse("operator-invoice-credit", args=[invoice.id]), amount="1000.01", reason="Too much").status_code == 422
    assert sent(town.clerk, reverse("operator-invoice-credit", args=[invoice.id]), amount="1.00", reason="Kept").status_code == 302
    note = invoicing.credit_notes(viewer=INSTALLER, invoice_id=invoice.id)[0]
    assert sent(town.approver, reverse("operator-credit-decline", args=[note.id]), reason="Not agreed").status_code == 302
    assert town.approver.post(reverse("operator-credit-approve", args=[note.id])).status_code == 409
    assert sent(town.approver, reverse("operator-invoice-void", args=[invoice.id])).status_code == 422
    assert sent(town.approver, reverse("operator-invoice-void", args=[invoice.id]), reason="Ordered twice").status_code == 302
    assert sent(town.approver, reverse("operator-invoice-void", args=[invoice.id]), reason="Ordered twice").status_code == 422


def test_unapplied_credit_is_refunded_within_what_there_is(town: Town, customer_id: int) -> None:
    """More than there is can not be asked for; a declined refund leaves the credit; without open invoices it can not be used."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    values = {
        "method": "cheque",
        "amount": "10.00",
        "received_date": timezone.localdate().isoformat(),
        "reference": "SURPLUS",
        "division": str(top.id),
    }
    assert sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **values).status_code == 302
    unapplied_minor = funds.figures(viewer=INSTALLER, division_id=top.id, customer_id=customer_id).unapplied_minor
    address = reverse("operator-refund-request", args=[customer_id, top.id])
    assert sent(town.clerk, address, amount="99999.00", account="DE02", reason="All").status_code == 422
    assert sent(town.clerk, address, amount="5.00", account="DE02", reason="Some").status_code == 302
    refund = payments.refunds(viewer=INSTALLER, customer_id=customer_id)[0]
    assert sent(town.approver, reverse("operator-refund-decline", args=[customer_id, refund.id]), reason="No").status_code == 302
    assert town.approver.post(reverse("operator-refund-approve", args=[customer_id, refund.id])).status_code == 409
    assert funds.figures(viewer=INSTALLER, division_id=top.id, customer_id=customer_id).unapplied_minor == unapplied_minor


def test_a_division_with_a_waiting_order_is_not_closed(town: Town) -> None:
    """The page says what must be settled first."""
    customer_id = town.customer("Juniper Works")
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    sent(town.administrator, reverse("operator-division-create", args=[customer_id]), name="Labs", parent=top.id)
    assert sent(town.administrator, reverse("operator-division-create", args=[customer_id]), name="Labs", parent=top.id).status_code == 422
    assert sent(town.administrator, reverse("operator-division-close", args=[customer_id, top.id])).status_code == 422


WRONG_CUSTOMERS = [
    {"name": ""},
    {"currency": "XXQ"},
    {"limit": "-1"},
    {"limit": "1.234"},
    {"terms_days": "45"},
    {"legal_entity": "9999"},
    {"rule": "none"},
]


@pytest.mark.parametrize("wrong", WRONG_CUSTOMERS, ids=str)
def test_no_wrong_customer_is_opened(town: Town, wrong: dict[str, str]) -> None:
    """Each field is refused by itself."""
    values = {"name": "Nowhere", "legal_entity": town.entity_id, "currency": "USD", "limit": "0.00", "rule": "consumption", "terms_days": "30"}
    assert sent(town.administrator, reverse("operator-customer-create"), **{**values, **wrong}).status_code == 422
    assert queries.customers(viewer=INSTALLER, text="Nowhere") == []


def test_settings_refuse_what_can_not_be(town: Town) -> None:
    """Companies, rates, accounts, series and colleagues with wrong fields are not made."""
    entity = town.entity_id
    wrong = [
        (reverse("operator-entity-create"), {"name": "X", "country": "USA", "address": "Y", "time_zone": "UTC"}),
        (reverse("operator-entity-create"), {"name": "X", "country": "US", "address": "Y", "time_zone": "Mars/Olympus"}),
        (reverse("operator-rate-create", args=[entity]), {"name": "VAT", "percent": "101"}),
        (reverse("operator-rate-create", args=[entity]), {"name": "VAT", "percent": "1.2345678"}),
        (reverse("operator-rate-create", args=[entity]), {"name": "VAT", "percent": "nan"}),
        (reverse("operator-account-create", args=[entity]), {"currency": "ABC", "holder": "H", "account": "1"}),
        (reverse("operator-series", args=[entity, "invoice"]), {"pattern": "no number"}),
        (reverse("operator-staff-invite"), {"name": "N", "email": "no mail", "role": "clerk"}),
    ]
    for address, values in wrong:
        assert sent(town.administrator, address, **values).status_code == 422, (address, values)
    assert sent(town.administrator, reverse("operator-rate-create", args=[entity]), name="Sales tax", percent="8.625").status_code == 302
    assert town.administrator.get(reverse("operator-series", args=[entity, "nothing"])).status_code == 404


UNKNOWN = [
    ("review", "po_00000000000000000000000000"),
    ("operator-invoice", "inv_00000000000000000000000000"),
    ("operator-payment", "pay_00000000000000000000000000"),
    ("operator-customer", "cus_00000000zzzzz"),
    ("record-payment-of", "cus_00000000zzzzz"),
]


@pytest.mark.parametrize(("route", "outside_id"), UNKNOWN)
def test_what_is_not_there_is_not_found(town: Town, route: str, outside_id: str) -> None:
    """A well-formed id of nothing answers 404."""
    sample = reverse("queue")
    folder = {"review": "purchase-orders", "operator-invoice": "invoices", "operator-payment": "payments"}.get(route, "customers")
    address = f"{sample}{folder}/{outside_id}/" + ("payments/new/" if route == "record-payment-of" else "")
    assert town.clerk.get(address).status_code == 404


def test_a_stranger_is_sent_to_sign_in(town: Town) -> None:
    """Without a session every page leads to the sign-in page, and no form does anything."""
    stranger = Client(headers={"host": "localhost"})
    for route in ("queue", "operator-customers", "operator-health"):
        assert re.search("sign-in", stranger.get(reverse(route))["Location"])
    assert stranger.post(reverse("operator-four-eyes"), {"four_eyes": "no"}).status_code == 302
    assert queries.setting(name="four_eyes", default=True) is not False
    assert town.entity_id
