"""Say decisions about reminders, steps and tones in the operator's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.reminders import facts, queries, rules
from tallystick.domain.reminders.rules import Reason, Tone
from tallystick.interfaces.web.templatetags import tally

TONES: dict[str, str | Promise] = {
    Tone.NOTICE: gettext_lazy("Notice before the due day"),
    Tone.FRIENDLY: gettext_lazy("Friendly reminder"),
    Tone.PLAIN: gettext_lazy("Plain reminder"),
    Tone.LAST: gettext_lazy("Last reminder, with its letter"),
}
_REASONS: dict[Reason, str | Promise] = {
    Reason.SEND: gettext_lazy("Goes out today"),
    Reason.CLOSED: gettext_lazy("The customer is closed"),
    Reason.NOTHING_OPEN: gettext_lazy("Nothing is open"),
    Reason.DISPUTED: gettext_lazy("Disputed"),
    Reason.PAUSED_CUSTOMER: gettext_lazy("All reminders of the customer are paused"),
    Reason.PAUSED_INVOICE: gettext_lazy("Paused"),
    Reason.TRANSFER_COVERS: gettext_lazy("An announced payment covers it"),
    Reason.CREDIT_NOTE_COVERS: gettext_lazy("A requested credit note covers it"),
    Reason.CREDIT_COVERS: gettext_lazy("Unapplied credit covers it"),
    Reason.REMINDED: gettext_lazy("Reminded at this step"),
    Reason.ALL_STEPS_DONE: gettext_lazy("Every step is taken"),
    Reason.NOT_YET: gettext_lazy("No step has come"),
    Reason.NO_ADDRESS: gettext_lazy("Nobody to write to: name a billing contact"),
}
_LOOKS = {Reason.SEND: ("mail", "act"), Reason.REMINDED: ("done", ""), Reason.ALL_STEPS_DONE: ("warn", "bad"), Reason.NOT_YET: ("clock", "")}


@dataclass(frozen=True, slots=True)
class Said:
    """Say a decision: the word, its icon and tone, and what more there is to know."""

    word: str | Promise
    icon: str
    tone: str
    more: str


def said(looked: facts.Looked, invoice: rules.Invoice) -> Said:
    """Say what was decided about an invoice, and until when or why."""
    decision = looked.decisions[invoice.id]
    icon, mark = _LOOKS.get(decision.reason, ("info", "heed"))
    return Said(_REASONS[decision.reason], icon, mark, _more(looked, invoice, decision))


def _more(looked: facts.Looked, invoice: rules.Invoice, decision: rules.Decision) -> str:
    if decision.is_sent:
        return str(TONES[decision.tone])
    if decision.reason is Reason.DISPUTED:
        return looked.disputes.get(invoice.id, "")
    until = {Reason.PAUSED_CUSTOMER: looked.account.paused_until, Reason.PAUSED_INVOICE: invoice.paused_until}.get(decision.reason)
    if until:
        return _("until %(day)s") % {"day": tally.day(until)}
    return _("next on %(day)s") % {"day": tally.day(decision.next_day)} if decision.next_day else ""


def tone(code: str) -> str | Promise:
    """Name a tone."""
    return TONES[code]


def schedule(steps: Sequence[rules.Step]) -> list[tuple[str, str | Promise]]:
    """Say when each step comes, and how it speaks."""
    return [(when(step.days), TONES[step.tone]) for step in steps]


def when(days: int) -> str:
    """Say a number of days from the due day."""
    if days == 0:
        return _("on the due day")
    if days < 0:
        return ngettext("%(n)d day before the due day", "%(n)d days before the due day", -days) % {"n": -days}
    return ngettext("%(n)d day after the due day", "%(n)d days after the due day", days) % {"n": days}


def told(rows: Iterable[queries.ToldRow]) -> list[tuple[queries.ToldRow, str | Promise]]:
    """Put the tone's word beside each row of the log."""
    return [(row, TONES[row.tone]) for row in rows]


@dataclass(frozen=True, slots=True)
class OfInvoice:
    """Show on an invoice's page what is decided about its reminders (nothing once it is paid), the pause in force, and what was sent."""

    said: Said | None
    pause: queries.PauseRow | None
    told: Sequence[tuple[queries.ToldRow, str | Promise]]


def of_invoice(viewer: Viewer, customer_id: int, invoice_id: UUID) -> OfInvoice:
    """Look at one invoice, inside the running scope."""
    looked = queries.look(viewer=viewer, customer_id=customer_id, now=timezone.now(), only=invoice_id)
    found = next((one for one in looked.invoices if one.id == invoice_id), None)
    paused = next((one for one in queries.pauses(viewer=viewer, customer_id=customer_id) if _is_in_force(one, invoice_id, looked)), None)
    rows = queries.told(viewer=viewer, customer_id=customer_id, invoice_ids=[invoice_id])
    return OfInvoice(said(looked, found) if found else None, paused, told(rows))


def _is_in_force(one: queries.PauseRow, invoice_id: UUID, looked: facts.Looked) -> bool:
    return one.invoice_id == invoice_id and one.lifted_at is None and one.until >= looked.today
