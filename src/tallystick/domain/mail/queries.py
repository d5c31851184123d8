"""Ask for mails: those about one thing, the operator's list, one with its tries, those that came back; and what is to be sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.mail import models, rules
from tallystick.domain.mail.refusals import MailNotFound
from tallystick.integrations.postgres import scope
from tallystick.lib import texts

PAGE = 50
"""So many mails stand on a page of the operator's list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Hold a leased mail: its facts, and its words once they are fixed (`message_id` is empty before). `earlier` are the mails it answers to."""

    customer_id: int
    id: UUID
    kind: rules.Kind
    address: str
    name: str
    role: rules.Role
    locale: str
    parts: Sequence[Mapping[str, Any]]
    subject_ids: Sequence[str]
    earlier: Sequence[str]
    queued_at: datetime
    message_id: str
    sender: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    enclosed: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """Show a mail in a list. `accepted_at` is when it was sent: a server has it since then."""

    id: UUID
    customer_id: int
    customer_name: str
    kind: str
    cause: str
    state: str
    address: str
    name: str
    subject: str
    attempts: int
    queued_at: datetime
    next_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    dealt_at: datetime | None
    last_code: int | None
    last_answer: str


@dataclass(frozen=True, slots=True)
class Try:
    """Show one try, or one report of a server or provider; a try without an end has no known answer."""

    source: str
    server: str
    started_at: datetime
    ended_at: datetime | None
    code: int | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView(MailRow):
    """Show one mail entirely: its words, its tries, what it is about, and the mails before and behind it."""

    role: str
    locale: str
    sender: str
    message_id: str
    html: str
    text: str
    enclosed: Sequence[Mapping[str, str]]
    asked_by: str
    previous_id: UUID | None
    follower_ids: Sequence[UUID]
    subject_ids: Sequence[str]
    tries: Sequence[Try]
    next_contacts: Sequence[str]
    is_written: bool


_ROW = tuple(name for name in MailRow.__dataclass_fields__ if name != "customer_name")
_WORDS = ("role", "locale", "sender", "message_id", "html", "text", "enclosed", "asked_by", "previous_id")


def about(*, viewer: Viewer, subject_id: str) -> list[MailRow]:
    """List the mails about one thing, oldest first, at most 100. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        topics = models.Topic.objects.filter(subject_id=subject_id)
        if viewer.customer_id is not None:
            topics = topics.filter(customer_id=viewer.customer_id)
        rows = _visible(models.Mail.objects.filter(id__in=topics.values("mail_id")), viewer)
        return _rows(rows.defer("html", "text", "parts").order_by("id")[:100])


def mails(*, viewer: Viewer, show: str = "all", search: str = "", before: UUID | None = None, customer_id: int | None = None) -> list[MailRow]:
    """Page through the mails of all customers, newest first: of a state, "trouble" (nobody dealt with), or all. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Mail.objects.all()
        if customer_id is not None:
            rows = rows.filter(customer_id=customer_id)
        if show == "trouble":
            rows = rows.filter(state__in=rules.TROUBLE, dealt_at=None)
        elif show != "all":
            rows = rows.filter(state=rules.State(show))
        if search:
            named = customers.Customer.objects.filter(name__icontains=search).values("id")
            rows = rows.filter(Q(address__icontains=search) | Q(subject__icontains=search) | Q(customer_id__in=named))
        rows = rows.filter(id__lt=before) if before else rows
        return _rows(rows.defer("html", "text", "parts").order_by("-id")[:PAGE])


def mail(*, viewer: Viewer, mail_id: UUID) -> MailView:
    """Open one mail. Raises NotAllowed, MailNotFound."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        row = found(models.Mail.objects.all(), viewer, mail_id)
        own = {"customer_id": row.customer_id}
        tries = models.Attempt.objects.filter(**own, mail_id=row.id).order_by("id")
        subjects = models.Topic.objects.filter(**own, mail_id=row.id).order_by("id").values_list("subject_id", flat=True)
        followers = models.Mail.objects.filter(**own, previous_id=row.id).order_by("id").values_list("id", flat=True)
        return MailView(
            customer_name=customers.Customer.objects.values_list("name", flat=True).get(id=row.customer_id),
            follower_ids=list(followers),
            subject_ids=list(dict.fromkeys(subjects)),
            tries=[Try(one.source, one.server, one.started_at, one.ended_at, one.code, one.answer) for one in tries],
            next_contacts=[one[0] for one in row.next_contacts],
            is_written=bool(row.message_id),
            **{name: getattr(row, name) for name in (*_ROW, *_WORDS)},
        )


def troubles(*, viewer: Viewer, limit: int = 20) -> list[MailRow]:
    """List the mails that came back or failed and that nobody dealt with, oldest first. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Mail.objects.filter(state__in=rules.TROUBLE, dealt_at=None).defer("html", "text", "parts")
        return _rows(rows.order_by("id")[:limit])


