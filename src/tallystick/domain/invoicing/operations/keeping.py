"""Keep made documents that stand on no row of an invoice or credit note: receipts, monthly statements."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.invoicing import models
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen, store


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold where a document's bytes are, before a row names them."""

    sha256: str
    placed: store.Placed


def place(content: bytes) -> Kept:
    """Bring the bytes where documents are kept; outside of any transaction, for a file without a row does no harm."""
    sha256 = hashlib.sha256(content).hexdigest()
    return Kept(sha256, chosen.CHOSEN.put(sha256, content))


def keep_for(*, customer_id: int, subject_id: UUID, placed: Kept, replaced: Sequence[str] = (), now: datetime) -> str:
    """Keep a document for its subject once, and give its SHA-256: the first one's where there is one. The caller holds the subject's lock."""
    assert scope.is_open(), "a document is kept inside its subject's transaction"
    before = models.Document.objects.filter(customer_id=customer_id, subject_id=subject_id).values_list("sha256", flat=True).first()
    if before:
        return before
    models.Document.objects.get_or_create(
        customer_id=customer_id,
        sha256=placed.sha256,
        defaults={
            "kind": "application/pdf",
            "content": placed.placed.content,
            "reference": placed.placed.reference,
            "subject_id": subject_id,
            "replaced": "".join(replaced),
            "made_at": now,
        },
    )
    return placed.sha256
