"""Correct a customer's master record on its page: before and after are kept, issued documents are not touched."""

import pytest
from django.test import Client
from django.urls import reverse

from interfaces.operator.operating import INSTALLER, Town, approved, hidden_of, sent
from tallystick.domain.administration import operations, queries
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.invoicing import queries as invoicing
from tallystick.lib import errors

RECORD = {
    "currency": "USD",
    "terms_days": "30",
    "locale": "en",
    "address": "1 Weir Road\nSalem, OR 97301",
    "country": "us",
    "vat_number": "US-1",
    "billing_name": "Dana Whitfield",
    "billing_email": "ap@weir.example",
    "recipients": "a@weir.example, b@weir.example",
}


def corrected(town: Town, customer_id: int, **values: object) -> object:
    """Send the form with this record, as the administrator."""
    name = known.customer(viewer=INSTALLER, customer_id=customer_id).name
    return sent(
        town.administrator,
        reverse("operator-customer-change", args=[customer_id]),
        **{"name": name, "legal_entity": town.entity_id, **RECORD, **values},
    )


def test_a_record_is_corrected_and_the_change_is_kept(town: Town) -> None:
    """All fields are written at once; the customer's page shows what was there before."""
    customer_id = town.customer("Weir Mills")
    assert corrected(town, customer_id).status_code == 302  # type: ignore[attr-defined]
    assert corrected(town, customer_id, name="Weir Mills Ltd", vat_number="US-2").status_code == 302  # type: ignore[attr-defined]
    now = known.customer(viewer=INSTALLER, customer_id=customer_id)
    assert (now.name, now.vat_number, now.country, now.recipients, now.version) == (
        "Weir Mills Ltd",
        "US-2",
        "US",
        ["a@weir.example", "b@weir.example"],
        3,
    )
    latest = queries.record_changes(viewer=INSTALLER, customer_id=customer_id)[0]
    assert {one.field: one.after for one in latest.differences} == {"name": "Weir Mills Ltd", "vat_number": "US-2"}
    assert {one.field: one.before for one in latest.differences}["vat_number"] == "US-1"
    page = town.auditor.get(reverse("operator-customer", args=[customer_id])).content.decode()
    assert "Changes of the record" in page
    assert "US-1" in page


def test_nothing_new_is_no_change(town: Town) -> None:
    """The same record sent again writes no change and no version."""
    customer_id = town.customer("Stillwater")
    corrected(town, customer_id)
    corrected(town, customer_id)
    assert known.customer(viewer=INSTALLER, customer_id=customer_id).version == 2
    assert len(queries.record_changes(viewer=INSTALLER, customer_id=customer_id)) == 1


def test_the_slower_of_two_is_told(town: Town) -> None:
    """Two forms opened at once: the second is refused, what was typed is kept, the first stands."""
    customer_id = town.customer("Twin Rivers")
    name = known.customer(viewer=INSTALLER, customer_id=customer_id).name
    address = reverse("operator-customer-change", args=[customer_id])
    slow = hidden_of(town.administrator.get(address))
    assert corrected(town, customer_id, vat_number="FIRST").status_code == 302  # type: ignore[attr-defined]
    values = {"name": name, "legal_entity": town.entity_id, **RECORD, "vat_number": "SECOND"}
    answer = town.administrator.post(address, {**slow, **values})
    assert answer.status_code == 422
    assert "meanwhile" in answer.content.decode()
    assert 'value="SECOND"' in answer.content.decode()
    assert known.customer(viewer=INSTALLER, customer_id=customer_id).vat_number == "FIRST"


def test_currency_and_seller_are_free_until_something_is_there(town: Town) -> None:
    """Before the first order both change; after it both are refused at their fields."""
    customer_id = town.customer("Ferry Lane")
    other_id = customers.create_legal_entity(viewer=INSTALLER, name="Second Company", address="2 Quay", country="US")
    assert corrected(town, customer_id, currency="EUR").status_code == 302  # type: ignore[attr-defined]
    assert corrected(town, customer_id, legal_entity=other_id).status_code == 302  # type: ignore[attr-defined]
    assert corrected(town, customer_id).status_code == 302  # type: ignore[attr-defined]
    town.order(customer_id, "FL-1")
    for wrong in ({"currency": "EUR"}, {"legal_entity": other_id}):
        answer = corrected(town, customer_id, **wrong)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert "can not change any more" in answer.content.decode()  # type: ignore[attr-defined]
    now = known.customer(viewer=INSTALLER, customer_id=customer_id)
    assert (now.currency, now.legal_entity_id) == ("USD", town.entity_id)


def test_a_limit_does_not_become_another_amount(town: Town) -> None:
    """2,000.00 USD is not 200,000 JPY."""
    customer_id = town.customer("Yen Bridge")
    answer = corrected(town, customer_id, currency="JPY")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert known.customer(viewer=INSTALLER, customer_id=customer_id).currency == "USD"


def test_issued_documents_stay_as_they_are(town: Town) -> None:
    """An invoice keeps name and address of the day it was issued; so does its PDF."""
    customer_id = town.customer("Old Name")
    order = town.order(customer_id, "ON-1")
    assert approved(town.approver, order.id).status_code == 302  # type: ignore[attr-defined]
    invoice = invoicing.open_invoices(viewer=INSTALLER, customer_id=customer_id)[0]
    before = invoicing.invoice_facts(viewer=INSTALLER, invoice_id=invoice.id)
    assert corrected(town, customer_id, name="New Name", address="9 Elsewhere", vat_number="NEW").status_code == 302  # type: ignore[attr-defined]
    assert invoicing.invoice_facts(viewer=INSTALLER, invoice_id=invoice.id) == before
    assert "New Name" not in str(before)


WRONG = [
    {"name": ""},
    {"name": "A\x07B"},
    {"name": "x" * 300},
    {"name": "a\x00b"},
    {"legal_entity": "9999999"},
    {"currency": "XXQ"},
    {"tax_rate": "9999999"},
    {"terms_days": "45"},
    {"terms_days": "1e30"},
    {"locale": "tlh"},
    {"country": "U1"},
    {"billing_email": "nobody"},
    {"recipients": "a@weir.example, nobody"},
    {"version": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_no_wrong_record_is_written(town: Town, wrong: dict[str, object]) -> None:
    """Each field is refused by itself, and the row stays as it was."""
    customer_id = town.customer("Wrong Way")
    assert corrected(town, customer_id, **wrong).status_code == 422  # type: ignore[attr-defined]
    assert known.customer(viewer=INSTALLER, customer_id=customer_id).version == 1


@pytest.mark.parametrize("role", ["clerk", "approver", "auditor"])
def test_only_administrators_correct(town: Town, role: str) -> None:
    """The page and the operation refuse everybody else."""
    customer_id = town.customer("Closed Shop")
    client: Client = getattr(town, role)
    assert client.get(reverse("operator-customer-change", args=[customer_id])).status_code == 403
    viewer = Viewer(kind=ViewerKind.STAFF, name=role, staff_role=StaffRole(role))
    record = operations.master_record(known.customer(viewer=INSTALLER, customer_id=customer_id))
    with pytest.raises(errors.NotAllowed):
        operations.change_customer(viewer=viewer, customer_id=customer_id, version=1, record=record)