def counts(*, viewer: Viewer) -> dict[str, int]:
    """Count the mails that wait, and those in trouble that nobody dealt with ("queued", "trouble"). Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        queued = models.Mail.objects.filter(state=rules.State.QUEUED).count()
        return {"queued": queued, "trouble": models.Mail.objects.filter(state__in=rules.TROUBLE, dealt_at=None).count()}


def found(rows: QuerySet[models.Mail], viewer: Viewer, mail_id: UUID) -> models.Mail:
    """Find a mail that the viewer may see, inside the running scope. Raises MailNotFound."""
    row = _visible(rows, viewer).filter(id=mail_id).first()
    if row is None:
        raise MailNotFound(texts.marked("There is no such e-mail."))
    return row


def address_of(*, customer_id: int, mail_id: UUID) -> str:
    """Tell to whom a mail went, inside the running scope. Raises MailNotFound."""
    address = models.Mail.objects.filter(customer_id=customer_id, id=mail_id).values_list("address", flat=True).first()
    if address is None:
        raise MailNotFound(texts.marked("There is no such e-mail."))
    return address


def told_addresses(*, customer_id: int, event_id: UUID) -> set[str]:
    """Tell which addresses (in small letters) were told of an event, inside the running scope."""
    return set(models.Topic.objects.filter(customer_id=customer_id, event_id=event_id).values_list("address_key", flat=True))


def silent(*, customer_id: int) -> set[str]:
    """Tell which addresses (in small letters) want no alerts, inside the running scope."""
    return set(models.Silence.objects.filter(customer_id=customer_id).values_list("address_key", flat=True))


def silent_for(row: models.Mail) -> set[str]:
    """Tell which addresses do not want what this mail tells, inside the running scope."""
    return silent(customer_id=row.customer_id) if row.kind in rules.ALERTS else set()


def outgoing(row: models.Mail) -> Outgoing:
    """Give a leased mail to who sends it, inside the running scope."""
    own = {"customer_id": row.customer_id}
    subjects = list(dict.fromkeys(models.Topic.objects.filter(**own, mail_id=row.id).order_by("id").values_list("subject_id", flat=True)))
    before = models.Topic.objects.filter(**own, subject_id__in=subjects, address_key=row.address.lower()).values("mail_id")
    earlier = models.Mail.objects.filter(**own, id__in=before, id__lt=row.id).exclude(message_id="").order_by("id")
    names = (
        "customer_id",
        "id",
        "address",
        "name",
        "locale",
        "parts",
        "queued_at",
        "message_id",
        "sender",
        "subject",
        "html",
        "text",
        "headers",
        "enclosed",
    )
    return Outgoing(
        kind=rules.Kind(row.kind),
        role=rules.Role(row.role),
        subject_ids=subjects,
        earlier=rules.thread(row.message_id, list(earlier.values_list("message_id", flat=True))),
        **{name: getattr(row, name) for name in names},
    )


def _visible(rows: QuerySet[models.Mail], viewer: Viewer) -> QuerySet[models.Mail]:
    """Narrow to what the viewer may see: a restricted one sees what is about one of their divisions."""
    if viewer.customer_id is not None:
        rows = rows.filter(customer_id=viewer.customer_id)
    return rows if viewer.division_ids is None else rows.filter(division_id__in=sorted(viewer.division_ids))


def _rows(rows: Iterable[models.Mail]) -> list[MailRow]:
    loaded = list(rows)
    if not loaded:
        return []
    names = dict(customers.Customer.objects.filter(id__in={row.customer_id for row in loaded}).values_list("id", "name"))
    return [MailRow(customer_name=names[row.customer_id], **{name: getattr(row, name) for name in _ROW}) for row in loaded]
