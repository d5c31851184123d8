"""Keep the electronic form of a document, once: what may leave, or why it may not."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.invoicing import models
from tallystick.integrations.einvoicing.making import Made
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import chosen


def store_einvoices(*, customer_id: int, subject_id: UUID, number: str, made: Sequence[Made], now: datetime) -> Mapping[str, str]:
    """Keep a document in each syntax and give the SHA-256 of those that may leave, by syntax; a second call gives the first one's. Runs as the worker."""
    placed = {one.syntax: (hashlib.sha256(one.xml).hexdigest(), one) for one in made}
    stored = {syntax: chosen.CHOSEN.put(sha256, one.xml) for syntax, (sha256, one) in placed.items() if one.is_valid}
    with scope.of(customers.system(customer_id)):
        for syntax, (sha256, one) in placed.items():
            kept, is_new = models.EInvoice.objects.get_or_create(
                customer_id=customer_id,
                subject_id=subject_id,
                syntax=syntax,
                defaults={
                    "number": number,
                    "sha256": sha256 if one.is_valid else "",
                    "faults": [{"rule": fault.rule, "text": fault.text} for fault in one.faults],
                    "made_at": now,
                },
            )
            if is_new and kept.sha256:
                place = stored[syntax]
                models.Document.objects.get_or_create(
                    customer_id=customer_id,
                    sha256=sha256,
                    defaults={"kind": "application/xml", "content": place.content, "reference": place.reference, "made_at": now},
                )
        kept_rows = models.EInvoice.objects.filter(customer_id=customer_id, subject_id=subject_id).exclude(sha256="")
        return dict(kept_rows.values_list("syntax", "sha256"))
