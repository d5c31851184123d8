"""Ask for purchase orders: those of a division, the operator's queue, one with its history, those of one number."""

from tallystick.domain.purchasing.queries.listing import Listing, OrderRow, Sort, listed, tally
from tallystick.domain.purchasing.queries.orders import (
    DecisionView,
    Line,
    Order,
    OrderFilter,
    OrderView,
    Reckoned,
    RevisionView,
    StoredDocument,
    document,
    pending_by_division,
    pending_count,
    purchase_order,
    purchase_orders,
    reckoned,
    same_number,
    waiting,
)
from tallystick.domain.purchasing.queries.scheduled import WAITING_MARK, Scheduled, scheduled_approvals

__all__ = [
    "WAITING_MARK",
    "DecisionView",
    "Line",
    "Listing",
    "Order",
    "OrderFilter",
    "OrderRow",
    "OrderView",
    "Reckoned",
    "RevisionView",
    "Scheduled",
    "Sort",
    "StoredDocument",
    "document",
    "listed",
    "pending_by_division",
    "pending_count",
    "purchase_order",
    "purchase_orders",
    "reckoned",
    "same_number",
    "scheduled_approvals",
    "tally",
    "waiting",
]
