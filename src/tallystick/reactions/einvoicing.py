"""Have the electronic form of a document made and checked before its PDF, into which it goes; what breaks a rule is kept with the rule and never leaves."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from tallystick.domain.customers import rules as customers
from tallystick.domain.invoicing import operations, queries
from tallystick.integrations.einvoicing import embedding, making, terms
from tallystick.integrations.pdf import documents


@dataclass(frozen=True, slots=True)
class Embedded:
    """Say what goes into a PDF: the attachment, what is done to the file then, and the hash that its signature covers."""

    attachments: tuple[documents.Attachment, ...] = ()
    finish: Callable[[bytes], bytes] = bytes
    xml_sha256: str = ""


def embedded(customer_id: int, subject_id: UUID, facts: Mapping[str, Any]) -> Embedded:
    """Make a document in both syntaxes, once, and give what its PDF carries; nothing where the norm can not say what it says.

    Raises WriterUnavailableError: the job is tried again.
    """
    viewer = customers.system(customer_id)
    kept = queries.kept_xml(viewer=viewer, subject_id=subject_id)
    if not kept:
        plain = terms.terms(facts, facts["exact"])
        worded = {"cii": plain, "ubl": terms.peppol(plain, facts) if settings.UBL_RULES else plain}
        made = [making.WRITER.make(syntax, worded[syntax]) for syntax in making.SYNTAXES]
        operations.store_einvoices(customer_id=customer_id, subject_id=subject_id, number=str(facts["number"]), made=made, now=timezone.now())
        kept = queries.kept_xml(viewer=viewer, subject_id=subject_id)
    xml = kept.get("cii", b"")
    if not xml:
        return Embedded()
    attachment = documents.Attachment(
        name=embedding.FILE_NAME, content=xml, media_type="text/xml", relationship="alternative", description=f"{facts['number']}, EN 16931"
    )
    return Embedded((attachment,), embedding.hybrid, hashlib.sha256(xml).hexdigest())
