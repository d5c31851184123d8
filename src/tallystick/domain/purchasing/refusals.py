"""Name the refusals of purchase orders."""

from tallystick.lib import errors


class OrderNotFound(errors.NotFound):
    """Say that the viewer has no such purchase order."""

    code = "purchase_order_not_found"


class NumberUsed(errors.Invalid):
    """Say that a pending or approved order has this number; `facts` has its purchase_order_id and state."""

    code = "purchase_order_number_used"


class OrderDecided(errors.Conflict):
    """Say that the order is not in a state in which this can be done; `facts` has the state."""

    code = "purchase_order_decided"


class StaleOrder(errors.Conflict):
    """Say that the order was changed since it was looked at; `facts` has the revision."""

    code = "stale"


class FormReused(errors.Conflict):
    """Say that this form was sent before with other contents."""

    code = "form_reused"


class ReasonMissing(errors.Invalid):
    """Say that a rejection needs a reason."""

    code = "reason_missing"


class ApprovalScheduled(errors.Conflict):
    """Say that somebody approved the order already and it runs in a moment; `facts` has who."""

    code = "approval_scheduled"


class ScheduleNotFound(errors.NotFound):
    """Say that there is no such scheduled approval."""

    code = "scheduled_approval_not_found"


class ScheduleEnded(errors.Conflict):
    """Say that a scheduled approval ran, was refused or was undone; `facts` has the state."""

    code = "scheduled_approval_ended"
