"""Gather what a mail tells of an event and to whom, and queue it. Facts are whole minor units, ISO days and what people typed; words come later.

Each runs in scopes of the event's own customer, so that nothing of another can be told, nor told to another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer, system
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import contacts, operations, rules
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing
from tallystick.domain.purchasing import rules as purchase_orders
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, money

_MONEY_ARRIVED = frozenset({"card", "bank_transfer", "cheque", "other"})
"""Using credit or a balance brings no money in, so there is no receipt."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Hold an event with the customer that it is about."""

    viewer: Viewer
    customer: customers.Customer
    event_id: UUID
    subject_id: str
    facts: Mapping[str, Any]

    @property
    def customer_id(self) -> int:
        """Name the customer."""
        return self.customer.id

    def letterhead(self) -> dict[str, object]:
        """Give what every mail says: who writes, and of whose account."""
        seller = customers.legal_entity(legal_entity_id=self.customer.legal_entity_id)
        return {
            "customer": self.customer.name,
            "seller": {"name": seller.name, "address": seller.address, "email": seller.email},
            "currency": self.customer.currency,
        }

    def people(self, division_id: int | None) -> contacts.People:
        """Load whom one may write to about a division."""
        return contacts.people(customer_id=self.customer_id, division_id=division_id)

    def minor(self, name: str) -> int:
        """Read an amount of the event's facts, a negative one too."""
        written = str(self.facts[name])
        read = money.parse(written.removeprefix("-"), self.customer.currency)
        return -read if written.startswith("-") else read


def mail_invoice(customer_id: int, event_id: UUID) -> None:
    """Send an issued invoice to the billing contact and further recipients of the settings, and to those that its order names."""
    with scope.of(system(customer_id)):
        told = _told(customer_id, event_id)
        row = invoicing.invoice(viewer=told.viewer, invoice_id=ids.parse("inv", told.subject_id))
        people = told.people(row.division_id)
        ordered, subjects = [], [told.subject_id]
        if row.purchase_order_id is not None:
            order = purchasing.purchase_order(viewer=told.viewer, purchase_order_id=row.purchase_order_id)
            ordered = [people.named(order.contact_mail, order.contact_name), *(people.named(address) for address in order.recipients)]
            subjects.append(ids.public("po", row.purchase_order_id))
        contact = people.billing or ordered[:1] or people.finance[:1]
        part = {
            **told.letterhead(),
            "invoice_id": told.subject_id,
            "number": row.number,
            "original_number": row.original_number,
            "purchase_order_number": row.purchase_order_number,
            "division": row.division_name,
            "issued_on": row.issue_date.isoformat(),
            "due_on": row.due_date.isoformat(),
            "gross_minor": row.gross_minor,
            "open_minor": row.open_minor,
            "adds_minor": row.open_net_minor if row.kind == "funding" else 0,
            "reference": str(row.frozen.get("reference", "")),
            "path": reverse("invoice", args=[row.id]),
            "paying_path": reverse("pay-invoice"),
        }
    letter = operations.Letter(
        kind=rules.Kind.INVOICE_ISSUED,
        event_id=event_id,
        subject_ids=subjects,
        division_id=row.division_id,
        part=part,
        contacts=[*contact, *people.further, *ordered[1:]],
        next_contacts=[*ordered[:1], *people.finance],
    )
    operations.queue_letter(customer_id=customer_id, letter=letter, now=timezone.now())


def mail_order_received(customer_id: int, event_id: UUID) -> None:
    """Confirm a purchase order to the contact on it, and to who sent it."""
    _mail_order(customer_id, event_id, rules.Kind.ORDER_RECEIVED)


def mail_order_rejected(customer_id: int, event_id: UUID) -> None:
    """Say to the same people why a purchase order was rejected: the documented reasons, and what staff wrote for the customer."""
    _mail_order(customer_id, event_id, rules.Kind.ORDER_REJECTED)


