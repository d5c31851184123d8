"""Write purchase orders: submit, enter for a customer, approve at once or in a moment, reject, withdraw, correct and send again."""

from tallystick.domain.purchasing.operations.deciding import Approval, approve_purchase_order, reject_purchase_order
from tallystick.domain.purchasing.operations.scheduling import cancel_scheduled_approval, run_scheduled_approval, schedule_approval
from tallystick.domain.purchasing.operations.taking import (
    Upload,
    enter_purchase_order,
    resubmit_purchase_order,
    submit_purchase_order,
    withdraw_purchase_order,
)
from tallystick.domain.purchasing.refusals import (
    ApprovalScheduled,
    FormReused,
    NumberUsed,
    OrderDecided,
    OrderNotFound,
    ReasonMissing,
    ScheduleEnded,
    ScheduleNotFound,
    StaleOrder,
)

__all__ = [
    "Approval",
    "ApprovalScheduled",
    "FormReused",
    "NumberUsed",
    "OrderDecided",
    "OrderNotFound",
    "ReasonMissing",
    "ScheduleEnded",
    "ScheduleNotFound",
    "StaleOrder",
    "Upload",
    "approve_purchase_order",
    "cancel_scheduled_approval",
    "enter_purchase_order",
    "reject_purchase_order",
    "resubmit_purchase_order",
    "run_scheduled_approval",
    "schedule_approval",
    "submit_purchase_order",
    "withdraw_purchase_order",
]
