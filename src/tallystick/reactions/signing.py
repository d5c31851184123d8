"""Draw a document and sign it: its code before it is drawn, the whole file when nothing will touch it any more."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.utils import timezone

from tallystick.domain.invoicing.queries import papers
from tallystick.domain.signing import operations
from tallystick.integrations.pdf import documents


def signed(
    kind: str,
    facts: Mapping[str, object],
    signable: papers.Signable,
    *,
    attachments: Sequence[documents.Attachment] = (),
    finish: Callable[[bytes], bytes] = bytes,
) -> documents.Rendered:
    """Draw the facts with the code of their paper, `finish` the file, and seal it; nobody may change a byte of it afterwards.

    Stands outside of any transaction. Raises Locked where the installation's secret was changed: the job waits until the key is rotated.
    """
    signer = operations.signer(legal_entity_id=signable.legal_entity_id, secret=settings.SECRET_KEY, url=settings.URL, now=timezone.now())
    drawn = documents.render(kind, facts, attachments=attachments, qr=signer.code(signable.paper))
    content = signer.sealed(finish(drawn.content), signable.paper)
    return dataclasses.replace(drawn, content=content, sha256=hashlib.sha256(content).hexdigest())
