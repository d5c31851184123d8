"""Set a small trade up by operations only: one legal entity, one customer, its finance manager and three of the operator's staff."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CreditRule, CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries as known
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import models, operations, rules
from tallystick.domain.ledger.rules import Account
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing.rules import OrderDraft
from tallystick.integrations.postgres import scope

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
ADA = Viewer(kind=ViewerKind.STAFF, name="Ada Holm", person_id=901, staff_role=StaffRole.ADMINISTRATOR)
CLEO = Viewer(kind=ViewerKind.STAFF, name="Cleo Marsh", person_id=902, staff_role=StaffRole.CLERK)
ABE = Viewer(kind=ViewerKind.STAFF, name="Abe Stone", person_id=903, staff_role=StaffRole.APPROVER)
AUDRA = Viewer(kind=ViewerKind.STAFF, name="Audra Finch", person_id=904, staff_role=StaffRole.AUDITOR)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Trade:
    """Hold the ids of one customer, its viewer, and short ways to what tests do often."""

    legal_entity_id: int
    customer_id: int
    top_id: int
    dana: Viewer

    def figures(self) -> Figures:
        return known.figures(viewer=self.dana, division_id=self.top_id)

    def draft(self, amount: str = "1000.00", **changes: object) -> OrderDraft:
        fields: dict[str, object] = {
            "number": f"NWL-{next(_numbers)}",
            "division": str(self.top_id),
            "amount": amount,
            "bill_to_name": "Northwind Labs, Inc.",
            "bill_to_street": "2140 Alder Street",
            "bill_to_city": "Portland, OR 97205",
            "bill_to_country": "US",
            "contact_name": "Dana Whitfield",
            "contact_mail": "ap@northwind.example",
            "signed": True,
        }
        return OrderDraft(**{**fields, **changes})  # type: ignore[arg-type]

    def approved(self, amount: str = "1000.00") -> models.Invoice:
        """Submit an order and approve it: an open funding invoice."""
        order = purchasing.submit_purchase_order(viewer=self.dana, order=self.draft(amount), now=NOW)
        return purchasing.approve_purchase_order(viewer=ABE, purchase_order_id=order.id, expected_revision=1, now=NOW)

    def owed(self, *nets: tuple[int, int]) -> models.Invoice:
        """Issue an amount-owed invoice of (net, percent) lines."""
        lines = tuple(
            rules.Line(description="Sales", quantity=Decimal(1), unit_price_minor=net, percent_millionths=percent * rules.MILLION)
            for net, percent in nets
        )
        draft = operations.InvoiceDraft(customer_id=self.customer_id, division_id=self.top_id, lines=lines)
        with scope.of(ABE):
            return operations.issue_amount_owed_invoice(viewer=ABE, draft=draft, today=TODAY, now=NOW)

    def pay(self, invoice: models.Invoice, amount_minor: int) -> operations.Applied:
        """Apply money from outside, as a payment does."""
        with scope.of(CLEO):
            return operations.apply_payment(
                customer_id=self.customer_id, invoice_id=invoice.id, amount_minor=amount_minor, source=Account.CASH, payment_id=None
            )

    def take_back(self, invoice: models.Invoice, split: rules.Split) -> operations.Reversed:
        """Reverse money from outside, as a bounce does."""
        with scope.of(CLEO):
            return operations.reverse_application(
                customer_id=self.customer_id, invoice_id=invoice.id, split=split, source=Account.CASH, payment_id=None
            )

    def spend(self, amount_minor: int) -> None:
        """Charge the balance."""
        charge = funds.Charge(
            customer_id=self.customer_id, division_id=self.top_id, amount_minor=amount_minor, idempotency_key=f"key-{next(_numbers)}"
        )
        assert funds.charge(viewer=self.dana, charges=[charge])[0].outcome is funds.Outcome.ACCEPTED

    def invoice(self, invoice: models.Invoice) -> models.Invoice:
        """Load an invoice as it now stands."""
        with scope.of(CLEO):
            return models.Invoice.objects.get(id=invoice.id)


def open_legal_entity(*, time_zone: str = "UTC", currency: str = "USD") -> int:
    """Open a legal entity with its bank account and series."""
    legal_entity_id = customers.create_legal_entity(
        viewer=ADA, name="Lanternfield, Inc.", address="88 Harbor Lane\nSalem, OR 97301", country="US", time_zone=time_zone
    )
    customers.create_bank_account(viewer=ADA, legal_entity_id=legal_entity_id, currency=currency, holder="Lanternfield, Inc.", account="000123456789")
    for kind, pattern in ((rules.SeriesKind.INVOICE, "INV-{year}-{number:05}"), (rules.SeriesKind.CREDIT_NOTE, "CN-{year}-{number:05}")):
        operations.set_series(viewer=ADA, legal_entity_id=legal_entity_id, kind=kind, pattern=pattern, year=2026)
    return legal_entity_id


def open_trade(
    *,
    percent: str = "19",
    limit_minor: int | None = 200_000,
    rule: CreditRule = CreditRule.CONSUMPTION,
    currency: str = "USD",
    time_zone: str = "UTC",
    legal_entity_id: int | None = None,
) -> Trade:
    """Open a customer of a legal entity, its own one unless another is named."""
    seller_id = legal_entity_id or open_legal_entity(time_zone=time_zone, currency=currency)
    rate_id = customers.create_tax_rate(viewer=ADA, legal_entity_id=seller_id, name="Sales tax", percent=percent)
    draft = customers.CustomerDraft(
        legal_entity_id=seller_id, name="Northwind Labs", currency=currency, limit_minor=limit_minor, rule=rule, tax_rate_id=rate_id
    )
    opened = administration.create_customer(viewer=ADA, draft=draft)
    dana = Viewer(kind=ViewerKind.CUSTOMER, name="Dana Whitfield", person_id=911, customer_id=opened.customer_id, role=CustomerRole.FINANCE_MANAGER)
    return Trade(seller_id, opened.customer_id, opened.top_division_id, dana)
