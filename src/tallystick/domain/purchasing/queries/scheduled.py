"""Ask which approvals wait for their moment, and how those of a person ended."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.purchasing import models, rules
from tallystick.integrations.postgres import scope

_MOST = 50
WAITING_MARK = "(select coalesce(md5(string_agg(id::text, ' ' order by id)), '') from purchasing_scheduledapproval where state = 'waiting')"
"""SQL for a text that changes when an approval is scheduled, undone or run: an open page of staff's is brought up to date by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """Show an approval from the page: waiting, or how it ended."""

    id: UUID
    purchase_order_id: UUID
    number: str
    revision: int
    state: str
    person_id: int
    person_name: str
    due_at: datetime
    ended_at: datetime | None
    ended_by: str
    refusal: str
    invoice_id: UUID | None

    @property
    def is_waiting(self) -> bool:
        """Tell whether it can still be undone."""
        return self.state == rules.ScheduleState.WAITING


def scheduled_approvals(*, viewer: Viewer, since: datetime, purchase_order_id: UUID | None = None) -> list[Scheduled]:
    """List all that wait, the viewer's own that ended after `since`, and what was refused of one order; newest first. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    wanted = Q(state=rules.ScheduleState.WAITING) | Q(person_id=viewer.person_id, ended_at__gte=since)
    if purchase_order_id is not None:
        wanted |= Q(purchase_order_id=purchase_order_id, state=rules.ScheduleState.REFUSED)
    with scope.of(viewer):
        rows = list(models.ScheduledApproval.objects.filter(wanted).order_by("-id")[:_MOST])
        orders = models.PurchaseOrder.objects.filter(id__in={row.purchase_order_id for row in rows}) if rows else []
        numbers = {order.id: order.number for order in orders}
    named = [name for name in Scheduled.__dataclass_fields__ if name != "number"]
    return [Scheduled(number=numbers[row.purchase_order_id], **{name: getattr(row, name) for name in named}) for row in rows]
