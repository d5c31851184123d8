"""Set what a division may spend within an hour, and close a fuse that has opened."""

from datetime import datetime

from django.db import models as django_models

from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, owner, permit, permit_division
from tallystick.domain.events import operations as events
from tallystick.domain.funds import models
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts

MOST_CHARGES = 1_000_000_000


@scope.retrying
def set_fuse(*, viewer: Viewer, division_id: int, amount_minor: int | None, count: int | None, customer_id: int | None = None) -> None:
    """Let a division spend at most this amount and this many charges and holds within an hour; None for either is no limit, None for both no fuse.

    What was counted in the running hour stays counted, and an open fuse stays open until it is closed, or taken away.
    Raises NotAllowed, NotFound, Invalid.
    """
    permit(viewer, Act.APPROVE if viewer.kind is ViewerKind.STAFF else Act.CHANGE_SETTINGS)
    permit_division(viewer, division_id)
    if amount_minor is not None and not 0 < amount_minor < money.LARGEST_MINOR:
        raise errors.Invalid(texts.marked("Enter an amount above 0."), field="amount")
    if count is not None and not 0 < count <= MOST_CHARGES:
        raise errors.Invalid(texts.marked("Enter a number above 0."), field="count")
    of, is_fused = owner(viewer, customer_id), amount_minor is not None or count is not None
    with scope.of(viewer):
        # the fund's row first: who charges holds it while they look at the fuse
        if not models.Fund.objects.filter(customer_id=of, id=division_id).update(is_fused=is_fused):
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        limits: dict[str, object] = {"amount_minor": amount_minor, "count": count}
        models.Fuse.objects.update_or_create(customer_id=of, id=division_id, defaults=limits if is_fused else {**limits, "opened_at": None})
        _record(of, division_id, "spending_fuse.set", limits, viewer)


@scope.retrying
def close_fuse(*, viewer: Viewer, division_id: int, now: datetime, customer_id: int | None = None) -> bool:
    """Let a division spend again after its fuse has opened; the hour begins anew. Tells whether it was open. Raises NotAllowed, NotFound."""
    permit(viewer, Act.APPROVE if viewer.kind is ViewerKind.STAFF else Act.PAY)
    permit_division(viewer, division_id)
    of = owner(viewer, customer_id)
    with scope.of(viewer):
        found = models.Fuse.objects.filter(customer_id=of, id=division_id)
        if not found.exists():
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        fresh: dict[str, object] = {"opened_at": None, "started_at": now, "spent_minor": 0, "counted": 0}
        is_closed = bool(found.filter(~django_models.Q(opened_at=None)).update(**fresh))
        if is_closed:
            _record(of, division_id, "spending_fuse.closed", {}, viewer)
    return is_closed


def _record(customer_id: int, division_id: int, kind: str, facts: dict[str, object], viewer: Viewer) -> None:
    events.record(customer_id=customer_id, kind=kind, subject_id=ids.public("div", division_id), facts=facts, viewer=viewer)
