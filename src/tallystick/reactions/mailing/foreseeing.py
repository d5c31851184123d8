"""Foresee to whom the mails of events would go before any of these is committed; a test holds it against the mails that are queued then."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import contacts, rules
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing
from tallystick.lib import ids

MONEY_ARRIVED = frozenset({"card", "bank_transfer", "cheque", "other"})
"""Using credit or a balance brings no money in, so nobody is told."""


class Event(Protocol):
    """Name what is read of an event."""

    kind: str
    subject_id: str
    facts: Mapping[str, Any]


def mailed_to(*, viewer: Viewer, customer_id: int, events: Iterable[Event]) -> list[str]:
    """List the addresses, each once, inside the running scope of a viewer who sees all divisions."""
    found: list[rules.Contact] = []
    for event in events:
        if event.kind == "invoice.issued":
            found += _of_invoice(viewer, customer_id, event.subject_id)
        elif event.kind == "payment.settled" and event.facts["method"] in MONEY_ARRIVED:
            found += _of_payment(viewer, customer_id, event.subject_id)
    return [one.address for one in rules.each_once(found, but=set())]


def _of_invoice(viewer: Viewer, customer_id: int, subject_id: str) -> list[rules.Contact]:
    row = invoicing.invoice(viewer=viewer, invoice_id=ids.parse("inv", subject_id))
    people = contacts.people(customer_id=customer_id, division_id=row.division_id)
    ordered: list[rules.Contact] = []
    if row.purchase_order_id is not None:
        order = purchasing.purchase_order(viewer=viewer, purchase_order_id=row.purchase_order_id)
        ordered = [people.named(order.contact_mail, order.contact_name), *(people.named(address) for address in order.recipients)]
    return [*(people.billing or ordered[:1] or people.finance[:1]), *people.further, *ordered[1:]]


def _of_payment(viewer: Viewer, customer_id: int, subject_id: str) -> list[rules.Contact]:
    payment = payments.payment(viewer=viewer, payment_id=ids.parse("pay", subject_id))
    divisions = {part.division_id for part in payment.allocations} or ({payment.division_id} if payment.division_id else set())
    return contacts.people(customer_id=customer_id, division_id=next(iter(divisions)) if len(divisions) == 1 else None).first()
