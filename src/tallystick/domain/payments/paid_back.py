"""Read refunds of unapplied credit: one, or a page of them."""

from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.payments import models
from tallystick.integrations.postgres import scope

type Refund = models.Refund
"""A refund as it is read beyond the domain."""


def refund(*, viewer: Viewer, refund_id: UUID) -> Refund | None:
    """Load a refund; None where there is none in the viewer's sight. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        return _seen(viewer, None).filter(id=refund_id).first()


def refunds(*, viewer: Viewer, customer_id: int | None, before: UUID | None, newer_than: UUID | None, limit: int) -> list[Refund]:
    """Page through refunds, newest first: the newest, those before one, or the next newer ones. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        rows = _seen(viewer, customer_id)
        if newer_than is not None:
            return list(rows.filter(id__gt=newer_than).order_by("id")[:limit])[::-1]
        return list((rows.filter(id__lt=before) if before else rows).order_by("-id")[:limit])


def _seen(viewer: Viewer, customer_id: int | None) -> QuerySet[models.Refund]:
    owner = customer_id or viewer.customer_id
    rows = models.Refund.objects.filter(customer_id=owner) if owner else models.Refund.objects.all()
    return rows if viewer.division_ids is None else rows.filter(division_id__in=viewer.division_ids)
