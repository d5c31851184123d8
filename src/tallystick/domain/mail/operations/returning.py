"""Take up what comes back after a server had a mail: delivered, bounced, complained about; then the next contact is told."""

from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, ViewerKind, system
from tallystick.domain.events import operations as events
from tallystick.domain.mail import models, queries, rules
from tallystick.domain.mail.operations import queueing
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

_MACHINE = Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")


@scope.retrying
def report(*, customer_id: int, mail_id: UUID, state: rules.State, answer: str, source: rules.Source, code: int | None = None, now: datetime) -> bool:
    """Keep what another server or a provider says of a mail; tell whether its state changed. The same report twice changes nothing more.

    A report that a mail is put off somewhere is kept as it is (`state` QUEUED): the mail stays accepted.
    """
    with scope.of(system(customer_id)):
        mail = models.Mail.objects.select_for_update(no_key=True).filter(customer_id=customer_id, id=mail_id).first()
        if mail is None:
            return False
        words = answer[:2000]
        is_known = models.Attempt.objects.filter(customer_id=customer_id, mail_id=mail_id, source=source, answer=words).exists()
        if is_known and mail.state == rules.State.QUEUED:
            return False  # it speaks of the tries before, and the mail was queued anew since
        if not is_known:
            models.Attempt.objects.create(
                customer_id=customer_id, mail_id=mail_id, source=source, started_at=now, ended_at=now, code=code, answer=words
            )
        if mail.state == rules.State.QUEUED and mail.first_at is None and state is not rules.State.QUEUED and mail.message_id:
            # a report of a try whose answer nobody noted: the server had it
            _update(mail, state=rules.State.ACCEPTED, accepted_at=now, first_at=now)
        if state not in rules.TRANSITIONS[rules.State(mail.state)] or state is rules.State.QUEUED:
            return False
        if state is rules.State.BOUNCED:
            bounced(mail=mail, reason=words, now=now)
        else:
            _update(mail, state=state, ended_at=now)
            if state is rules.State.COMPLAINED:
                quiet(customer_id=customer_id, address=mail.address, now=now)
        return True


def bounced(*, mail: models.Mail, reason: str, now: datetime) -> None:
    """End a locked mail as come back, record it, and write to the next contact who was not told of it yet, inside the running scope."""
    _update(mail, state=rules.State.BOUNCED, ended_at=now, next_at=None, last_answer=reason[:2000])
    topics = list(models.Topic.objects.filter(customer_id=mail.customer_id, mail_id=mail.id).order_by("id"))
    follower = _to_next(mail, topics, now)
    events.record(
        customer_id=mail.customer_id,
        kind="email.bounced",
        subject_id=ids.public("em", mail.id),
        facts={
            "kind": mail.kind,
            "recipient": mail.address,
            "subjects": list(dict.fromkeys(topic.subject_id for topic in topics)),
            "reason": reason[:500],
            "next_recipient": follower.address if follower else None,
        },
        viewer=_MACHINE,
    )


def quiet(*, customer_id: int, address: str, now: datetime) -> None:
    """Send no more alerts of a customer's account to an address, inside the running scope; safe to repeat."""
    models.Silence.objects.get_or_create(customer_id=customer_id, address_key=address.strip().lower(), defaults={"since": now})


@scope.retrying
def stop_alerts(*, customer_id: int, mail_id: UUID, now: datetime) -> str:
    """Do as the reader of an alert asks who wants none any more; tell the address. Raises MailNotFound."""
    viewer = Viewer(kind=ViewerKind.CUSTOMER, name="", customer_id=customer_id)
    with scope.of(viewer):
        address = queries.address_of(customer_id=customer_id, mail_id=mail_id)
        quiet(customer_id=customer_id, address=address, now=now)
    return address


def _to_next(mail: models.Mail, topics: list[models.Topic], now: datetime) -> models.Mail | None:
    told = {topic.address_key for topic in _of_events(mail.customer_id, [topic.event_id for topic in topics])}
    every = [rules.Contact(address, name, locale, rules.Role.NEXT_CONTACT) for address, name, locale in mail.next_contacts]
    left = rules.each_once(every, but=told | queries.silent_for(mail))
    if not left:
        return None
    contact, *others = left
    made = models.Mail.objects.create(
        customer_id=mail.customer_id,
        kind=mail.kind,
        cause=rules.Cause.NEXT_CONTACT,
        address=contact.address,
        name=contact.name,
        role=contact.role,
        locale=contact.locale,
        division_id=mail.division_id,
        parts=mail.parts,
        next_contacts=[[one.address, one.name, one.locale] for one in others],
        previous_id=mail.id,
        queued_at=now,
        send_at=now,
        next_at=now,
        closed_at=now,
    )
    for event_id in dict.fromkeys(topic.event_id for topic in topics):
        queueing.tie(mail=made, event_id=event_id, subject_ids=[topic.subject_id for topic in topics if topic.event_id == event_id])
    queueing.schedule(mail=made)
    return made


def _of_events(customer_id: int, event_ids: list[UUID]) -> list[models.Topic]:
    return list(models.Topic.objects.filter(customer_id=customer_id, event_id__in=event_ids))


def _update(mail: models.Mail, **values: object) -> None:
    models.Mail.objects.filter(customer_id=mail.customer_id, id=mail.id).update(**values)
    for name, value in values.items():
        setattr(mail, name, value)