def _mail_order(customer_id: int, event_id: UUID, kind: rules.Kind) -> None:
    with scope.of(system(customer_id)):
        told = _told(customer_id, event_id)
        order = purchasing.purchase_order(viewer=told.viewer, purchase_order_id=ids.parse("po", told.subject_id))
        people = told.people(order.division_id)
        part = {
            **told.letterhead(),
            "number": order.number,
            "division": order.division_name,
            "gross_minor": order.gross_minor,
            "received_on": order.submitted_at.astimezone(ZoneInfo(told.customer.time_zone)).date().isoformat(),
            "reasons": [str(purchase_orders.REASON_SENTENCES[purchase_orders.Reason(one)]) for one in told.facts.get("reasons", [])],
            "text": str(told.facts.get("text", "")),
            "path": reverse("order", args=[order.id]),
        }
    sent_by = people.addresses.get(order.entered_by_id) if order.entered_by_id is not None and not order.is_entered_by_staff else None
    letter = operations.Letter(
        kind=kind,
        event_id=event_id,
        subject_ids=[told.subject_id],
        division_id=order.division_id,
        part=part,
        contacts=[people.named(order.contact_mail, order.contact_name), *([sent_by] if sent_by else [])],
        next_contacts=[*people.billing, *people.finance],
    )
    operations.queue_letter(customer_id=customer_id, letter=letter, now=timezone.now())


def mail_payment(customer_id: int, event_id: UUID) -> None:
    """Confirm money that arrived, with its receipt, to the billing contact."""
    with scope.of(system(customer_id)):
        told = _told(customer_id, event_id)
        payment = payments.payment(viewer=told.viewer, payment_id=ids.parse("pay", told.subject_id))
        if payment.method not in _MONEY_ARRIVED or payment.settled_at is None:
            return
        divisions = {part.division_id for part in payment.allocations} or ({payment.division_id} if payment.division_id else set())
        division_id = next(iter(divisions)) if len(divisions) == 1 else None
        people = told.people(division_id)
        settled_on = payment.received_date or payment.settled_at.astimezone(ZoneInfo(told.customer.time_zone)).date()
        part = {
            **told.letterhead(),
            "reference": payment.reference,
            "method": payment.method,
            "received_on": settled_on.isoformat(),
            "settled_minor": payment.settled_minor,
            "surplus_minor": sum(one.amount_minor for one in payment.surpluses),
            "paid": [[one.number, one.amount_minor] for one in payment.allocations],
            "path": reverse("payment", args=[payment.id]),
        }
    letter = operations.Letter(
        kind=rules.Kind.PAYMENT_RECEIVED,
        event_id=event_id,
        subject_ids=[told.subject_id, *(ids.public("inv", one.invoice_id) for one in payment.allocations)],
        division_id=division_id,
        part=part,
        contacts=people.first(),
        next_contacts=people.finance,
    )
    operations.queue_letter(customer_id=customer_id, letter=letter, now=timezone.now())


def mail_balance_low(customer_id: int, event_id: UUID) -> None:
    """Say to the billing contact that a balance fell below the threshold of the settings."""
    with scope.of(system(customer_id)):
        told = _told(customer_id, event_id)
        division_id = ids.parse_integer("div", told.subject_id)
        division = customers.division(viewer=told.viewer, division_id=division_id)
        part = {
            **told.letterhead(),
            "division": division.name,
            "balance_minor": told.minor("balance"),
            "threshold_minor": told.minor("threshold"),
            "path": reverse("deposit-division", args=[division_id]),
        }
        people = told.people(division_id)
    _alert(told, rules.Kind.BALANCE_LOW, division_id, part, people)


def mail_credit_limit_reached(customer_id: int, event_id: UUID) -> None:
    """Say to the billing contact that nothing more can be bought on credit."""
    with scope.of(system(customer_id)):
        told = _told(customer_id, event_id)
        required = told.facts.get("required")
        part = {
            **told.letterhead(),
            "limit_minor": told.minor("limit"),
            "used_minor": told.minor("used"),
            "required_minor": told.minor("required") if required is not None else None,
            "path": reverse("pay-invoice"),
        }
        people = told.people(None)
    _alert(told, rules.Kind.CREDIT_LIMIT_REACHED, None, part, people)


def _alert(told: _Told, kind: rules.Kind, division_id: int | None, part: Mapping[str, object], people: contacts.People) -> None:
    letter = operations.Letter(
        kind=kind,
        event_id=told.event_id,
        subject_ids=[told.subject_id],
        division_id=division_id,
        part=part,
        contacts=people.first(),
        next_contacts=people.finance,
    )
    operations.queue_letter(customer_id=told.customer_id, letter=letter, now=timezone.now())


def _told(customer_id: int, event_id: UUID) -> _Told:
    viewer = system(customer_id)
    event = events.event(customer_id=customer_id, event_id=event_id)
    return _Told(viewer, customers.customer(viewer=viewer), event_id, event.subject_id, event.facts)
