"""Write the code of a bank transfer that a banking app reads: in euro, to an IBAN.

Source: European Payments Council, EPC069-12 v2.1, "Quick Response Code: Guidelines to Enable Data Capture for the Initiation of a SEPA
Credit Transfer".
"""

import re
from dataclasses import dataclass

import segno
from stdnum import iban

from tallystick.lib import money

_LARGEST_CENTS = 99_999_999_999
"""999,999,999.99 euro."""
_NAME_CHARACTERS = 70
_BYTES = 331
BIC = re.compile("[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_REFERENCE = re.compile("RF[0-9]{2}[A-Z0-9]{1,21}")


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a payer writes on a transfer; the amount in minor units of the currency."""

    holder: str
    account: str
    bic: str
    amount_minor: int
    currency: str
    reference: str


def payload(transfer: Transfer) -> str:
    """Write the twelve lines of the code; empty where the rules have no code for this transfer.

    Version 002, in which the BIC may be left out; UTF-8; the reference stands in the structured line where it is a creditor reference
    (ISO 11649), else in the free one; never in both.
    """
    account = iban.compact(transfer.account).upper()
    bic = transfer.bic.replace(" ", "").upper()
    holder = " ".join(transfer.holder.split())[:_NAME_CHARACTERS]
    if transfer.currency != "EUR" or not 0 < transfer.amount_minor <= _LARGEST_CENTS or not holder:
        return ""
    if not iban.is_valid(account) or (bic and not BIC.fullmatch(bic)):
        return ""
    reference = transfer.reference.replace(" ", "")
    structured = reference if _REFERENCE.fullmatch(reference) else ""
    free = "" if structured else " ".join(transfer.reference.split())[:140]
    amount = f"EUR{money.text(transfer.amount_minor, 'EUR')}"
    lines = ["BCD", "002", "1", "SCT", bic, holder, account, amount, "", structured, free, ""]
    written = "\n".join(lines)
    return written if len(written.encode()) <= _BYTES else ""


def code(transfer: Transfer) -> segno.QRCode | None:
    """Draw the code: error correction M and at most version 13, as the guidelines ask; None where there is none."""
    written = payload(transfer)
    if not written:
        return None
    drawn = segno.make_qr(written.encode(), error="m", boost_error=False, mode="byte")
    assert isinstance(drawn.version, int), "no micro code is asked for"
    assert drawn.version <= 13, "331 bytes fit into version 13"  # noqa: PLR2004 - the guidelines' number
    return drawn
