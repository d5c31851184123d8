"""Ask for purchase orders: those of a division, the operator's queue, one with its history, those of one number."""

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

__all__ = [
    "DecisionView",
    "Line",
    "Order",
    "OrderFilter",
    "OrderView",
    "Reckoned",
    "RevisionView",
    "StoredDocument",
    "document",
    "pending_by_division",
    "pending_count",
    "purchase_order",
    "purchase_orders",
    "reckoned",
    "same_number",
    "waiting",
]
