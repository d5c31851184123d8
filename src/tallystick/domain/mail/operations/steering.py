"""Let staff look after mails that came back or failed: try again, send to another address, or mark as dealt with."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.mail import models, queries, rules
from tallystick.domain.mail.operations import queueing
from tallystick.domain.mail.refusals import MailNotReturned, MailNotWritten
from tallystick.integrations.postgres import scope
from tallystick.lib import texts


@scope.retrying
def retry_mail(*, viewer: Viewer, mail_id: UUID, now: datetime) -> None:
    """Send a mail that came back or failed to the same address again, under the same Message-ID. Raises NotAllowed, MailNotFound, MailNotReturned."""
    permit(viewer, Act.ENTER)
    with scope.of(viewer):
        mail = _locked(viewer, mail_id)
        if rules.State.QUEUED not in rules.TRANSITIONS[rules.State(mail.state)]:
            raise MailNotReturned(texts.marked("Only a mail that came back, or that no server took, is tried again."))
        again = {"state": rules.State.QUEUED, "attempts": 0, "first_at": None, "ended_at": None, "next_at": now, "leased_until": None}
        _of(mail).update(**again, dealt_at=None, asked_by=viewer.name)
        queueing.schedule(mail=mail)


@scope.retrying
def resend_mail(*, viewer: Viewer, mail_id: UUID, address: str, now: datetime) -> UUID:
    """Send what a mail told to another address, as a mail of its own; tell its id.

    Raises NotAllowed, MailNotFound, Invalid, MailNotWritten.
    """
    permit(viewer, Act.ENTER)
    wanted = rules.checked_address(address)
    with scope.of(viewer):
        mail = _locked(viewer, mail_id)
        if mail.closed_at is None:
            raise MailNotWritten(texts.marked("This mail still waits for others to go with it. Try again in a minute."))
        made = models.Mail.objects.create(
            customer_id=mail.customer_id,
            kind=mail.kind,
            cause=rules.Cause.RESENT,
            address=wanted,
            role=rules.Role.RESENT,
            locale=mail.locale,
            division_id=mail.division_id,
            parts=mail.parts,
            previous_id=mail.id,
            asked_by=viewer.name,
            queued_at=now,
            send_at=now,
            next_at=now,
            closed_at=now,
        )
        topics = list(models.Topic.objects.filter(customer_id=mail.customer_id, mail_id=mail.id).order_by("id"))
        for event_id in dict.fromkeys(topic.event_id for topic in topics):
            about = [topic.subject_id for topic in topics if topic.event_id == event_id]
            queueing.tie(mail=made, event_id=event_id, subject_ids=about, is_copy=True)
        queueing.schedule(mail=made)
        _deal(mail, now)
    return made.id


@scope.retrying
def deal_with_mail(*, viewer: Viewer, mail_id: UUID, now: datetime) -> None:
    """Take a mail that came back out of the work queue: staff did something about it. Raises NotAllowed, MailNotFound, MailNotReturned."""
    permit(viewer, Act.ENTER)
    with scope.of(viewer):
        mail = _locked(viewer, mail_id)
        if mail.state not in rules.TROUBLE:
            raise MailNotReturned(texts.marked("Nothing came back of this mail."))
        _deal(mail, now)


def _deal(mail: models.Mail, now: datetime) -> None:
    if mail.state in rules.TROUBLE:
        _of(mail).filter(dealt_at=None).update(dealt_at=now)


def _locked(viewer: Viewer, mail_id: UUID) -> models.Mail:
    """Lock a mail inside the running scope. Raises MailNotFound."""
    return queries.found(models.Mail.objects.select_for_update(no_key=True), viewer, mail_id)


def _of(mail: models.Mail) -> QuerySet[models.Mail]:
    return models.Mail.objects.filter(customer_id=mail.customer_id, id=mail.id)
