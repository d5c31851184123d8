"""Show the approvals that run in a moment, follow them, and undo one; a fragment that the queue and the review page carry on top."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import operations
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.web import page
from tallystick.interfaces.web.statuses import Status

_SHOWN = timedelta(minutes=10)
_LATE = timedelta(seconds=5)
"""Later than this after its moment, an approval waits for a worker that does not run."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One approval as the strip shows it: its state in a word, a sentence, the seconds left, where its invoice is."""

    scheduled: purchasing.Scheduled
    status: Status
    says: str
    left_seconds: int
    invoice_number: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands on top of a page: the viewer's own approvals, newest first; every waiting one by its order."""

    own: list[Followed]
    by_order: dict[uuid.UUID, Followed]
    refused: Followed | None

    @property
    def states(self) -> str:
        """Tell in one text how they stand: another text is another picture."""
        return " ".join(f"{one.scheduled.id}:{one.scheduled.state}:{one.status.icon}" for one in self.own)


def strip(viewer: rules.Viewer, now: datetime, order_id: uuid.UUID | None = None) -> Strip:
    """Read it, inside the running scope; with an order, say also why its last approval did not happen."""
    rows = purchasing.scheduled_approvals(viewer=viewer, since=now - _SHOWN, purchase_order_id=order_id)
    issued = [row.invoice_id for row in rows if row.invoice_id]
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=issued) if issued else {}
    followed = [_followed(row, numbers.get(row.invoice_id, "") if row.invoice_id else "", now) for row in rows]
    of_order = [one for one in followed if one.scheduled.purchase_order_id == order_id]
    return Strip(
        own=[one for one in followed if one.scheduled.person_id == viewer.person_id][:5],
        by_order={one.scheduled.purchase_order_id: one for one in followed if one.scheduled.is_waiting},
        refused=of_order[0] if of_order and of_order[0].scheduled.state == "refused" else None,
    )


def _followed(row: purchasing.Scheduled, invoice_number: str, now: datetime) -> Followed:
    left_seconds = max(0, round((row.due_at - now).total_seconds()))
    values = {"number": row.number, "who": row.person_name, "invoice": invoice_number}
    if row.is_waiting and now - row.due_at > _LATE:
        says = _("%(number)s waits: the work behind the pages does not run. It is approved as soon as it does, unless you undo it.") % values
        return Followed(row, Status(_("Approval waits"), "warn", "heed"), says, left_seconds, "")
    if row.is_waiting:
        says = _("%(number)s is pending, and approved by %(who)s in a moment.") % values
        return Followed(row, Status(_("Approval scheduled"), "wait", "act"), says, left_seconds, "")
    if row.state == "approved":
        return Followed(row, Status(_("Approved"), "done", "good"), _("%(number)s: invoice %(invoice)s is issued.") % values, 0, invoice_number)
    if row.state == "cancelled":
        return Followed(row, Status(_("Undone"), "back"), _("%(number)s is pending again.") % values, 0, "")
    said = _("%(number)s is not approved: %(why)s") % {**values, "why": row.refusal}
    return Followed(row, Status(_("Not approved"), "warn", "bad", loud=True), said, 0, "")


@require_safe
@page.page(rules.Act.SEE_ALL)
def scheduled(request: page.Seen) -> HttpResponse:
    """Give the strip alone, for an open page that follows it."""
    return page.show(request, "operator/parts/scheduled.html", lambda: {"strip": strip(request.viewer, timezone.now()), "fragment": True})


@require_POST
@page.page(rules.Act.APPROVE)
def undo(request: page.Seen, scheduled_id: uuid.UUID) -> HttpResponse:
    """Take an approval back that has not run yet, and go back to its order."""
    found = operations.cancel_scheduled_approval(viewer=request.viewer, scheduled_id=scheduled_id, now=timezone.now())
    messages.success(request, _("Undone. The order is pending again."))
    return redirect("review", purchase_order_id=found.purchase_order_id)
