"""Ask for an export: how far it is, and its file; only who asked for it finds it, and only until it expires."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tallystick.domain.customers.rules import Act, Viewer, owner, permit
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.queries import rows
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """Show an export: `made` of `total` invoices are in it."""

    id: UUID
    kind: str
    total: int
    made: int
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what the worker needs to make a file."""

    kind: str
    person_id: int
    invoice_ids: list[UUID]
    is_ready: bool


def export(*, viewer: Viewer, export_id: UUID, now: datetime) -> ExportView:
    """Open one of the viewer's own exports. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        found = _own(viewer, export_id, now).values(*ExportView.__dataclass_fields__).first()
    if found is None:
        raise _gone()
    return ExportView(**found)


def export_content(*, viewer: Viewer, export_id: UUID, now: datetime) -> bytes:
    """Give the file. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        found = _own(viewer, export_id, now).filter(content__isnull=False).values_list("content", "wanted").first()
        if found is None or not _sees_all(viewer, found[1]):
            raise _gone()
    return bytes(found[0] or b"")


def wanted(*, viewer: Viewer, export_id: UUID) -> Wanted | None:
    """Tell the worker what to make; None where it is forgotten already."""
    with scope.of(viewer):
        found = models.Export.objects.filter(customer_id=owner(viewer), id=export_id).defer("content").first()
    return None if found is None else Wanted(found.kind, found.person_id, [ids.parse("inv", one) for one in found.wanted], found.ready_at is not None)


def _own(viewer: Viewer, export_id: UUID, now: datetime) -> QuerySet[models.Export]:
    permit(viewer, Act.SEE_FINANCES)
    return models.Export.objects.filter(customer_id=owner(viewer), id=export_id, person_id=viewer.person_id or 0, expires_at__gt=now)


def _sees_all(viewer: Viewer, wanted: list[str]) -> bool:
    """Tell whether the asker still sees each invoice: a division may have been taken from them since."""
    if viewer.division_ids is None:
        return True
    return rows.visible(viewer).filter(id__in=[ids.parse("inv", one) for one in wanted]).count() == len(wanted)


def _gone() -> errors.NotFound:
    return errors.NotFound(texts.marked("There is no such download. A download is its asker's alone, for one day."), code="download_gone")
