"""Give documents that are found by their subject: receipts, monthly statements."""

from uuid import UUID

from tallystick.domain.invoicing import models
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, store
from tallystick.lib import errors, texts


def document_of(*, customer_id: int, subject_id: UUID) -> bytes:
    """Give the document of a subject that the caller found for its viewer, inside the running scope. Raises NotFound while it is being made."""
    assert scope.is_open(), "whoever asks has found the subject in a scope"
    kept = models.Document.objects.filter(customer_id=customer_id, subject_id=subject_id).first()
    if kept is None:
        raise errors.NotFound(texts.marked("This document is being made. Try again in a moment."), code="document_not_made")
    content = bytes(kept.content) if kept.content is not None else None
    return chosen.CHOSEN.get(kept.sha256, store.Placed(content=content, reference=kept.reference))
