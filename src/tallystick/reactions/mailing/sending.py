"""Send a mail that is due: fix its words and what goes along once, hand it to the server outside of any transaction, note the answer."""

import random
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from tallystick.domain.mail import operations, rules
from tallystick.domain.mail.queries import Outgoing
from tallystick.integrations.mail import figures, letters, messages, smtp, wording
from tallystick.reactions.mailing import enclosing

SALT = "tallystick.mail.stop"
"""Of the signature in links that stop alerts; interfaces/web/pages/mail_stop.py reads them."""
_LEFTWARD = frozenset({"ar", "he"})


def send_mail(customer_id: int, mail_id: UUID) -> None:
    """Try to send one mail; a failure is not the job's: the mail waits for its next try."""
    now = timezone.now()
    mail = operations.take_mail(customer_id=customer_id, mail_id=mail_id, now=now)
    if mail is None:
        return
    server = _server()
    if server is None and mail.message_id:
        _put_off(mail, rules.NO_SERVER_SECONDS, now)
        return
    enclosed = enclosing.enclosures(mail)
    if enclosed is None and now < mail.queued_at + rules.WAITS_FOR_DOCUMENT and not mail.message_id:
        _put_off(mail, rules.DOCUMENT_SECONDS, now)
        return
    if not mail.message_id:
        mail = operations.fix_content(customer_id=customer_id, mail_id=mail_id, content=_content(mail, enclosed or [], now))
    if server is None:
        _put_off(mail, rules.NO_SERVER_SECONDS, now)
        return
    names = {one["name"] for one in mail.enclosed}  # what was fixed goes along, nothing that was made since
    message = messages.message(
        sender=mail.sender,
        recipient=messages.address(mail.address, mail.name),
        subject=mail.subject,
        bodies=(mail.text, mail.html),
        headers=mail.headers,
        enclosed=[one for one in enclosed or [] if one.name in names],
    )
    envelope = _envelope(mail)
    attempt_id = operations.begin_try(customer_id=customer_id, mail_id=mail_id, server=f"{server.host}:{server.port}", now=now)
    reply = smtp.send(server, message, sender=envelope, recipient=messages.plain(mail.address))
    spread = random.randint(-rules.SPREAD_PERMILLE, rules.SPREAD_PERMILLE)  # noqa: S311 - spreads tries, guards nothing
    answer = rules.Answer(reply.code, reply.text, reply.final)
    operations.note_answer(customer_id=customer_id, mail_id=mail_id, attempt_id=attempt_id, answer=answer, now=timezone.now(), spread_permille=spread)


def _put_off(mail: Outgoing, seconds: int, now: datetime) -> None:
    operations.put_off(customer_id=mail.customer_id, mail_id=mail.id, until=now + timedelta(seconds=seconds), now=now)


def _content(mail: Outgoing, enclosed: list[messages.Enclosure], now: datetime) -> operations.Content:
    """Word a mail in its reader's language, and give it its name."""
    stop = stop_link(mail) if mail.kind in rules.ALERTS else ""
    reader = wording.Reader(name=mail.name, role=mail.role, locale=mail.locale, stop=stop)
    letter = wording.letter(mail.kind, mail.parts, reader, url=settings.URL, enclosed=[one.media_type for one in enclosed])
    spoken = figures.language(mail.locale)
    seller = mail.parts[0]["seller"]
    own = settings.MAIL_FROM or seller["email"] or f"no-reply@{_domain(settings.URL)}"
    message_id = rules.message_id(customer_id=mail.customer_id, mail_id=mail.id, domain=messages.plain(own).rpartition("@")[2])
    return operations.Content(
        message_id=message_id,
        sender=messages.address(own, seller["name"]),
        subject=messages.one_line(letter.subject),
        html=letters.html(letter, language=spoken, is_leftward=spoken in _LEFTWARD),
        text=letters.text(letter),
        headers=messages.headers(
            message_id=message_id,
            date=format_datetime(now),
            earlier=mail.earlier,
            reply_to=messages.plain(seller["email"]) if seller["email"] else "",
            stop=stop,
        ),
        enclosed=[{"name": one.name, "media_type": one.media_type} for one in enclosed],
    )


def stop_link(mail: Outgoing) -> str:
    """Make the address at which the reader of an alert says no, without signing in: signed, so that nobody says it for others."""
    token = signing.dumps([mail.customer_id, mail.id.hex], salt=SALT)
    return f"{settings.URL}{reverse('mail-stop', args=[token])}"


def _envelope(mail: Outgoing) -> str:
    """Give the address that comes-back goes to: where the operator reads it by machine, or the sender's."""
    if settings.MAIL_BOUNCES:
        return rules.envelope(customer_id=mail.customer_id, mail_id=mail.id, bounces=settings.MAIL_BOUNCES)
    return mail.sender.rpartition("<")[2].removesuffix(">")


def _domain(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition(":")[0]


def _server() -> smtp.Server | None:
    """Name the mail server of the settings; None where there is none."""
    if not settings.MAIL_HOST:
        return None
    return smtp.Server(
        host=settings.MAIL_HOST,
        port=settings.MAIL_PORT,
        security=cast("smtp.Security", settings.MAIL_SECURITY),
        user=settings.MAIL_USER,
        password=settings.MAIL_PASSWORD,
        timeout_seconds=15.0,
    )
