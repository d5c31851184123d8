"""Queue mails: once for each event and address, several of a kind together where they come within a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import system
from tallystick.domain.events import operations as events
from tallystick.domain.mail import models, queries, rules
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Say what is to be told to whom: an event, the things it is about (outside ids, the main one first), its facts, and who is next if it comes back."""

    kind: rules.Kind
    event_id: UUID
    subject_ids: Sequence[str]
    division_id: int | None
    part: Mapping[str, object]
    contacts: Sequence[rules.Contact]
    next_contacts: Sequence[rules.Contact] = field(default=())


@scope.retrying
def queue_letter(*, customer_id: int, letter: Letter, now: datetime) -> list[UUID]:
    """Queue a mail to each contact that was not told of the event yet, or let it join one that waits; tell which mails were touched.

    A second run finds everybody told. Alerts go to nobody who said no to them.
    """
    with scope.of(system(customer_id)):
        told = queries.told_addresses(customer_id=customer_id, event_id=letter.event_id)
        silent = queries.silent(customer_id=customer_id) if letter.kind in rules.ALERTS else set()
        contacts = rules.each_once(letter.contacts, but=told | silent)
        others = [one.address for one in letter.contacts]
        further = rules.each_once(letter.next_contacts, but={*told, *silent, *others})
        return [_told(customer_id, letter, contact, further, now) for contact in contacts]


def _told(customer_id: int, letter: Letter, contact: rules.Contact, further: Sequence[rules.Contact], now: datetime) -> UUID:
    mail = _gathering(customer_id, letter, contact) if letter.kind in rules.TOGETHER else None
    if mail is None:
        mail = _written(customer_id, letter, contact, further, now)
    else:
        same = mail.division_id == letter.division_id
        changed = models.Mail.objects.filter(customer_id=customer_id, id=mail.id)
        changed.update(parts=[*mail.parts, dict(letter.part)], division_id=mail.division_id if same else None)
    tie(mail=mail, event_id=letter.event_id, subject_ids=letter.subject_ids)
    return mail.id


def _gathering(customer_id: int, letter: Letter, contact: rules.Contact) -> models.Mail | None:
    """Lock the mail that still takes parts for this address; one that is full takes none any more."""
    found = (
        models.Mail.objects.select_for_update(no_key=True)
        .filter(
            customer_id=customer_id, kind=letter.kind, cause=rules.Cause.EVENT, address=contact.address.strip(), locale=contact.locale, closed_at=None
        )
        .first()
    )
    if found is not None and len(found.parts) >= rules.MOST_TOGETHER:
        models.Mail.objects.filter(customer_id=customer_id, id=found.id).update(closed_at=found.queued_at)
        return None
    return found


def _written(customer_id: int, letter: Letter, contact: rules.Contact, further: Sequence[rules.Contact], now: datetime) -> models.Mail:
    wait = rules.TOGETHER_FOR if letter.kind in rules.TOGETHER else rules.TOGETHER_FOR * 0
    mail = models.Mail.objects.create(
        customer_id=customer_id,
        kind=letter.kind,
        address=contact.address.strip(),
        name=contact.name,
        role=contact.role,
        locale=contact.locale,
        division_id=letter.division_id,
        parts=[dict(letter.part)],
        next_contacts=[[one.address.strip(), one.name, one.locale] for one in further],
        queued_at=now,
        send_at=now + wait,
        next_at=now + wait,
    )
    schedule(mail=mail, after_seconds=int(wait.total_seconds()))
    return mail


def tie(*, mail: models.Mail, event_id: UUID, subject_ids: Sequence[str], is_copy: bool = False) -> None:
    """Tie a mail to what it is about, inside the running scope."""
    models.Topic.objects.bulk_create(
        models.Topic(
            customer_id=mail.customer_id,
            mail_id=mail.id,
            event_id=event_id,
            subject_id=subject_id,
            address_key=mail.address.lower(),
            is_copy=is_copy,
        )
        for subject_id in dict.fromkeys(subject_ids)
    )


def schedule(*, mail: models.Mail, after_seconds: int = 0) -> None:
    """Queue the job that sends a mail, inside the running scope."""
    events.schedule(reaction=rules.REACTION_SEND, customer_id=mail.customer_id, event_id=mail.id, after_seconds=after_seconds)
