"""Look at what customers owe and decide about their reminders; list schedules, pauses and what was reminded of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Subquery, Sum

from tallystick.domain.customers import models as customers
from tallystick.domain.customers import queries as directory
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.reminders import facts, models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

PAGE = 50
"""So many customers stand on a page."""
_MOST_TOLD = 200


class GroupNotFound(errors.NotFound):
    """Say that there is no such group."""

    code = "reminder_group_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """Show a group with its schedule, and how many customers were put into it."""

    id: int
    name: str
    steps: tuple[rules.Step, ...]
    is_default: bool
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """Show a pause; without an invoice it is the whole customer's."""

    id: UUID
    invoice_id: UUID | None
    until: date
    reason: str
    paused_at: datetime
    paused_by: str
    lifted_at: datetime | None
    lifted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """Show that an invoice was reminded of; amounts in minor units."""

    reminder_id: UUID
    invoice_id: UUID
    number: str
    step: int
    tone: str
    day: date
    open_minor: int
    owed_minor: int
    asked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """Show a reminder: to whom, how grave, about how many invoices, and what it asked for in minor units."""

    id: UUID
    customer_id: int
    customer_name: str
    currency: str
    tone: str
    queued_at: datetime
    asked_by: str
    count: int
    owed_minor: int


def newest(*, viewer: Viewer, since: datetime) -> list[ReminderRow]:
    """List the reminders of all customers since an instant, newest first, at most PAGE. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = list(models.Reminder.objects.filter(queued_at__gte=since).order_by("-id")[:PAGE])
        owners = customers.Customer.objects.in_bulk({row.customer_id for row in rows})
        own = {"customer_id__in": list(owners), "reminder_id__in": [row.id for row in rows]}
        sums = models.Told.objects.filter(**own).values("reminder_id").annotate(n=Count("id"), owed=Sum("owed_minor"))
        asked = {one["reminder_id"]: (one["n"], int(one["owed"])) for one in sums}
        return [
            ReminderRow(
                id=row.id,
                customer_id=row.customer_id,
                customer_name=owners[row.customer_id].name,
                currency=owners[row.customer_id].currency,
                tone=row.tone,
                queued_at=row.queued_at,
                asked_by=row.asked_by,
                count=asked[row.id][0],
                owed_minor=asked[row.id][1],
            )
            for row in rows
        ]


def groups(*, viewer: Viewer) -> list[GroupRow]:
    """List the groups, the default one first. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        counts: dict[int, int] = {}
        for group_id in models.Membership.objects.values_list("group_id", flat=True):
            counts[group_id] = counts.get(group_id, 0) + 1
        return [
            GroupRow(id=row.id, name=row.name, steps=facts.steps_of(row), is_default=row.is_default, members=counts.get(row.id, 0))
            for row in models.Group.objects.order_by("-is_default", "name")
        ]


def group(*, viewer: Viewer, group_id: int) -> GroupRow:
    """Open one group. Raises NotAllowed, GroupNotFound."""
    found = next((one for one in groups(viewer=viewer) if one.id == group_id), None)
    if found is None:
        raise GroupNotFound(texts.marked("There is no such group."))
    return found


def look(*, viewer: Viewer, customer_id: int, now: datetime, only: UUID | None = None) -> facts.Looked:
    """Look at one customer as of its legal entity's day, or as far as one invoice's decision needs it. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        found = facts.looked([customer_id], now, only=only)
    if not found:
        raise errors.NotFound(texts.marked("There is no such customer."))
    return found[0]


def due(*, viewer: Viewer, now: datetime, after: int = 0) -> list[facts.Looked]:
    """Look at the customers with an open invoice for which a step may have come, PAGE at a time, by id behind `after`. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        until = facts.horizon(now)
        found = invoicing.Invoice.objects.filter(open_minor__gt=0, due_date__lte=until, customer_id__gt=after)
        customer_ids = list(found.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:PAGE])
        return facts.looked(customer_ids, now, due_until=until)


def waiting(*, now: datetime, limit: int) -> list[tuple[int, date]]:
    """List for the worker, over all customers, whom to look at today, with the legal entity's day; from its morning on."""
    found: list[tuple[int, date]] = []
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        days = facts.ahead(models.Group.objects.all())
        for entity in directory.legal_entities():
            here = now.astimezone(ZoneInfo(entity.time_zone))
            if here.hour < rules.FROM_HOUR:
                continue
            today = here.date()
            cursor.execute("select customer_id from reminders_waiting(%s, %s, %s, %s)", [entity.pk, today, today + timedelta(days=days), limit])
            found += [(customer_id, today) for (customer_id,) in cursor.fetchall()]
    return found


def pauses(*, viewer: Viewer, customer_id: int) -> list[PauseRow]:
    """List the pauses of a customer and of its invoices, newest first, those that ended too. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Pause.objects.filter(customer_id=customer_id).order_by("-id")[:_MOST_TOLD]
        return [PauseRow(**{name: getattr(row, name) for name in PauseRow.__dataclass_fields__}) for row in rows]


def told(*, viewer: Viewer, customer_id: int, invoice_ids: Sequence[UUID] = ()) -> list[ToldRow]:
    """List what a customer was reminded of, newest first: of these invoices, or of all. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Told.objects.filter(customer_id=customer_id)
        rows = rows.filter(invoice_id__in=invoice_ids) if invoice_ids else rows
        own = {"customer_id": customer_id}
        number = invoicing.Invoice.objects.filter(**own, id=OuterRef("invoice_id")).values("number")
        asked_by = models.Reminder.objects.filter(**own, id=OuterRef("reminder_id")).values("asked_by")
        shown = rows.annotate(number=Subquery(number), asked_by=Subquery(asked_by)).order_by("-id").values(*ToldRow.__dataclass_fields__)
        return [ToldRow(**row) for row in shown[:_MOST_TOLD]]
