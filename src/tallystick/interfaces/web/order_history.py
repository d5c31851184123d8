"""Tell what happened to a purchase order, newest first: revisions, decisions with their reasons, its invoice, what was paid, mails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web import words
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import ids

_VERDICTS = {"approved": gettext_lazy("Approved"), "rejected": gettext_lazy("Rejected"), "withdrawn": gettext_lazy("Withdrawn")}
_PAID: dict[str, str | Promise] = {
    "settled": gettext_lazy("Payment received"),
    "started": gettext_lazy("Payment on its way"),
    "failed": gettext_lazy("Payment failed"),
    "expired": gettext_lazy("Payment expired"),
    "reversed": gettext_lazy("Payment reversed"),
    "partially_reversed": gettext_lazy("Payment reversed in part"),
}
_OF_INVOICE: dict[str, str | Promise] = {
    "invoice.voided": gettext_lazy("Invoice voided"),
    "invoice.disputed": gettext_lazy("Invoice disputed"),
    "credit_note.issued": gettext_lazy("Credit note issued"),
}
_MAILS: dict[str, str | Promise] = {
    "mail.queued": gettext_lazy("Mail queued"),
    "mail.sent": gettext_lazy("Mail sent"),
    "mail.delivered": gettext_lazy("Mail delivered"),
    "mail.bounced": gettext_lazy("Mail bounced"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the history; `tone` is that of statuses, `address` leads to what it is about."""

    title: str
    who: str
    at: datetime
    says: tuple[str, ...] = field(default_factory=tuple)
    tone: str = "done"
    address: str = ""


def steps(viewer: Viewer, order: queries.OrderView, invoice: invoicing.InvoiceView | None) -> list[Step]:
    """Tell everything, newest first; two statements where there is no invoice yet, more where there is."""
    said = [*_revisions(order), *_decisions(order)]
    subjects = [ids.public("po", order.id)]
    if invoice is not None:
        subjects.append(ids.public("inv", invoice.id))
        said += [_issued(invoice), *_payments(viewer, invoice)]
    said += [step for subject in subjects for step in _events(viewer, order.customer_id, subject)]
    return [step for _at, step in sorted(enumerate(said), key=lambda placed: (placed[1].at, placed[0]), reverse=True)]


def _revisions(order: queries.OrderView) -> Iterator[Step]:
    every = [(old.revision, old.entered_by, old.submitted_at) for old in order.revisions]
    for revision, who, at in [*every, (order.revision, order.entered_by, order.submitted_at)]:
        yield Step(_("Revision %(n)d submitted") % {"n": revision} if revision > 1 else _("Submitted"), who, at)


def _decisions(order: queries.OrderView) -> Iterator[Step]:
    for one in order.decisions:
        reasons = tuple(part for part in (*words.said_all(one.reasons), one.text) if part)
        yield Step(
            str(_VERDICTS.get(one.verdict, one.verdict)), one.person_name, one.decided_at, reasons, "bad" if one.verdict == "rejected" else "done"
        )


def _issued(invoice: invoicing.InvoiceView) -> Step:
    amount = _("%(amount)s %(currency)s, due %(day)s") % {
        "amount": tally.written(invoice.gross_minor, invoice.currency),
        "currency": invoice.currency,
        "day": tally.day(invoice.due_date),
    }
    return Step(
        _("Invoice %(number)s issued") % {"number": invoice.number}, "", invoice.issued_at, (amount,), address=reverse("invoice", args=[invoice.id])
    )


def _payments(viewer: Viewer, invoice: invoicing.InvoiceView) -> Iterator[Step]:
    for paid in payments.of_invoice(viewer=viewer, invoice_id=invoice.id):
        amount = f"{tally.written(paid.amount_minor, invoice.currency)} {invoice.currency}"
        tone = "bad" if paid.state in {"failed", "reversed", "partially_reversed"} else "done"
        at = paid.settled_at or paid.started_at
        title = str(_PAID.get(paid.state, paid.state))
        yield Step(title, str(words.METHODS[paid.method]), at, (amount,), tone, reverse("payment", args=[paid.payment_id]))


def _events(viewer: Viewer, customer_id: int, subject: str) -> Iterator[Step]:
    with scope.of(viewer):
        found = events.of_subject(customer_id=customer_id, subject_id=subject)
    for event in found:
        word = _OF_INVOICE.get(event.kind) or _MAILS.get(event.kind)
        if word is not None:
            to = str(event.facts.get("to", ""))
            yield Step(str(word), event.viewer_name, event.occurred_at, (to,) if to else ())
