"""Record the transfers that customers announced: as announced, in other amounts, withdrawn, twice, by two clicks."""

import uuid
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interfaces.operator import operating
from interfaces.operator.operating import INSTALLER, Town, sent
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import CustomerRole, Viewer
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations
from tallystick.domain.payments import queries as payments
from tallystick.domain.payments.rules import Ask, DepositRequest, Method, PaymentRequest
from tallystick.lib import errors, ids


@dataclass(frozen=True)
class Payer:
    """A customer with one open invoice of 1,000.00 and a finance manager, Dana, signed in."""

    customer_id: int
    top_id: int
    invoice: invoicing.InvoiceRow
    viewer: Viewer
    client: Client

    def announce(self, amount_minor: int = 100_000) -> uuid.UUID:
        """Announce a transfer for the invoice."""
        asked = PaymentRequest(invoices=[Ask(self.invoice.id, amount_minor)], method=Method.BANK_TRANSFER, idempotency_key=str(uuid.uuid4()))
        return operations.start_payment(viewer=self.viewer, request=asked, now=timezone.now()).payment_id

    def announce_deposit(self, amount_minor: int) -> uuid.UUID:
        """Announce a deposit."""
        asked = DepositRequest(division_id=self.top_id, amount_minor=amount_minor, method=Method.BANK_TRANSFER, idempotency_key=str(uuid.uuid4()))
        return operations.start_deposit(viewer=self.viewer, request=asked, now=timezone.now()).payment_id

    def seen(self, payment_id: uuid.UUID) -> str:
        """Look at the payment as the customer does."""
        return self.client.get(reverse("payment", args=[payment_id])).content.decode()

    @property
    def figures(self) -> tuple[int, int, int]:
        """Balance, unpaid and unapplied credit."""
        now = funds.figures(viewer=INSTALLER, division_id=self.top_id, customer_id=self.customer_id)
        return now.balance_minor, now.unpaid_minor, now.unapplied_minor


@pytest.fixture
def payer(town: Town) -> Payer:
    """Open the customer."""
    customer_id = town.customer("Riverbank Press")
    invoice = town.invoice(customer_id, f"RP-{uuid.uuid4().hex[:6]}")
    person_id = customers.add_person(viewer=INSTALLER, email=f"dana-{uuid.uuid4().hex[:8]}@riverbank.example", name="Dana Whitfield")
    customers.set_membership(viewer=INSTALLER, customer_id=customer_id, person_id=person_id, role=CustomerRole.FINANCE_MANAGER)
    viewer = known.customer_viewer(person_id=person_id, customer_id=customer_id)
    top_id = known.divisions(viewer=INSTALLER, customer_id=customer_id)[0].id
    return Payer(customer_id, top_id, invoice, viewer, operating.signed_in(person_id))


def form_of(town: Town, payment_id: uuid.UUID) -> dict[str, str]:
    """Open the form as the clerk and read what it is filled in with."""
    page = town.clerk.get(reverse("operator-announced-record", args=[payment_id]))
    assert page.status_code == 200
    return operating.filled_of(page) | {"reference": f"BANK {payment_id}"}


def record(town: Town, payment_id: uuid.UUID, **values: str) -> object:
    """Record the money as announced but for these values."""
    return town.clerk.post(reverse("operator-announced-record", args=[payment_id]), {**form_of(town, payment_id), **values})


def part(payer: Payer) -> str:
    """Name the field of the invoice's part."""
    return ids.public("inv", payer.invoice.id)


