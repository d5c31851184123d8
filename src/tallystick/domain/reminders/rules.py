"""Decide whether an invoice is reminded of today, and say why where it is not. Pure: the same facts give the same decision.

What is owed is looked at before anything is said: unapplied credit is set off against the invoices that are due first, announced transfers and
requested credit notes against the invoice that they name, and what is disputed asks for nothing.

Steps are taken in order, each once: before the due day only the latest one whose day has come; after it one after the other, with the days
between them kept also where the first came late. So no letter speaks of a reminder that was never sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from tallystick.lib import errors, texts

FROM_HOUR = 8
"""Reminders go out from this hour on of the legal entity's day: nobody is reminded at midnight."""
REMINDED = "reminder.queued"
"""The event: `subject_id` is the reminder; its facts name the invoices and the tone."""
STANDARD = "Standard"
MOST_STEPS = 8
LONGEST_NAME = 80
LONGEST_REASON = 500
_FARTHEST = 365
_AFTER_TWO = 3
"""The last reminder is the third one or a later one, for it says so."""


class Tone(StrEnum):
    """Name how a step speaks."""

    NOTICE = "notice"
    FRIENDLY = "friendly"
    PLAIN = "plain"
    LAST = "last"


LEVELS = {Tone.NOTICE: 0, Tone.FRIENDLY: 1, Tone.PLAIN: 2, Tone.LAST: 3}
"""How grave a tone is; a mail about several invoices speaks in the gravest of theirs."""


class Reason(StrEnum):
    """Name what was decided: to send, or why not, in the order in which it is looked at."""

    SEND = "send"
    CLOSED = "closed"
    NOTHING_OPEN = "nothing_open"
    DISPUTED = "disputed"
    PAUSED_CUSTOMER = "paused_customer"
    PAUSED_INVOICE = "paused_invoice"
    TRANSFER_COVERS = "transfer_covers"
    CREDIT_NOTE_COVERS = "credit_note_covers"
    CREDIT_COVERS = "credit_covers"
    REMINDED = "reminded"
    ALL_STEPS_DONE = "all_steps_done"
    NOT_YET = "not_yet"
    NO_ADDRESS = "no_address"


HELD = frozenset(Reason) - {Reason.SEND, Reason.REMINDED, Reason.ALL_STEPS_DONE, Reason.NOT_YET, Reason.NOTHING_OPEN}
"""What holds a reminder back whose day has come."""


@dataclass(frozen=True, slots=True)
class Step:
    """Say when a reminder is due, in days after the due day (before it where negative), and how it speaks."""

    days: int
    tone: Tone


