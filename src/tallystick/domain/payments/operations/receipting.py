"""Keep the made receipt of a payment."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.invoicing.operations import keeping
from tallystick.domain.payments import models
from tallystick.integrations.postgres import scope


def keep_receipt(*, customer_id: int, payment_id: UUID, content: bytes, replaced: Sequence[str] = (), now: datetime) -> str:
    """Keep the receipt of an arrived payment once, and give its SHA-256; a second call gives the first one's. Runs as the worker."""
    placed = keeping.place(content)
    with scope.of(customers.system(customer_id)):
        models.Payment.objects.select_for_update(no_key=True).get(customer_id=customer_id, id=payment_id)
        return keeping.keep_for(customer_id=customer_id, subject_id=payment_id, placed=placed, replaced=replaced, now=now)