def test_an_announced_transfer_leads_from_the_list_to_the_balance(town: Town, payer: Payer) -> None:
    """The list names it, the form is filled in, and recording it pays the invoice; the customer sees each state."""
    payment_id = payer.announce()
    assert "Transfer the amount" in payer.seen(payment_id)
    listed = town.clerk.get(reverse("operator-announced")).content.decode()
    assert reverse("operator-announced-record", args=[payment_id]) in listed
    assert payer.invoice.number in listed
    filled = form_of(town, payment_id)
    assert (filled["amount"], filled["method"], filled[part(payer)]) == ("1000.00", "bank_transfer", "1000.00")
    answer = record(town, payment_id)
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
    assert answer["Location"] == reverse("operator-payment", args=[payment_id])  # type: ignore[index]
    assert payer.figures == (100_000, 0, 0)
    assert "1,000.00 USD received" in payer.seen(payment_id).replace('<span class="money">', "").replace("</span>", "")
    assert reverse("operator-announced-record", args=[payment_id]) not in town.clerk.get(reverse("operator-announced")).content.decode()


def test_more_than_announced_leaves_unapplied_credit(town: Town, payer: Payer) -> None:
    """1,020.00 instead of 1,000.00: the invoice is paid, 20.00 is unapplied credit."""
    assert record(town, payer.announce(), amount="1020.00").status_code == 302  # type: ignore[attr-defined]
    assert payer.figures == (100_000, 0, 2_000)


def test_less_than_announced_pays_in_part(town: Town, payer: Payer) -> None:
    """900.00 instead of 1,000.00: refused while the parts still say 1,000.00, spread over them at a press, then recorded."""
    payment_id = payer.announce()
    answer = record(town, payment_id, amount="900.00")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert 'value="900.00"' in answer.content.decode()  # type: ignore[attr-defined]
    assert payer.figures == (0, 100_000, 0)
    spread = record(town, payment_id, amount="900.00", spread="1").content.decode()  # type: ignore[attr-defined]
    assert spread.count('value="900.00"') == 2
    assert record(town, payment_id, amount="900.00", **{part(payer): "900.00"}).status_code == 302  # type: ignore[attr-defined]
    assert payer.figures == (90_000, 10_000, 0)


def test_parts_are_not_left_open(town: Town, payer: Payer) -> None:
    """With an open invoice and no part typed nothing is recorded."""
    assert record(town, payer.announce(), **{part(payer): ""}).status_code == 422  # type: ignore[attr-defined]
    assert payer.figures == (0, 100_000, 0)


@pytest.mark.parametrize("arrived", ["250.00", "240.00", "260.00"])
def test_a_deposit_request_becomes_funds_of_what_arrived(town: Town, payer: Payer, arrived: str) -> None:
    """Without tax the balance rises by what arrived, whatever was announced; an invoice of its own is issued and paid."""
    payment_id = payer.announce_deposit(25_000)
    page = town.clerk.get(reverse("operator-announced-record", args=[payment_id])).content.decode()
    assert "It is a deposit" in page
    assert part(payer) not in page
    assert record(town, payment_id, amount=arrived).status_code == 302  # type: ignore[attr-defined]
    arrived_minor = int(arrived.replace(".", ""))
    assert payer.figures == (arrived_minor, 100_000, 0)
    assert payments.payment(viewer=INSTALLER, payment_id=payment_id).deposit_invoice_id is not None


def test_a_withdrawn_announcement_leaves_the_list_and_its_money_counts(town: Town, payer: Payer) -> None:
    """Withdrawn while the form is open: the list forgets it, the money that arrived is recorded all the same, and the page says so."""
    payment_id = payer.announce()
    opened = form_of(town, payment_id)
    assert payer.client.post(reverse("payment", args=[payment_id]), {"withdraw": "1"}).status_code == 302
    assert "was not completed" in payer.seen(payment_id)
    address = reverse("operator-announced-record", args=[payment_id])
    assert address not in town.clerk.get(reverse("operator-announced")).content.decode()
    assert address in town.clerk.get(reverse("operator-announced"), {"show": "ended"}).content.decode()
    assert "was withdrawn or has lapsed" in town.clerk.get(address).content.decode()
    assert town.clerk.post(address, opened).status_code == 302
    assert payer.figures == (100_000, 0, 0)
    assert payer.client.post(reverse("payment", args=[payment_id]), {"withdraw": "1"}).status_code == 409


