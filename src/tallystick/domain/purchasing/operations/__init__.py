"""Write purchase orders: submit, enter for a customer, approve, reject, withdraw, correct and send again."""

from tallystick.domain.purchasing.operations.deciding import Approval, approve_purchase_order, reject_purchase_order
from tallystick.domain.purchasing.operations.taking import (
    Upload,
    enter_purchase_order,
    resubmit_purchase_order,
    submit_purchase_order,
    withdraw_purchase_order,
)
from tallystick.domain.purchasing.refusals import FormReused, NumberUsed, OrderDecided, OrderNotFound, ReasonMissing, StaleOrder

__all__ = [
    "Approval",
    "FormReused",
    "NumberUsed",
    "OrderDecided",
    "OrderNotFound",
    "ReasonMissing",
    "StaleOrder",
    "Upload",
    "approve_purchase_order",
    "enter_purchase_order",
    "reject_purchase_order",
    "resubmit_purchase_order",
    "submit_purchase_order",
    "withdraw_purchase_order",
]
