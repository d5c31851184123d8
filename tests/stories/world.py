"""Make customers and people of a story's own on the served system: by operations only, so that no world is unlawful."""

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import given
from stories import visiting
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as people
from tallystick.domain.customers.rules import Act, CreditRule, CustomerRole, Viewer
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules as paying
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import rules as orders
from tallystick.domain.webhooks import operations as webhooks
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.lib import money

_count = itertools.count(1)


def now() -> datetime:
    """Give the instant; the served system's clock is the real one."""
    return datetime.now(UTC)


def today(customer_id: int | None = None) -> date:
    """Tell the day of the legal entity, which is often not that of this machine."""
    return people.today(viewer=OPERATOR, customer_id=customer_id, now=now())


def staff(email: str) -> Viewer:
    """Be a member of the demo's staff, in operations."""
    viewer = people.staff_viewer(person_id=customers.add_person(viewer=OPERATOR, email=email, name=email))
    assert viewer is not None, f"{email} is staff"
    return viewer


@dataclass(slots=True)
class Company:
    """A customer of Lanternfield with the people that a story gives it; amounts are texts such as 454.00."""

    id: int
    top_id: int
    name: str
    visits: visiting.Visits
    currency: str = "USD"

    @property
    def books(self) -> given.Customer:
        """Do what needs neither the served clock nor the served staff."""
        return given.Customer(self.id, self.top_id, Decimal(0))

    def division(self, name: str) -> int:
        """Open a division below the top-level one."""
        return self.books.add_division(name)

    def person(self, name: str, role: CustomerRole = CustomerRole.FINANCE_MANAGER, divisions: list[int] | None = None) -> str:
        """Let a person work here; gives the address that signs in."""
        email = f"{name.lower()}.{uuid.uuid4().hex[:8]}@{self.id}.example"
        person_id = customers.add_person(viewer=OPERATOR, email=email, name=name)
        customers.set_membership(viewer=OPERATOR, customer_id=self.id, person_id=person_id, role=role, division_ids=divisions)
        return email

    def viewer(self, email: str) -> Viewer:
        """Be that person, in operations."""
        return people.customer_viewer(person_id=customers.add_person(viewer=OPERATOR, email=email, name=email), customer_id=self.id)

    def key(self, email: str) -> str:
        """Make an API key of that person that may read and charge."""
        return customers.issue_key(viewer=self.viewer(email), name="Story", acts=(Act.SEE_FINANCES, Act.CHARGE)).secret

    def webhook(self, email: str) -> dict[str, UUID]:
        """Add an endpoint that nothing of a story is sent to, and a test message; gives their ids by the names that addresses use."""
        viewer = self.viewer(email)
        draft = webhooks.EndpointDraft(url=f"https://hooks.example/{uuid.uuid4().hex}", kinds=("invoice.voided",))
        endpoint_id = webhooks.add_endpoint(viewer=viewer, draft=draft, now=now()).id
        return {"endpoint_id": endpoint_id, "delivery_id": webhooks.send_test(viewer=viewer, endpoint_id=endpoint_id, now=now())}

    def minor(self, amount: str) -> int:
        """Read an amount."""
        return money.parse(amount, self.currency)

    def order(self, email: str, number: str, amount: str, division_id: int | None = None) -> UUID:
        """Submit a purchase order of one line."""
        return purchasing.submit_purchase_order(
            viewer=self.viewer(email), order=self.draft(number, amount, division_id), document=None, form_key=uuid.uuid4().hex, now=now()
        ).id

    def draft(self, number: str, amount: str, division_id: int | None = None) -> orders.OrderDraft:
        """Describe a purchase order of one line."""
        return orders.OrderDraft(
            number=number,
            division=str(division_id or self.top_id),
            lines=(orders.LineDraft(description="Prepaid funds", quantity="1", unit_price=amount),),
            terms_days="30",
            bill_to_name="Accounts payable",
            bill_to_street="1 Main Street",
            bill_to_city="Salem, OR 97301",
            bill_to_country="US",
            contact_name="Dana",
            contact_mail="ap@northwind.example",
            signed=True,
        )

    def invoice(self, amount: str, division_id: int | None = None, *, kind: invoices.Kind = invoices.Kind.FUNDING) -> UUID:
        """Issue an invoice without tax: from a purchase order, or of what is owed."""
        viewer = staff("jonas@lanternfield.example")
        if kind is invoices.Kind.FUNDING:
            entered = purchasing.enter_purchase_order(
                viewer=staff("priya@lanternfield.example"),
                customer_id=self.id,
                order=self.draft(f"PO-{next(_count)}-{uuid.uuid4().hex[:6]}", amount, division_id),
                document=None,
                form_key=uuid.uuid4().hex,
                now=now(),
            )
            return purchasing.approve_purchase_order(viewer=viewer, purchase_order_id=entered.id, expected_revision=entered.revision, now=now()).id
        line = invoices.Line(description="Amount owed", quantity=Decimal(1), unit_price_minor=self.minor(amount), percent_millionths=0)
        draft = invoicing.InvoiceDraft(customer_id=self.id, division_id=division_id or self.top_id, lines=(line,), terms_days=30)
        with scope.of(viewer):
            return invoicing.issue_amount_owed_invoice(viewer=viewer, draft=draft, today=today(self.id), now=now()).id

    def receive(self, amount: str, invoice_id: UUID | None = None, split: str = "", division_id: int | None = None) -> UUID:
        """Record a bank transfer, for an invoice or as unapplied credit."""
        asked = paying.RecordRequest(
            customer_id=self.id,
            method=paying.Method.BANK_TRANSFER,
            amount_minor=self.minor(amount),
            splits=[paying.Ask(invoice_id, self.minor(split or amount))] if invoice_id else [],
            reference=f"BANK-{uuid.uuid4().hex[:12]}",
            received_date=today(self.id),
            idempotency_key=uuid.uuid4().hex,
            division_id=division_id or self.top_id,
        )
        return payments.record_payment(viewer=staff("priya@lanternfield.example"), request=asked, now=now())

    def fund(self, amount: str, division_id: int | None = None) -> None:
        """Bring funds in."""
        self.receive(amount, self.invoice(amount, division_id), division_id=division_id)

    def charge(self, amount: str, division_id: int | None = None) -> None:
        """Sell against the balance, or against credit."""
        answer = self.books.charge(self.minor(amount), division_id, order_id=uuid.uuid4().hex[:10], note="Story")
        assert answer.transfer_id is not None, answer.outcome


def company(
    visits: visiting.Visits,
    *,
    limit: str | None = "2000.00",
    currency: str = "USD",
    separate: bool = False,
    rule: CreditRule = CreditRule.CONSUMPTION,
) -> Company:
    """Open a customer of Lanternfield without tax; limit None is unlimited."""
    name = f"Juniper {next(_count)} {uuid.uuid4().hex[:5]}"
    entity = visits.legal_entity_id()
    draft = customers.CustomerDraft(
        legal_entity_id=entity,
        name=name,
        currency=currency,
        limit_minor=None if limit is None else money.parse(limit, currency),
        rule=rule,
        separate_funds=separate,
        address="1 Main Street\nSalem, OR 97301",
        country="US",
        billing_email="ap@northwind.example",
    )
    opened = administration.create_customer(viewer=OPERATOR, draft=draft)
    return Company(opened.customer_id, opened.top_division_id, name, visits, currency)
