"""Lay out invoices and credit notes: what is asked for or taken back, by which rates, and what comes of it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tallystick.integrations.pdf import codes, facts, sheets, words
from tallystick.integrations.pdf.words import Run, run, sentence


def invoice(document: facts.Invoice) -> sheets.Sheet:
    """Lay out an invoice: to pay by when, what it is for, what paying does and how."""
    language, paid, currency = document.get("language", words.ENGLISH), document.get("paid", ""), document["currency"]
    strip = [
        sheets.cell(_("Purchase order"), document["purchase_order_number"]),
        sheets.cell(_("Original number"), document.get("original_number", "")),
        sheets.cell(_("Division"), document["division"]),
        sheets.cell(_("Issued"), words.day(document["issued_on"], language)),
        sheets.cell(_("Payment terms"), "" if paid else words.terms(document["terms_days"])),
        sheets.cell(_("Due"), "" if paid else words.day(document["due_on"], language), strong=True),
    ]
    sums = _net_and_taxes(document["net"], document["taxes"])
    if paid:
        sums += [sheets.total(_("Total"), document["gross"]), sheets.total(_("Paid"), paid)]
    if document["due_on"] and not paid:
        asked = _("To pay by %(day)s, %(currency)s") % {"day": words.day(document["due_on"], language, form="long"), "currency": currency}
    else:
        asked = _("To pay, %(currency)s") % {"currency": currency}
    sums.append(sheets.total(asked, document["to_pay"], heavy=True))
    box, code = (_done(document), None) if paid else _paying(document)
    title = _("Invoice %(number)s") % {"number": document["number"]}
    made = sheets.sheet(document, title=title, strip=strip, table=_lines(document), sums=sums, box=box)
    made["code"] = code
    return made


def credit_note(document: facts.CreditNote) -> sheets.Sheet:
    """Lay out a credit note: which invoice it takes back, why, and where the amount went."""
    language, currency, number = document.get("language", words.ENGLISH), document["currency"], document["invoice_number"]
    strip = [
        sheets.cell(_("Invoice"), number, strong=True),
        sheets.cell(_("Invoice date"), words.day(document["invoice_issued_on"], language)),
        sheets.cell(_("Division"), document["division"]),
        sheets.cell(pgettext("a credit note", "Issued"), words.day(document["issued_on"], language)),
    ]
    columns = sheets.columns([_("Description"), _("Amount, %(currency)s") % {"currency": currency}], 1)
    rows = [[_("Credit on %(number)s, tax %(rate)s") % {"number": number, "rate": tax["rate"]}, tax["base"]] for tax in document["taxes"]]
    credited = sheets.total(_("Credited, %(currency)s") % {"currency": currency}, document["gross"], heavy=True)
    reason = _(facts.PAID_FROM_BALANCE) if document["reason"] == facts.PAID_FROM_BALANCE else document["reason"]
    sentences = [[run(reason)]] if reason else []
    if against := document.get("against_open"):
        open_ = _figure(against, currency)
        sentences.append(sentence(_("%(amount)s are taken off what is open on %(number)s."), amount=open_, number=run(number)))
    if against := document.get("against_paid"):
        sentences.append(sentence(_("%(amount)s are kept as unapplied credit."), amount=_figure(against, currency)))
    box = sheets.Box(heading=_("What this credit note does"), sentences=sentences, named=[], scan="") if sentences else None
    title = _("Credit note %(number)s") % {"number": document["number"]}
    sums = [*_net_and_taxes(document["net"], document["taxes"]), credited]
    return sheets.sheet(document, title=title, strip=strip, table=(columns, rows), sums=sums, box=box)


def adds(document: facts.Invoice | facts.Receipt, amount: str, sentence_: str) -> list[Run]:
    """Say how much comes, or came, to the funds of a division."""
    return sentence(sentence_, amount=_figure(amount, document["currency"]), division=run(document["division"], strong=True))


def _lines(document: facts.Invoice) -> tuple[list[sheets.Column], list[list[str]]]:
    """Show a column for tax only where there is more than one rate."""
    lines = document["lines"]
    rates = len({line.get("tax_rate", "") for line in lines}) > 1
    amount = _("Amount, %(currency)s") % {"currency": document["currency"]}
    names = [_("Description"), _("Quantity"), _("Unit price"), *([_("Tax")] if rates else []), amount]
    rows = [
        [line["description"], line["quantity"], line["unit_price"], *([line.get("tax_rate", "")] if rates else []), line["amount"]] for line in lines
    ]
    return sheets.columns(names, len(names) - 1), rows


def _net_and_taxes(net: str, taxes: Sequence[facts.Tax]) -> list[sheets.Sum]:
    rows = [sheets.total(_("Net amount"), net)]
    for tax in taxes:
        named, values = tax.get("label", ""), {"rate": tax["rate"], "base": tax["base"]}
        said = _("%(tax)s %(rate)s of %(base)s") % {"tax": named, **values} if named else _("Tax %(rate)s of %(base)s") % values
        note = tax.get("note", "")
        rows.append(sheets.total(said, tax["amount"], note=_(note) if note in facts.USUAL_REASONS else note))
    return rows


def _done(document: facts.Invoice) -> sheets.Box | None:
    """Say what the payment of a settled deposit did."""
    added = document.get("adds_to_funds", "")
    if not added:
        return None
    said = adds(document, added, _("It added %(amount)s to the funds of the division %(division)s."))
    return sheets.Box(heading=_("What this payment did"), sentences=[said], named=[], scan="")


def _paying(document: facts.Invoice) -> tuple[sheets.Box, codes.Drawn | None]:
    """Say what paying does, and how."""
    sentences: list[list[Run]] = []
    if added := document.get("adds_to_funds", ""):
        sentences.append(
            adds(document, added, _("It adds %(amount)s to the funds of the division %(division)s. A part payment adds its part at once."))
        )
    elif document["kind"] == "amount_owed":
        said = _("It settles what was bought on account. The balance of %(division)s does not change.")
        sentences.append(sentence(said, division=run(document["division"], strong=True)))
    else:
        sentences.append([run(_("It settles what this invoice corrects."))])
    sentences.append(sentence(_("By card: sign in and open %(page)s."), page=run(_("Pay Invoice"), strong=True)))
    bank, reference = document.get("bank"), document.get("reference", "")
    if bank:
        sentences.append([run(_("By transfer: write the reference on it; by it we find your payment."))])
    code = sheets.code(bank, amount_minor=document.get("to_pay_minor", 0), currency=document["currency"], reference=reference)
    box = sheets.Box(heading=_("What paying does"), sentences=sentences, named=sheets.bank(bank, reference), scan=sheets.scan(code))
    return box, code


def _figure(amount: str, currency: str) -> Run:
    """Keep an amount and its currency together."""
    return run(f"{amount} {currency}", strong=True, figure=True)