def test_staff_take_off_what_will_not_come(town: Town, payer: Payer) -> None:
    """A withdrawn deposit request is lapsed; nothing is posted."""
    payment_id = payer.announce_deposit(25_000)
    address = reverse("operator-announced-withdraw", args=[payment_id])
    assert town.auditor.post(address).status_code == 403
    assert town.clerk.post(address).status_code == 302
    assert town.clerk.post(address).status_code == 409
    assert payments.payment(viewer=INSTALLER, payment_id=payment_id).state == "expired"
    assert payer.figures == (0, 100_000, 0)


def test_two_presses_record_once(town: Town, payer: Payer) -> None:
    """The second press of Record is led to the same payment; the form has one effect though the invoice is not open any more."""
    payment_id = payer.announce()
    form, address = form_of(town, payment_id), reverse("operator-announced-record", args=[payment_id])
    first, second = town.clerk.post(address, form), town.clerk.post(address, form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert payer.figures == (100_000, 0, 0)
    assert "was not done twice" in town.clerk.get(second["Location"]).content.decode()


def test_a_second_form_of_the_same_announcement_is_refused(town: Town, payer: Payer) -> None:
    """Two clerks open it; the slower one is told that it does not wait any more."""
    payment_id = payer.announce()
    slower = form_of(town, payment_id)
    assert record(town, payment_id).status_code == 302  # type: ignore[attr-defined]
    answer = town.clerk.post(reverse("operator-announced-record", args=[payment_id]), {**slower, "reference": "ANOTHER"})
    assert answer.status_code == 422
    assert payer.figures == (100_000, 0, 0)
    assert town.clerk.get(reverse("operator-announced-record", args=[payment_id])).status_code == 302


def test_an_invoice_announced_twice_is_marked(town: Town, payer: Payer) -> None:
    """List and form name the other announcement; once one is recorded the other says that nothing is open."""
    first_id, second_id = payer.announce(), payer.announce()
    second = payments.payment(viewer=INSTALLER, payment_id=second_id).reference
    assert f"announced again as {second}" in town.clerk.get(reverse("operator-announced")).content.decode()
    assert f"{second} is announced for the same invoices" in town.clerk.get(reverse("operator-announced-record", args=[first_id])).content.decode()
    assert record(town, first_id).status_code == 302  # type: ignore[attr-defined]
    assert f"Nothing is open of {payer.invoice.number}" in town.clerk.get(reverse("operator-announced-record", args=[second_id])).content.decode()
    assert record(town, second_id).status_code == 302  # type: ignore[attr-defined]
    assert payer.figures == (100_000, 0, 100_000)


def test_a_card_payment_is_no_announcement(town: Town, payer: Payer) -> None:
    """Only transfers are recorded by hand."""
    recorded = sent(
        town.clerk,
        reverse("record-payment-of", args=[payer.customer_id]),
        method="cheque",
        amount="5.00",
        received_date=timezone.localdate().isoformat(),
        reference=f"CH {uuid.uuid4()}",
        division=payer.top_id,
    )
    assert recorded.status_code == 302  # type: ignore[attr-defined]
    cheque = payments.payments(viewer=INSTALLER, customer_id=payer.customer_id)[0]
    assert town.clerk.get(reverse("operator-announced-record", args=[cheque.id])).status_code == 404


def test_a_restricted_user_withdraws_nothing_of_another_division(payer: Payer) -> None:
    """The operation hides what the user does not see."""
    payment_id = payer.announce()
    elsewhere = Viewer(
        kind=payer.viewer.kind, name="Mei", person_id=7, customer_id=payer.customer_id, role=payer.viewer.role, division_ids=frozenset({1})
    )
    with pytest.raises(errors.NotFound):
        operations.withdraw_transfer(viewer=elsewhere, payment_id=payment_id)
