"""Try each of the operator's forms and decisions as each role of the staff, and each decision as the person who asked for it."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from interfaces.operator.operating import INSTALLER, Town, hidden_of, sent
from interfaces.operator.test_wrong_forms import FORMS, Place, opened, rows
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import queries as payments

ENTER = {"clerk", "approver"}
APPROVE = {"approver"}
ADMINISTER = {"administrator"}
ALLOWED = {
    "credit note": ENTER,
    "write-off": ENTER,
    "voiding": APPROVE,
    "dispute": ENTER,
    "end of a dispute": ENTER,
    "order": ENTER,
    "rights": ADMINISTER,
    "limit and rule": ENTER,
    "refund": ENTER,
    "reversal": ENTER,
    "payment": ENTER,
    "tax rate": ADMINISTER,
    "series": ADMINISTER,
    "bank account": ADMINISTER,
    "legal entity": ADMINISTER,
    "customer": ADMINISTER,
    "division": ADMINISTER,
    "invitation": ADMINISTER,
    "pause of reminders": ENTER,
    "pause of an invoice's reminders": ENTER,
    "schedule": ADMINISTER,
    "colleague": ADMINISTER,
}
ROLES = ["clerk", "approver", "auditor", "administrator"]


@pytest.fixture(scope="module")
def place(town: Town) -> Place:
    """Share one customer among the refusals."""
    return opened(town)


def test_every_form_is_in_the_table() -> None:
    """A new form is put into a column here."""
    assert set(ALLOWED) == set(FORMS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", list(FORMS))
def test_a_form_is_sent_by_its_roles_only(town: Town, place: Place, name: str, role: str) -> None:
    """Right values, wrong role: neither shown nor taken; right role: taken."""
    client: Client = getattr(town, role)
    form = FORMS[name]
    if role in ALLOWED[name]:
        at = opened(town)
        assert sent(client, form.address(at), **form.right(at)).status_code in {200, 302}  # type: ignore[attr-defined]
        return
    before = rows()
    assert client.get(form.address(place)).status_code == 403
    assert client.post(form.address(place), {**form.right(place), "form_key": str(uuid.uuid4())}).status_code == 403
    assert rows() == before


def _note(at: Place) -> str:
    note = invoicing.credit_notes(viewer=INSTALLER, invoice_id=at.invoice_id)[0]
    return reverse("operator-credit-approve", args=[note.id])


def _terms(at: Place) -> str:
    waiting = next(one for one in funds.requested_terms(viewer=INSTALLER) if one.customer_id == at.customer_id)
    return reverse("operator-credit-terms-approve", args=[at.customer_id, waiting.id])


def _refund(at: Place) -> str:
    refund = payments.refunds(viewer=INSTALLER, customer_id=at.customer_id)[0]
    return reverse("operator-refund-approve", args=[at.customer_id, refund.id])


DECISIONS: dict[str, Callable[[Place], str]] = {"credit note": _note, "limit and rule": _terms, "refund": _refund}


@pytest.mark.parametrize("name", list(DECISIONS))
def test_a_wish_is_decided_by_another_approver(town: Town, name: str) -> None:
    """The approver asks, and is refused the decision; so are clerk, auditor and administrator. What the clerk asked for, the approver decides."""
    at, form = opened(town), FORMS[name]
    assert sent(town.approver, form.address(at), **form.right(at)).status_code == 302  # type: ignore[attr-defined]
    address, before = DECISIONS[name](at), rows()
    for role in ROLES:
        assert getattr(town, role).post(address).status_code == 403, role
    assert rows() == before
    at = opened(town)
    assert sent(town.clerk, form.address(at), **form.right(at)).status_code == 302  # type: ignore[attr-defined]
    address = DECISIONS[name](at)
    assert town.approver.post(address).status_code == 302
    after = rows()
    assert town.approver.post(address).status_code == 409, "decided once"
    assert rows() == after


def test_an_order_is_approved_by_another_than_who_entered_it(town: Town) -> None:
    """The approver's own order waits for a second approver."""
    at = opened(town)
    order = town.order(at.customer_id, f"FE-{uuid.uuid4().hex[:6]}", by=town.approver)
    address = reverse("review-approve", args=[order.id])
    hidden = {**hidden_of(town.approver.get(reverse("review", args=[order.id]))), "revision": "1", "form_key": str(uuid.uuid4())}
    before = rows()
    for role in ROLES:
        assert getattr(town, role).post(address, hidden).status_code == 403, role
    assert rows() == before
