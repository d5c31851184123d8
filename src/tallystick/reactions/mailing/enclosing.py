"""Find the documents that go along with a mail: made before it, the same bytes that the pages give."""

from collections.abc import Sequence

from tallystick.domain.customers.rules import Viewer, system
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.mail import rules
from tallystick.domain.mail.queries import Outgoing
from tallystick.domain.payments import kept_receipts
from tallystick.integrations.mail.messages import Enclosure
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions.mailing import reminder_letter

_PDF = "application/pdf"
_SYNTAXES = ("ubl", "cii")
"""UBL first: the other one is inside the PDF already."""
_MOST_BYTES = 15_000_000
"""Many servers refuse mails above 20 MB, and what is enclosed grows by a third on its way."""


def enclosures(mail: Outgoing) -> list[Enclosure] | None:
    """Load what goes along; None while something of it is still being made. What would make the mail too large stays on its page."""
    viewer = system(mail.customer_id)
    try:
        if mail.kind is rules.Kind.INVOICE_ISSUED:
            return _within([one for part in mail.parts for one in _invoice(viewer, str(part["invoice_id"]), str(part["number"]))])
        if mail.kind is rules.Kind.PAYMENT_RECEIVED:
            return _receipt(viewer, mail.subject_ids)
        if mail.kind is rules.Kind.REMINDER:
            with scope.of(viewer):
                return reminder_letter.enclosed(mail.parts[0], mail.locale)
    except errors.NotFound as missing:
        if missing.code != "document_not_made":
            raise
        return None
    return []


def _invoice(viewer: Viewer, invoice_id: str, number: str) -> list[Enclosure]:
    """Give the PDF, and the XML of the first syntax in which the invoice breaks no rule: what breaks one never leaves."""
    found = ids.parse("inv", invoice_id)
    content = invoicing.invoice_document(viewer=viewer, invoice_id=found)
    given = [Enclosure(name=f"{_named(number)}.pdf", media_type=_PDF, content=content)]
    standing = invoicing.einvoices(viewer=viewer, subject_id=found)
    for syntax in _SYNTAXES:
        if standing.get(syntax) == ():
            xml = invoicing.invoice_xml(viewer=viewer, invoice_id=found, syntax=syntax)
            return [*given, Enclosure(name=f"{_named(number)}.xml", media_type="application/xml", content=xml)]
    return given


def _receipt(viewer: Viewer, subject_ids: Sequence[str]) -> list[Enclosure]:
    payment_id = ids.parse("pay", next(one for one in subject_ids if one.startswith("pay_")))
    reference, content = kept_receipts.receipt_document(viewer=viewer, payment_id=payment_id)
    return [Enclosure(name=f"{_named(reference)}.pdf", media_type=_PDF, content=content)]


def _named(number: str) -> str:
    """Make a file's name of a number that may have anything in it."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in number)


def _within(every: list[Enclosure]) -> list[Enclosure]:
    kept, left = [], _MOST_BYTES
    for one in every:
        if len(one.content) <= left:
            kept.append(one)
            left -= len(one.content)
    return kept
