"""Name every consequence in the system on one screen: which event calls for which reactions, and what the clock calls for."""

from collections.abc import Callable
from uuid import UUID

from tallystick.reactions import (
    alerts,
    approvals,
    documents,
    exports,
    falling_due,
    holds,
    mailing,
    payments,
    proofs,
    pruning,
    receipts,
    reminding,
    statements,
    webhooks,
)

type Reaction = Callable[[int, UUID], None]
type Step = Callable[[], None]

REACTIONS: dict[str, Reaction] = {
    "make_invoice_document": documents.make_invoice_document,
    "make_credit_note_document": documents.make_credit_note_document,
    "make_receipt_document": receipts.make_receipt_document,
    "send_refund": payments.send_refund,
    "approve_scheduled": approvals.approve_scheduled,
    "make_export": exports.make_export,
    "forget_export": exports.forget_export,
    "tell_endpoints": webhooks.tell_endpoints,
    "deliver_webhook": webhooks.deliver_webhook,
    "mail_invoice": mailing.mail_invoice,
    "mail_order_received": mailing.mail_order_received,
    "mail_order_rejected": mailing.mail_order_rejected,
    "mail_payment": mailing.mail_payment,
    "mail_balance_low": mailing.mail_balance_low,
    "mail_credit_limit_reached": mailing.mail_credit_limit_reached,
    "send_mail": mailing.send_mail,
}
"""A reaction may run twice (its worker was killed at the end): each finds its work done then."""

BY_EVENT: dict[str, list[str]] = {
    "invoice.issued": ["make_invoice_document", "mail_invoice"],
    "credit_note.issued": ["make_credit_note_document"],
    "refund.approved": ["send_refund"],
    "payment.settled": ["make_receipt_document", "mail_payment"],
    "export.asked": ["make_export"],
    "purchase_order.submitted": ["mail_order_received"],
    "purchase_order.resubmitted": ["mail_order_received"],
    "purchase_order.rejected": ["mail_order_rejected"],
    "balance.low": ["mail_balance_low"],
    "credit_limit.reached": ["mail_credit_limit_reached"],
}

MADE = frozenset({"make_invoice_document", "make_credit_note_document", "make_receipt_document"})
"""What is drawn, written as XML and signed: a quarter of a second each, done beside the rest, so that a hundred of them hold up no approval."""

LONG = frozenset({"make_export", "prove_books"})
"""What reads a customer's or everybody's rows for seconds or minutes: a thread of its own, beside the rest."""

AWAITED = frozenset({"approve_scheduled"})
"""What a person sits and waits for: before everything else that is due, such as the mails of four hundred invoices."""

SLOW = frozenset({"deliver_webhook", "send_mail"})
"""What waits for machines of others: done by the worker's couriers. `tell_endpoints` is no event's: the customer listens (events.listen)."""

STEPS: dict[str, tuple[float, Step]] = {
    "payments.act_on_messages": (1.0, payments.act_on_messages),
    "lapse_holds": (20.0, holds.lapse_holds),
    "look_after_payments": (60.0, payments.look_after_payments),
    "tell_alerts": (15.0, alerts.tell_alerts),
    "tell_overdue": (60.0, falling_due.tell_overdue),
    "state_months": (60.0, statements.state_months),
    "remind": (60.0, reminding.remind),
    "prune": (3600.0, pruning.prune),
}
"""Seconds between two runs, and what runs. Two workers may run the same step at once: the rows that it takes are locked."""

WANTED: dict[str, Step] = {"prove_books": proofs.prove_books}
"""What neither an event nor the clock calls for, but a person on a page: queued once for each wish."""
