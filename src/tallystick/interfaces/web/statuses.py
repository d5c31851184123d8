"""Say a state in a word, an icon and a tone, as design.md's table has it; loud only where somebody has to act."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

DUE_SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Status:
    """A state as shown: word, icon of icons.svg, tone (act, good, heed, bad or none), loud or not."""

    word: str | Promise
    icon: str
    tone: str = ""
    loud: bool = False


ORDER = {
    "pending": Status(_("Pending"), "clock", "act"),
    "approved": Status(_("Approved"), "done", "good"),
    "rejected": Status(_("Rejected"), "cross", "bad", loud=True),
    "withdrawn": Status(_("Withdrawn"), "back"),
}
INVOICE = {
    "issued": Status(_("Unpaid"), "open", "act"),
    "partially_paid": Status(_("Part paid"), "part", "act"),
    "paid": Status(_("Paid"), "done", "good"),
    "voided": Status(_("Voided"), "void"),
}
PAYMENT = {
    "started": Status(_("On its way"), "wait", "act"),
    "settled": Status(_("Received"), "done", "good"),
    "failed": Status(_("Failed"), "cross", "bad", loud=True),
    "expired": Status(_("Expired"), "clock"),
    "partially_reversed": Status(_("Reversed in part"), "refund", "bad", loud=True),
    "reversed": Status(_("Reversed"), "refund", "bad", loud=True),
}
MAIL = {
    "queued": Status(_("Not sent yet"), "clock"),
    "accepted": Status(_("Sent"), "mail", "good"),
    "delivered": Status(_("Delivered"), "done", "good"),
    "bounced": Status(_("Came back"), "warn", "bad", loud=True),
    "complained": Status(_("Reported as unwanted"), "warn", "bad", loud=True),
    "failed": Status(_("Could not be sent"), "cross", "bad", loud=True),
}
"""Sent is what a server took; delivered is what its recipient's server or provider said so of."""
OVERDUE = Status(_("Overdue"), "warn", "bad", loud=True)
_OPEN = {"issued", "partially_paid"}
_ALL = {"order": ORDER, "invoice": INVOICE, "payment": PAYMENT, "mail": MAIL}


def of(kind: str, state: str) -> Status:
    """Look a state up; one that the table does not know is shown by its own name."""
    return _ALL[kind].get(str(state), Status(str(state).replace("_", " ").capitalize(), "info"))


def invoice(state: str, due_date: date, today: date) -> Status:
    """Say an invoice's state in a list: overdue replaces unpaid and part paid."""
    return OVERDUE if str(state) in _OPEN and due_date < today else of("invoice", state)


def due(due_date: date, today: date) -> Status | None:
    """Say how late or how near an open invoice's due date is; None when it is more than a week away."""
    days = (due_date - today).days
    if days < 0:
        word = ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}
        return Status(word, "warn", "bad", loud=True)
    if days == 0:
        return Status(_("today"), "clock", "heed")
    if days <= DUE_SOON_DAYS:
        return Status(ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}, "clock", "heed")
    return None
