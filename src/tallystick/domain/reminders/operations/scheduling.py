"""Keep the groups with their schedules, and put customers into them."""

from collections.abc import Sequence
from datetime import datetime

from tallystick.domain.customers import queries as directory
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.reminders import models, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


class GroupNameTaken(errors.Conflict):
    """Say that another group has this name."""

    code = "reminder_group_name_taken"


@scope.retrying
def create_group(*, viewer: Viewer, name: str, steps: Sequence[rules.Step]) -> int:
    """Make a group with its schedule; tell its id. Raises NotAllowed, Invalid, GroupNameTaken."""
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        return models.Group.objects.create(name=_free_name(name, but=None), steps=_kept(steps)).id


@scope.retrying
def set_group(*, viewer: Viewer, group_id: int, name: str, steps: Sequence[rules.Step]) -> None:
    """Give a group another name or schedule; steps that were taken stay taken. Raises NotAllowed, GroupNotFound, Invalid, GroupNameTaken."""
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        found = models.Group.objects.select_for_update(no_key=True).filter(id=group_id).first()
        if found is None:
            raise queries.GroupNotFound(texts.marked("There is no such group."))
        found.name, found.steps = _free_name(name, but=group_id), _kept(steps)
        found.save(force_update=True, update_fields=["name", "steps"])


@scope.retrying
def choose_group(*, viewer: Viewer, customer_id: int, group_id: int, now: datetime) -> None:
    """Put a customer into a group, which its next reminders follow. Raises NotAllowed, NotFound, GroupNotFound."""
    permit(viewer, Act.ENTER)
    with scope.of(viewer):
        directory.customer(viewer=viewer, customer_id=customer_id)
        if not models.Group.objects.filter(id=group_id).exists():
            raise queries.GroupNotFound(texts.marked("There is no such group."))
        chosen = {"group_id": group_id, "since": now, "changed_by": viewer.name}
        models.Membership.objects.update_or_create(customer_id=customer_id, defaults=chosen)


def _free_name(name: str, *, but: int | None) -> str:
    cleaned = " ".join(name.split())
    if not 0 < len(cleaned) <= rules.LONGEST_NAME:
        raise errors.Invalid(texts.marked("Give it a name of at most %(most)s characters.", most=rules.LONGEST_NAME), field="name")
    if any(group_id != but for group_id in models.Group.objects.filter(name__iexact=cleaned).values_list("id", flat=True)):
        raise GroupNameTaken(texts.marked("Another group has this name."), field="name")
    return cleaned


def _kept(steps: Sequence[rules.Step]) -> list[list[object]]:
    return [[step.days, str(step.tone)] for step in rules.checked_steps(steps)]
