"""Run the approvals that staff gave on the page, once the moment to undo them is over."""

from uuid import UUID

from django.utils import timezone

from tallystick.domain.purchasing import operations


def approve_scheduled(customer_id: int, scheduled_id: UUID) -> None:
    """Approve the order, unless it was undone; one that can not be approved any more is shown to who approved it."""
    operations.run_scheduled_approval(customer_id=customer_id, scheduled_id=scheduled_id, now=timezone.now())
