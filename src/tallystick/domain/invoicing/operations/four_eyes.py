"""Hold that no one approves what they entered."""

from tallystick.domain.customers import models
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.invoicing.operations import refusals
from tallystick.lib import texts


def require_another(*, viewer: Viewer, person_id: int | None) -> None:
    """Let another person than the one who entered it pass; an operator of one person may switch this off (an audited setting).

    Runs in the caller's scope. Raises SamePerson.
    """
    if person_id is None or viewer.person_id != person_id:
        return
    switched_on = models.Setting.objects.filter(name="four_eyes").values_list("value", flat=True).first()
    if switched_on is False:
        return
    raise refusals.SamePerson(texts.marked("You entered this. Another person has to decide on it."))
