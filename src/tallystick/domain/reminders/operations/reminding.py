"""Remind a customer: look, lock what was looked at, look again, then write what was decided and its mail in one transaction.

Killed at any moment, all of it is there or nothing is. Run twice, or by two workers at once, the second finds the steps taken: the key of a told
invoice is invoice and step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tallystick.domain.customers import queries as directory
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit, system
from tallystick.domain.events import operations as events
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing.operations import figures, freeze
from tallystick.domain.mail import contacts
from tallystick.domain.mail import operations as mail
from tallystick.domain.mail import rules as mailing
from tallystick.domain.reminders import facts, models, rules
from tallystick.domain.reminders.operations import alone
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, money

_PAY_WITHIN = timedelta(days=10)
"""A reminder after the due day asks for payment within this."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """Name a reminder, its mails, and the invoices that it asks to pay."""

    id: UUID
    mail_ids: Sequence[UUID]
    invoice_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Hold what would be told, and to whom."""

    readers: Sequence[mailing.Contact]
    part: Mapping[str, Any]


@scope.retrying
def take_turn(*, customer_id: int, paying_path: str, now: datetime) -> Reminded | None:
    """Look at a customer as the worker, once on a day of its legal entity's, and remind it where that is due."""
    viewer = system(customer_id)
    with scope.of(viewer):
        alone.lock(customer_id)
        today = directory.today(viewer=viewer, customer_id=customer_id, now=now)
        if models.Turn.objects.filter(customer_id=customer_id, day__gte=today).exists():
            return None
        models.Turn.objects.update_or_create(customer_id=customer_id, defaults={"day": today, "looked_at": now})
        return remind(viewer=viewer, customer_id=customer_id, paying_path=paying_path, now=now)


@scope.retrying
def remind(*, viewer: Viewer, customer_id: int, paying_path: str, now: datetime) -> Reminded | None:
    """Remind a customer now of every invoice whose step has come and that nothing speaks against, in one mail to each of its contacts.

    None where nothing is to be sent. `paying_path` is where its people pay. Raises NotAllowed, NotFound.
    """
    if viewer.kind is not ViewerKind.SYSTEM:
        permit(viewer, Act.ENTER)
    with scope.of(viewer):
        alone.lock(customer_id)
        until = facts.horizon(now)
        first = facts.looked([customer_id], now, due_until=until)[0].sent
        if not first:
            return None
        locked = figures.lock(customer_id=customer_id, invoice_ids=[one.id for one in first])
        funds.lock(customer_id)
        looked = facts.looked([customer_id], now, due_until=until)[0]
        sent = [one for one in looked.sent if one.id in locked]
        division_id, people = _people(looked, sent)
        readers = mailing.each_once([*people.first(), *people.further])
        if not sent or not readers:
            return None
        made = _kept(viewer, looked, sent, now)
        event_id = _recorded(viewer, looked, sent, made)
        letter = mail.Letter(
            kind=mailing.Kind.REMINDER,
            event_id=event_id,
            subject_ids=[ids.public("rem", made.id), *(ids.public("inv", one.id) for one in sent)],
            division_id=division_id,
            part=part(looked, sent, paying_path=paying_path),
            contacts=readers,
            next_contacts=people.finance,
        )
        return Reminded(made.id, mail.queue_letter(customer_id=customer_id, letter=letter, now=now), [one.id for one in sent])


def foresee(*, viewer: Viewer, looked: facts.Looked, paying_path: str) -> Foreseen | None:
    """Tell what would be sent now and to whom; None where nothing would. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    if not looked.sent:
        return None
    with scope.of(viewer):
        _division_id, people = _people(looked, looked.sent)
        readers = mailing.each_once([*people.first(), *people.further])
        return Foreseen(readers, part(looked, looked.sent, paying_path=paying_path)) if readers else None


def part(looked: facts.Looked, sent: Sequence[rules.Invoice], *, paying_path: str) -> dict[str, object]:
    """Gather what the mail tells, inside the running scope: whole minor units and ISO days; words come when it is sent."""
    ground = freeze.ground(customer_id=looked.customer_id, division_id=looked.divisions[sent[0].id])
    several = len({looked.divisions[one.id] for one in sent}) > 1
    told = [_told(looked, one) for one in sent]
    return {
        "customer": looked.customer_name,
        "seller": {"name": ground.seller.name, "address": ground.seller.address, "email": ground.seller.contact},
        "currency": looked.currency,
        "tone": str(looked.tone),
        "division": looked.customer_name if several else ground.division_name,
        "day": looked.today.isoformat(),
        "pay_by": (looked.today + _PAY_WITHIN).isoformat(),
        "invoices": told,
        **_sums(told),
        "path": paying_path,
        "sides": {"seller": ground.seller.party(), "buyer": ground.buyer.party(), "bank": ground.bank, "logo_sha256": ground.logo_sha256},
    }


def _people(looked: facts.Looked, sent: Sequence[rules.Invoice]) -> tuple[int | None, contacts.People]:
    """Find whom to write to: about one division those who may know of it, about several those who may know of all."""
    divisions = {looked.divisions[one.id] for one in sent}
    division_id = next(iter(divisions)) if len(divisions) == 1 else None
    return division_id, contacts.people(customer_id=looked.customer_id, division_id=division_id)


def _told(looked: facts.Looked, one: rules.Invoice) -> dict[str, object]:
    decision = looked.decisions[one.id]
    credited_minor = looked.exposure.credited[one.id]
    return {
        "number": looked.numbers[one.id],
        "tone": str(decision.tone),
        "issued_on": one.issue_date.isoformat(),
        "due_on": one.due_date.isoformat(),
        "days": (looked.today - one.due_date).days,
        "open_minor": one.open_minor,
        "credit_minor": credited_minor,
        "coming_minor": one.open_minor - credited_minor - decision.owed_minor,
        "owed_minor": decision.owed_minor,
    }


def _sums(told: Sequence[dict[str, object]]) -> dict[str, int]:
    return {name: sum(int(str(one[name])) for one in told) for name in ("open_minor", "credit_minor", "coming_minor", "owed_minor")}


def _kept(viewer: Viewer, looked: facts.Looked, sent: Sequence[rules.Invoice], now: datetime) -> models.Reminder:
    asked_by = "" if viewer.kind is ViewerKind.SYSTEM else viewer.name
    made = models.Reminder.objects.create(customer_id=looked.customer_id, day=looked.today, tone=looked.tone, asked_by=asked_by, queued_at=now)
    models.Told.objects.bulk_create(_row(looked, one, made.id, looked.today) for one in sent)
    return made


def _row(looked: facts.Looked, one: rules.Invoice, reminder_id: UUID, day: date) -> models.Told:
    decision = looked.decisions[one.id]
    return models.Told(
        customer_id=looked.customer_id,
        reminder_id=reminder_id,
        invoice_id=one.id,
        step=decision.step,
        tone=decision.tone,
        day=day,
        open_minor=one.open_minor,
        owed_minor=decision.owed_minor,
    )


def _recorded(viewer: Viewer, looked: facts.Looked, sent: Sequence[rules.Invoice], made: models.Reminder) -> UUID:
    told = {
        "tone": str(looked.tone),
        "owed": money.text(looked.asked_minor, looked.currency),
        "currency": looked.currency,
        "invoices": [looked.numbers[one.id] for one in sent],
    }
    event_id = events.record(customer_id=looked.customer_id, kind=rules.REMINDED, subject_id=ids.public("rem", made.id), facts=told, viewer=viewer)
    scope.write_gathered()  # the mail refers to it
    return event_id
