"""Take a mail that is due, fix its words, and note what the server said: accepted, tried again later, refused for good, given up.

Between taking and noting the mail goes out, outside of any transaction, while the row is leased to this worker. Killed in between, nobody knows
what became of the try: it stays in the log without an answer, and after the lease the mail is sent again under the same Message-ID.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from tallystick.domain.customers.rules import system
from tallystick.domain.mail import models, queries, rules
from tallystick.domain.mail.operations import queueing, returning
from tallystick.integrations.postgres import scope

_DONE_ALREADY = timedelta(seconds=5)
"""A try that lies further ahead shows that another run of this job noted its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Hold the words of a mail as they go out: they are fixed before the first try, and every try sends the same."""

    message_id: str
    sender: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    enclosed: Sequence[Mapping[str, str]]


@scope.retrying
def take_mail(*, customer_id: int, mail_id: UUID, now: datetime) -> queries.Outgoing | None:
    """Lease a mail that is due to this worker; None where there is nothing to send (now). From now on nothing joins it."""
    with scope.of(system(customer_id)):
        mail = models.Mail.objects.select_for_update(no_key=True).filter(customer_id=customer_id, id=mail_id).first()
        if mail is None or mail.state != rules.State.QUEUED or (mail.next_at and mail.next_at > now + _DONE_ALREADY):
            return None
        if mail.leased_until is not None and mail.leased_until > now:
            _later(mail, mail.leased_until, now)
            return None
        _update(mail, leased_until=now + rules.LEASE, closed_at=mail.closed_at or now)
        return queries.outgoing(mail)


@scope.retrying
def fix_content(*, customer_id: int, mail_id: UUID, content: Content) -> queries.Outgoing:
    """Keep the words of a leased mail; those of an earlier run stand."""
    with scope.of(system(customer_id)):
        mail = models.Mail.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=mail_id)
        if not mail.message_id:
            _update(
                mail,
                message_id=content.message_id,
                sender=content.sender,
                subject=content.subject,
                html=content.html,
                text=content.text,
                headers=dict(content.headers),
                enclosed=[dict(one) for one in content.enclosed],
            )
        return queries.outgoing(mail)


def begin_try(*, customer_id: int, mail_id: UUID, server: str, now: datetime) -> UUID:
    """Write down that a try begins, before it does."""
    with scope.of(system(customer_id)):
        return models.Attempt.objects.create(customer_id=customer_id, mail_id=mail_id, server=server, started_at=now).id


@scope.retrying
def put_off(*, customer_id: int, mail_id: UUID, until: datetime, now: datetime) -> None:
    """Give a leased mail back without a try: its document is not made yet, or no mail server is set up."""
    with scope.of(system(customer_id)):
        mail = models.Mail.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=mail_id)
        if mail.state == rules.State.QUEUED:
            _update(mail, leased_until=None)
            _later(mail, until, now)


@scope.retrying
def note_answer(*, customer_id: int, mail_id: UUID, attempt_id: UUID, answer: rules.Answer, now: datetime, spread_permille: int = 0) -> None:
    """Keep the server's answer, and decide what follows. `spread_permille` shortens or lengthens the pause."""
    with scope.of(system(customer_id)):
        mail = models.Mail.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=mail_id)
        tries = models.Attempt.objects.filter(customer_id=customer_id, id=attempt_id)
        tries.update(ended_at=now, code=answer.code, answer=answer.text[:2000])
        if mail.state != rules.State.QUEUED:
            return
        first_at = mail.first_at or now
        _update(mail, attempts=mail.attempts + 1, first_at=first_at, last_code=answer.code, last_answer=answer.text[:2000], leased_until=None)
        if answer.is_taken:
            _update(mail, state=rules.State.ACCEPTED, accepted_at=now, next_at=None)
            return
        if answer.is_final:
            returning.bounced(mail=mail, reason=f"{answer.code} {answer.text}", now=now)
            return
        next_at = rules.next_try(attempts=mail.attempts, first_at=first_at, now=now, spread_permille=spread_permille)
        if next_at is None:
            _update(mail, state=rules.State.FAILED, ended_at=now, next_at=None)
            return
        _later(mail, next_at, now)


def _later(mail: models.Mail, until: datetime, now: datetime) -> None:
    _update(mail, next_at=until)
    queueing.schedule(mail=mail, after_seconds=ceil((until - now).total_seconds()))


def _update(mail: models.Mail, **values: object) -> None:
    models.Mail.objects.filter(customer_id=mail.customer_id, id=mail.id).update(**values)
    for name, value in values.items():
        setattr(mail, name, value)