DEFAULT = (Step(-3, Tone.NOTICE), Step(3, Tone.FRIENDLY), Step(14, Tone.PLAIN), Step(28, Tone.LAST))
"""The schedule of customers in no other group, until the operator changes it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Name a step that was taken for an invoice (negative before the due day, positive after it, both counted from 1), and on which day."""

    step: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """Hold what is looked at of an invoice; amounts in minor units. `announced_minor` and `crediting_minor` are on their way."""

    id: UUID
    issue_date: date
    due_date: date
    open_minor: int
    announced_minor: int = 0
    crediting_minor: int = 0
    is_disputed: bool = False
    paused_until: date | None = None
    told: Sequence[Told] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Hold what is looked at of a customer; a pause lasts to the end of its day."""

    unapplied_minor: int = 0
    is_closed: bool = False
    paused_until: date | None = None
    has_address: bool = True


@dataclass(frozen=True, slots=True)
class Exposure:
    """Say what is really owed: in sum, and of each invoice; a disputed one owes nothing for now.

    `net_minor` is negative where credit and what is on its way are more than what is open.
    """

    net_minor: int
    owed: Mapping[UUID, int]
    credited: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Decision:
    """Say whether a reminder goes out, and why; the step where one has come, what it would ask for, and the day of the next step."""

    reason: Reason
    step: int = 0
    tone: Tone = Tone.NOTICE
    owed_minor: int = 0
    next_day: date | None = None

    @property
    def is_sent(self) -> bool:
        """Tell whether it goes out."""
        return self.reason is Reason.SEND

    @property
    def is_held(self) -> bool:
        """Tell whether its day has come and something holds it back."""
        return self.reason in HELD


def exposure(invoices: Sequence[Invoice], unapplied_minor: int) -> Exposure:
    """Set credit off against what is due first, after what is on its way to each invoice."""
    rest = {one.id: max(0, one.open_minor - one.announced_minor - one.crediting_minor) for one in invoices if not one.is_disputed}
    net_minor, left, owed, credited = sum(rest.values()) - unapplied_minor, unapplied_minor, {}, {}
    for one in sorted(invoices, key=lambda each: (each.due_date, each.id)):
        taken = min(left, rest.get(one.id, 0))
        left -= taken
        owed[one.id], credited[one.id] = rest.get(one.id, 0) - taken, taken
    return Exposure(net_minor, owed, credited)


def decide(invoice: Invoice, found: Exposure, account: Account, steps: Sequence[Step], today: date) -> Decision:
    """Decide about one invoice on one day."""
    step = due_step(invoice, steps, today)
    if step is None:
        return _resting(invoice, steps, today)
    number, tone = step
    reason = _held(invoice, found, account, today) or (Reason.SEND if account.has_address else Reason.NO_ADDRESS)
    return Decision(reason, number, tone, found.owed.get(invoice.id, 0))


def decisions(invoices: Sequence[Invoice], account: Account, steps: Sequence[Step], today: date) -> dict[UUID, Decision]:
    """Decide about all open invoices of a customer."""
    found = exposure(invoices, account.unapplied_minor)
    return {one.id: decide(one, found, account, steps, today) for one in invoices}


def due_step(invoice: Invoice, steps: Sequence[Step], today: date) -> tuple[int, Tone] | None:
    """Name the step whose day has come and that was not taken yet; None where there is none."""
    if today <= invoice.due_date:
        done = {one.step for one in invoice.told}
        notices = [step for step in steps if step.days <= 0]
        come = [
            (-place, step.tone)
            for place, step in enumerate(notices, start=1)
            # what was just sent needs no reminder: a day on or before its issue is passed over
            if invoice.issue_date < invoice.due_date + timedelta(days=step.days) <= today
        ]
        return come[-1] if come and min(done, default=0) > come[-1][0] else None
    coming = _coming(invoice, steps)
    return (coming[0], coming[1]) if coming and coming[2] <= today else None


def next_day(invoice: Invoice, steps: Sequence[Step], today: date) -> date | None:
    """Tell the day of the next step after today; None where there is none."""
    notices = [invoice.due_date + timedelta(days=step.days) for step in steps if step.days <= 0]
    ahead = [day for day in notices if day > max(today, invoice.issue_date)]
    if ahead:
        return ahead[0]
    coming = _coming(invoice, steps)
    return max(coming[2], invoice.due_date + timedelta(days=1)) if coming else None


def checked_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Let a schedule pass whose letters will be true; one without steps reminds nobody. Raises Invalid."""
    if not steps:
        return ()
    if len(steps) > MOST_STEPS:
        raise errors.Invalid(texts.marked("Name at most %(most)s steps.", most=MOST_STEPS), field="steps")
    ordered = tuple(sorted(steps, key=lambda step: step.days))
    days = [step.days for step in ordered]
    if len(set(days)) < len(days) or min(days) < -_FARTHEST or max(days) > _FARTHEST:
        raise errors.Invalid(texts.marked("Each step has a day of its own, at most a year from the due day."), field="steps")
    if any((step.days <= 0) != (step.tone is Tone.NOTICE) for step in ordered):
        raise errors.Invalid(texts.marked("Up to the due day a step is a notice, after it a reminder."), field="steps")
    late = [LEVELS[step.tone] for step in ordered if step.days > 0]
    if late != sorted(late) or (late and late[0] != LEVELS[Tone.FRIENDLY]):
        raise errors.Invalid(texts.marked("The first reminder is a friendly one, and none is milder than the one before it."), field="steps")
    last = LEVELS[Tone.LAST]
    if last in late and (late.count(last) > 1 or len(late) < _AFTER_TWO):
        raise errors.Invalid(texts.marked("The last reminder comes once, at the end, after at least two others."), field="steps")
    return ordered


def _coming(invoice: Invoice, steps: Sequence[Step]) -> tuple[int, Tone, date] | None:
    """Name the next step after the due day and its day: as many days after the one before as the schedule says."""
    late = [step for step in steps if step.days > 0]
    before = max((one for one in invoice.told if one.step > 0), key=lambda one: one.step, default=None)
    place = before.step if before else 0
    if place >= len(late):
        return None
    step, day = late[place], invoice.due_date + timedelta(days=late[place].days)
    if before is not None:
        day = max(day, before.day + timedelta(days=step.days - late[place - 1].days))
    return place + 1, step.tone, day


def _held(invoice: Invoice, found: Exposure, account: Account, today: date) -> Reason | None:
    """Name what speaks against a reminder whose day has come, the gravest first."""
    looks = (
        (account.is_closed, Reason.CLOSED),
        (invoice.open_minor <= 0, Reason.NOTHING_OPEN),
        (invoice.is_disputed, Reason.DISPUTED),
        (account.paused_until is not None and today <= account.paused_until, Reason.PAUSED_CUSTOMER),
        (invoice.paused_until is not None and today <= invoice.paused_until, Reason.PAUSED_INVOICE),
        (invoice.announced_minor >= invoice.open_minor, Reason.TRANSFER_COVERS),
        (invoice.announced_minor + invoice.crediting_minor >= invoice.open_minor, Reason.CREDIT_NOTE_COVERS),
        (found.net_minor <= 0 or found.owed.get(invoice.id, 0) <= 0, Reason.CREDIT_COVERS),
    )
    return next((reason for holds, reason in looks if holds), None)


def _resting(invoice: Invoice, steps: Sequence[Step], today: date) -> Decision:
    """Say why no step has come: it was taken, there are no more, or it is too early."""
    following = next_day(invoice, steps, today)
    if invoice.told:
        return Decision(Reason.REMINDED if following else Reason.ALL_STEPS_DONE, next_day=following)
    return Decision(Reason.NOT_YET, next_day=following)
