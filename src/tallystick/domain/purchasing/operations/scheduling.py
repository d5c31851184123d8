"""Approve from the page: after a moment in which it can be undone. The row and the job that runs it are written together, so nothing is lost."""

from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers import queries as people
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit, system
from tallystick.domain.events import operations as events
from tallystick.domain.purchasing import models, refusals, rules
from tallystick.domain.purchasing.operations import deciding, locking
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

JOB = "approve_scheduled"
"""The reaction that runs a scheduled approval."""

_ENDED = {
    rules.ScheduleState.APPROVED: texts.marked("It is too late to undo this: the order is approved and its invoice is issued."),
    rules.ScheduleState.CANCELLED: texts.marked("This was undone already. The order is still pending."),
    rules.ScheduleState.REFUSED: texts.marked("This approval did not happen, so there is nothing to undo."),
}


@scope.retrying
def schedule_approval(*, viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime) -> models.ScheduledApproval:
    """Approve the revision that was looked at in UNDO_SECONDS from now; until then the order stays pending and nothing is posted.

    Raises NotAllowed, SamePerson, OrderNotFound, OrderDecided, StaleOrder, ApprovalScheduled.
    """
    permit(viewer, Act.APPROVE)
    assert viewer.person_id is not None, "a person approves from the page"
    with scope.of(viewer):
        order = locking.lock(viewer=viewer, purchase_order_id=purchase_order_id)
        deciding.require_approvable(viewer, order, expected_revision)
        locking.require_unscheduled(order)
        made = models.ScheduledApproval.objects.create(
            customer_id=order.customer_id,
            purchase_order_id=order.id,
            revision=expected_revision,
            person_id=viewer.person_id,
            person_name=viewer.name,
            scheduled_at=now,
            due_at=now + timedelta(seconds=rules.UNDO_SECONDS),
        )
        # no event is recorded yet: to the customer the order is pending. The job carries the row's id where others carry an event's.
        events.schedule(reaction=JOB, customer_id=order.customer_id, event_id=made.id, after_seconds=rules.UNDO_SECONDS)
    return made


@scope.retrying
def cancel_scheduled_approval(*, viewer: Viewer, scheduled_id: UUID, now: datetime) -> models.ScheduledApproval:
    """Undo an approval that has not run yet, however late the worker is; its job then finds nothing to do.

    Raises NotAllowed, ScheduleNotFound, ScheduleEnded.
    """
    permit(viewer, Act.APPROVE)
    with scope.of(viewer):
        found = _lock(viewer, scheduled_id)
        if found.state != rules.ScheduleState.WAITING:
            raise refusals.ScheduleEnded(_ENDED[rules.ScheduleState(found.state)], facts={"state": found.state})
        _end(found, rules.ScheduleState.CANCELLED, by=viewer.name, now=now)
    return found


def run_scheduled_approval(*, customer_id: int, scheduled_id: UUID, now: datetime) -> None:
    """Approve what was scheduled, as the person who did so; what can not be done any more is kept as refused, in words.

    A second run finds it ended. Approval and the end of the row are one transaction.
    """
    with scope.of(system(customer_id)):
        found = models.ScheduledApproval.objects.filter(customer_id=customer_id, id=scheduled_id).first()
        viewer = people.staff_viewer(person_id=found.person_id) if found else None
    if found is None or found.state != rules.ScheduleState.WAITING:
        return
    # whoever left since approves nothing; staff without a role may only write down why
    approver = viewer or Viewer(kind=ViewerKind.STAFF, name=found.person_name, person_id=found.person_id)
    try:
        _run(approver, found.id, now)
    except errors.Refusal as refusal:
        _refuse(approver, found.id, refusal.sentence, now)


@scope.retrying
def _run(viewer: Viewer, scheduled_id: UUID, now: datetime) -> None:
    with scope.of(viewer):
        found = _lock(viewer, scheduled_id)
        if found.state != rules.ScheduleState.WAITING:
            return
        invoice = deciding.approve_purchase_order(viewer=viewer, purchase_order_id=found.purchase_order_id, expected_revision=found.revision, now=now)
        found.invoice_id = invoice.id
        _end(found, rules.ScheduleState.APPROVED, by=viewer.name, now=now)


@scope.retrying
def _refuse(viewer: Viewer, scheduled_id: UUID, sentence: str, now: datetime) -> None:
    with scope.of(viewer):
        found = _lock(viewer, scheduled_id)
        if found.state == rules.ScheduleState.WAITING:
            found.refusal = sentence
            _end(found, rules.ScheduleState.REFUSED, by="", now=now)


def _lock(viewer: Viewer, scheduled_id: UUID) -> models.ScheduledApproval:
    """Lock the order, then the row: the order of locks of the house."""
    known = models.ScheduledApproval.objects.filter(id=scheduled_id).first()
    if known is None:
        raise refusals.ScheduleNotFound(texts.marked("There is no such scheduled approval."))
    locking.lock(viewer=viewer, purchase_order_id=known.purchase_order_id)
    return models.ScheduledApproval.objects.select_for_update(no_key=True).get(customer_id=known.customer_id, id=known.id)


def _end(found: models.ScheduledApproval, state: rules.ScheduleState, *, by: str, now: datetime) -> None:
    found.state, found.ended_at, found.ended_by = state, now, by
    columns = ["state", "ended_at", "ended_by", "refusal", "invoice_id"]
    of_this = models.ScheduledApproval.objects.filter(customer_id=found.customer_id, id=found.id)
    of_this.update(**{name: getattr(found, name) for name in columns})
