"""Lay out what goes with one payment: the receipt of money that arrived, and the slip of a transfer that is to come."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tallystick.integrations.pdf import facts, invoices, sheets, words
from tallystick.integrations.pdf.words import run

_METHODS = {
    "card": gettext_lazy("Card"),
    "bank_transfer": gettext_lazy("Bank transfer"),
    "cheque": gettext_lazy("Cheque"),
    "unapplied_credit": gettext_lazy("Unapplied credit"),
    "balance": gettext_lazy("Account balance"),
}


def receipt(document: facts.Receipt) -> sheets.Sheet:
    """Lay out a receipt: what was received, how, and which invoices it went to."""
    currency, language = document["currency"], document.get("language", words.ENGLISH)
    strip = [
        sheets.cell(_("Received"), words.day(document["issued_on"], language), strong=True),
        sheets.cell(_("Method"), _method(document)),
        sheets.cell(_("Division"), document["division"]),
        sheets.cell(_("Reference"), sheets.grouped(document.get("reference", ""))),
    ]
    names = [_("Invoice"), _("Still open, %(currency)s"), _("Paid, %(currency)s")]
    columns = sheets.columns([name % {"currency": currency} for name in names], 2)
    rows = [[paid["invoice_number"], paid["still_open"], paid["amount"]] for paid in document["payments"]]
    sums = [sheets.total(_("Kept as unapplied credit"), document["unapplied"])] if document.get("unapplied") else []
    sums.append(sheets.total(_("Received, %(currency)s") % {"currency": currency}, document["received"], heavy=True))
    box = None
    if added := document.get("added_to_funds", ""):
        said = invoices.adds(document, added, _("It added %(amount)s to the funds of the division %(division)s."))
        box = sheets.Box(heading=_("What this payment did"), sentences=[said], named=[], scan="")
    title = _("Receipt %(number)s") % {"number": document["number"]}
    return sheets.unbilled(sheets.sheet(document, title=title, strip=strip, table=(columns, rows), sums=sums, box=box))


def payment_slip(document: facts.PaymentSlip) -> sheets.Sheet:
    """Lay out the slip of a transfer: to whom, how much, with which reference, as details to type and as the code to scan."""
    currency, language, reference = document["currency"], document.get("language", words.ENGLISH), document["reference"]
    strip = [
        sheets.cell(_("Reference"), sheets.grouped(reference), strong=True),
        sheets.cell(_("Division"), document["division"]),
        sheets.cell(_("Announced"), words.day(document["issued_on"], language)),
        sheets.cell(_("Method"), _("Bank transfer")),
    ]
    columns = sheets.columns([_("What it is for"), _("Amount, %(currency)s") % {"currency": currency}], 1)
    rows = [[_("Invoice %(number)s") % {"number": asked["invoice_number"]}, asked["amount"]] for asked in document["payments"]]
    rows = rows or [[_("Deposit to the funds of %(division)s") % {"division": document["division"]}, document["amount"]]]
    sums = [sheets.total(_("To transfer, %(currency)s") % {"currency": currency}, document["amount"], heavy=True)]
    said = _("Write the reference on the transfer; by it we find your payment. Funds follow when the money arrives, usually in 1 to 2 days.")
    code = sheets.code(document["bank"], amount_minor=document["amount_minor"], currency=currency, reference=reference)
    box = sheets.Box(heading=_("How to pay"), sentences=[[run(said)]], named=sheets.bank(document["bank"], reference), scan=sheets.scan(code))
    made = sheets.sheet(document, title=_("Payment slip"), strip=strip, table=(columns, rows), sums=sums, box=box)
    made["code"] = code
    return sheets.unbilled(made)


def _method(document: facts.Receipt) -> str:
    card = document.get("card")
    if document["method"] == "card" and card:
        return _("%(brand)s ending in %(last4)s") % {"brand": card["brand"], "last4": card["last4"]} + (
            f", {card['expiry']}" if card["expiry"] else ""
        )
    return str(_METHODS.get(document["method"], _("Other")))
