"""Walk the operator's pages as its staff: an empty system is set up, an order is entered, approved, invoiced, paid, credited and refunded."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interfaces.operator.operating import INSTALLER, Town, approved, hidden_of, sent
from tallystick.domain.customers import queries
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import queries as payments


@pytest.mark.usefixtures("town")
def test_first_run_is_closed_once_a_company_is_there() -> None:
    """The printed address works once."""
    assert Client(headers={"host": "localhost"}).get(reverse("first-run", args=["printed"])).status_code == 404
    assert Client(headers={"host": "localhost"}).get(reverse("first-run", args=["guessed"])).status_code == 404


def test_an_order_becomes_an_invoice_that_is_paid_credited_and_refunded(town: Town) -> None:
    """The whole chain through the pages, each step by who may take it."""
    customer_id = town.customer("Northwind Labs")
    order = town.order(customer_id, "NWL-4511")
    clerk, approver = town.clerk, town.approver
    assert "NWL-4511" in clerk.get(reverse("queue")).content.decode()
    page = approver.get(reverse("review", args=[order.id]))
    assert "Approve and issue" in page.content.decode()
    assert "Approve and issue" not in clerk.get(reverse("review", args=[order.id])).content.decode()
    hidden = hidden_of(page)
    answer = approved(approver, order.id, hidden)
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
    invoice = invoicing.open_invoices(viewer=INSTALLER, customer_id=customer_id)[0]
    assert approver.post(reverse("review-approve", args=[order.id]), hidden).status_code == 302, "sent twice, done once"
    assert approver.post(reverse("review-approve", args=[order.id]), {**hidden, "form_key": str(uuid.uuid4())}).status_code == 409
    assert invoice.number in approver.get(reverse("operator-invoices")).content.decode()
    assert approver.get(reverse("operator-invoice", args=[invoice.id])).status_code == 200
    paid(town, customer_id)
    credited(town, invoice)
    refunded(town, customer_id)
    reversed_(town, customer_id)


def paid(town: Town, customer_id: int) -> None:
    """Pay 1,020.00 on the invoice of 1,000.00: the rest is unapplied credit."""
    address = reverse("record-payment-of", args=[customer_id])
    field = re.search(r'name="(inv_[a-z0-9]+)"', town.clerk.get(address).content.decode())
    assert field is not None
    values = {
        "method": "bank_transfer",
        "amount": "1,020.00",
        "received_date": timezone.localdate().isoformat(),
        "reference": f"B {customer_id}",
        field[1]: "1000.00",
    }
    too_much = sent(town.clerk, address, **{**values, field[1]: "1000.01"})
    assert too_much.status_code == 422
    spread = sent(town.clerk, address, **{**values, field[1]: "", "spread": "1"})
    assert 'value="1000.00"' in spread.content.decode()
    answer = sent(town.clerk, address, **values)
    assert answer.status_code == 302, answer.content.decode()
    assert town.auditor.get(answer["Location"]).status_code == 200
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    figures = funds.figures(viewer=INSTALLER, division_id=top.id, customer_id=customer_id)
    assert (figures.balance_minor, figures.unapplied_minor) == (100_000, 2_000)
    assert "20.00" in town.clerk.get(reverse("operator-refunds")).content.decode()


def credited(town: Town, invoice: invoicing.InvoiceRow) -> None:
    """Ask for a credit note as the clerk; the approver approves it."""
    answer = sent(town.clerk, reverse("operator-invoice-credit", args=[invoice.id]), amount="100.00", reason="Agreed by phone")
    assert answer.status_code == 302, answer.content.decode()
    note = invoicing.credit_notes(viewer=INSTALLER, invoice_id=invoice.id)[0]
    assert town.clerk.post(reverse("operator-credit-approve", args=[note.id])).status_code == 403
    answer = town.approver.post(reverse("operator-credit-approve", args=[note.id]))
    assert answer.status_code == 302, answer.content.decode()
    assert town.approver.get(reverse("operator-invoice", args=[invoice.id])).status_code == 200


def refunded(town: Town, customer_id: int) -> None:
    """Pay 20.00 of the unapplied credit back: asked for by the clerk, approved by another, arrived."""
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    address = reverse("operator-refund-request", args=[customer_id, top.id])
    answer = sent(town.clerk, address, amount="20.00", account="DE02 1203 0000 0000 2020 51", reason="Paid twice")
    assert answer.status_code == 302, answer.content.decode()
    refund = payments.refunds(viewer=INSTALLER, customer_id=customer_id)[0]
    assert town.approver.post(reverse("operator-refund-approve", args=[customer_id, refund.id])).status_code == 302
    assert "It arrived" in town.clerk.get(reverse("operator-refunds")).content.decode()
    assert town.clerk.post(reverse("operator-refund-settle", args=[customer_id, refund.id])).status_code == 302


def reversed_(town: Town, customer_id: int) -> None:
    """Take 100.00 of the payment back."""
    payment = payments.payments(viewer=INSTALLER, customer_id=customer_id)[0]
    answer = sent(town.clerk, reverse("operator-payment-reverse", args=[payment.id]), amount="100.00", reference="R 1", reason="Returned debit")
    assert answer.status_code == 302, answer.content.decode()
    assert "Returned debit" in town.auditor.get(answer["Location"]).content.decode()


def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(town: Town) -> None:
    """Without a reason the page comes back with the message kept; with one the order is rejected."""
    customer_id = town.customer("Alderbrook Foods")
    order = town.order(customer_id, "AF-20931")
    page = town.approver.get(reverse("review", args=[order.id]))
    hidden = hidden_of(page)
    answer = town.approver.post(reverse("review-reject", args=[order.id]), {**hidden, "text": "Name the vendor in full"})
    assert answer.status_code == 422
    assert "Name the vendor in full" in answer.content.decode()
    answer = town.approver.post(reverse("review-reject", args=[order.id]), {**hidden, "reasons": ["vendor"], "text": "Name the vendor in full"})
    assert answer.status_code == 302, answer.content.decode()
    assert "Name the vendor in full" in town.auditor.get(reverse("review", args=[order.id])).content.decode()


def test_limit_and_rule_change_only_by_another_person(town: Town) -> None:
    """A clerk asks, an approver decides, and the limit is in force."""
    customer_id = town.customer("Kestrel Robotics")
    answer = sent(town.clerk, reverse("operator-credit-terms", args=[customer_id]), limit="5,000.00", rule="all_unpaid", reason="Larger orders")
    assert answer.status_code == 302, answer.content.decode()
    terms = funds.requested_terms(viewer=INSTALLER)[-1]
    assert town.clerk.post(reverse("operator-credit-terms-approve", args=[customer_id, terms.id])).status_code == 403
    assert town.approver.post(reverse("operator-credit-terms-approve", args=[customer_id, terms.id])).status_code == 302
    assert "5,000.00" in town.auditor.get(reverse("operator-customer", args=[customer_id])).content.decode()


PAGES = [
    "queue",
    "operator-orders",
    "operator-order-new",
    "operator-invoices",
    "operator-payments",
    "record-payment",
    "operator-refunds",
    "operator-customers",
    "operator-customer-create",
    "operator-settings",
    "operator-entity-create",
    "operator-staff-invite",
    "operator-health",
]
CLOSED = {
    "clerk": {"operator-customer-create", "operator-settings", "operator-entity-create", "operator-staff-invite"},
    "approver": {"operator-customer-create", "operator-settings", "operator-entity-create", "operator-staff-invite"},
    "auditor": {
        "operator-order-new",
        "record-payment",
        "operator-customer-create",
        "operator-settings",
        "operator-entity-create",
        "operator-staff-invite",
    },
    "administrator": {"operator-order-new", "record-payment"},
}


@pytest.mark.parametrize("role", list(CLOSED))
@pytest.mark.parametrize("route", PAGES)
def test_each_role_opens_its_pages_and_no_others(town: Town, role: str, route: str) -> None:
    """The table of product.md, page by page."""
    assert getattr(town, role).get(reverse(route)).status_code == (403 if route in CLOSED[role] else 200)


def test_divisions_users_and_separate_funds(town: Town) -> None:
    """The administrator grows a customer: a division, funds of its own, a restricted user, and the division closed again."""
    customer_id, administrator = town.customer("Brightwater Clinics"), town.administrator
    top = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
    assert sent(administrator, reverse("operator-division-create", args=[customer_id]), name="Research", parent=top.id).status_code == 302
    assert administrator.post(reverse("operator-separate-funds", args=[customer_id]), {"separate": "yes"}).status_code == 302
    research = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[1]
    answer = sent(
        administrator,
        reverse("operator-user-invite", args=[customer_id]),
        name="Priya Nair",
        email="priya@brightwater.example",
        role="manager",
        divisions=[research.id],
    )
    assert answer.status_code == 200
    assert "/sign-in/link/" in answer.content.decode()
    renaming = reverse("operator-division-rename", args=[customer_id, research.id])
    assert sent(administrator, renaming, name="Research and more").status_code == 302
    assert "Research and more" in administrator.get(reverse("operator-customer", args=[customer_id])).content.decode()
    assert sent(town.approver, renaming, name="Other").status_code == 403
    user = queries.users(viewer=INSTALLER, customer_id=customer_id)[0]
    assert user.division_ids == [research.id]
    assert administrator.get(reverse("operator-user", args=[customer_id, user.person_id])).status_code == 200
    assert sent(administrator, reverse("operator-division-close", args=[customer_id, research.id])).status_code == 302
    assert "closed" in administrator.get(reverse("operator-customer", args=[customer_id])).content.decode()


UNDER = {
    "record-payment": "operator-payments",
    "operator-announced": "operator-payments",
    "operator-order-new": "operator-orders",
    "operator-customer-create": "operator-customers",
    "operator-staff-invite": "operator-settings",
}


@pytest.mark.parametrize(("route", "entry"), list(UNDER.items()))
def test_the_rail_says_where_one_is(town: Town, route: str, entry: str) -> None:
    """A page below an entry of the rail marks that entry."""
    client = town.administrator if route in {"operator-customer-create", "operator-staff-invite"} else town.clerk
    page = client.get(reverse(route)).content.decode()
    assert re.search(rf'<a[^>]*href="{re.escape(reverse(entry))}"[^>]*aria-current', page)
