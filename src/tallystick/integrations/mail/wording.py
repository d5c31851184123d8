"""Word each kind of mail, from its facts and in the active language. The facts are those that reactions gather (reactions/mailing/facts.py)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from tallystick.integrations.mail import figures, reminding
from tallystick.integrations.mail.letters import Letter

type Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Say to whom a mail speaks: name (may be empty), why they are written to, language, and where alerts are stopped ("" where they can not be)."""

    name: str
    role: str
    locale: str
    stop: str = ""


def letter(kind: str, parts: Sequence[Part], reader: Reader, *, url: str, enclosed: Sequence[str] = ()) -> Letter:
    """Word a mail in its reader's language; `enclosed` are the media types of what goes along. Raises KeyError for an unknown kind or a missing fact."""
    with translation.override(figures.language(reader.locale)):
        if translation.get_language_bidi():
            parts, reader = [_isolated(part) for part in parts], replace(reader, name=_apart(reader.name))
        worded = _KINDS[kind](parts, reader.locale, enclosed)
        seller, customer = parts[0]["seller"], parts[0]["customer"]
        line = _("%(seller)s to %(name)s, %(customer)s") if reader.name else _("%(seller)s to %(customer)s")
        foot = _foot(reader.role) % {"customer": customer, "seller": seller["name"]}
        return replace(
            worded,
            line=line % {"seller": seller["name"], "name": reader.name, "customer": customer},
            link=f"{url}{worded.link}" if worded.link else "",
            questions=_("Questions? Answer this mail and a person reads it."),
            foot=" ".join(part for part in (foot, _signed(seller)) if part),
            stop=reader.stop,
            stop_words=_("Send me no more of these alerts") if reader.stop else "",
        )


def _isolated(part: Part) -> Part:
    """Keep names and numbers whole that stand in a sentence of the other direction: their own signs would change places (UAX #9, isolates)."""
    names = ("customer", "division", "number", "purchase_order_number", "reference")
    told = {name: _apart(part[name]) for name in names if part.get(name)}
    return {**part, **told, "seller": {**part["seller"], "name": _apart(part["seller"]["name"])}}


def _apart(written: str) -> str:
    return f"\u2068{written}\u2069" if written else ""


def _foot(role: str) -> str:
    return {
        "billing_contact": _(
            "You get this because you are the billing contact of %(customer)s. An administrator can change that under Finances, Settings."
        ),
        "further": _(
            "You get this because %(customer)s named your address for its invoices. An administrator can change that under Finances, Settings."
        ),
        "order": _("You get this because your address stands on a purchase order of %(customer)s."),
        "finance": _("You get this because you work with the finances of %(customer)s."),
        "next_contact": _("You get this because an e-mail to another contact of %(customer)s came back."),
        "resent": _("You get this because somebody at %(seller)s sent it to your address."),
    }[role]


def _signed(seller: Mapping[str, Any]) -> str:
    lines = (str(seller["name"]).strip("\u2068\u2069"), *str(seller.get("address", "")).splitlines())
    signed = ", ".join(line for line in lines if line) + "."
    return _apart(signed) if translation.get_language_bidi() else signed


def _invoices(parts: Sequence[Part], spoken: str, enclosed: Sequence[str]) -> Letter:
    return _invoice(parts[0], spoken, enclosed) if len(parts) == 1 else _several(parts, spoken, enclosed)


def _invoice(part: Part, spoken: str, enclosed: Sequence[str]) -> Letter:
    currency, number, order = part["currency"], part["number"], part["purchase_order_number"]
    due, total = figures.day(part["due_on"], spoken), figures.named(part["gross_minor"], currency, spoken)
    told = {"number": number, "amount": total, "day": due}
    if not part["open_minor"]:
        subject, says = _("Invoice %(number)s over %(amount)s, paid"), _("It is paid. There is nothing left to do.")
    else:
        subject = _("Invoice %(number)s over %(amount)s, due %(day)s")
        says = (
            _("Please pay it by %(day)s. Paying adds %(amount)s to the funds of the division %(division)s.")
            if part["adds_minor"]
            else _("Please pay it by %(day)s.")
        )
        says %= {"day": due, "amount": figures.named(part["adds_minor"], currency, spoken), "division": part["division"]}
    facts = [
        (_("Purchase order"), order),
        (_("Division"), part["division"]),
        (_("Issued"), figures.day(part["issued_on"], spoken)),
        (_("Due"), due),
        (_("Original number"), part.get("original_number", "")),
        (_("Reference for a transfer"), part.get("reference", "") if part["open_minor"] else ""),
    ]
    return Letter(
        subject=subject % told,
        line="",
        heading=_("Your purchase order %(number)s is approved") % {"number": order} if order else _("Invoice %(number)s") % told,
        lead=_("This is its invoice, %(number)s.") % told if order else "",
        amount=figures.amount(part["open_minor"] or part["gross_minor"], currency, spoken),
        currency=currency,
        says=(says,),
        facts=tuple(fact for fact in facts if fact[1]),
        verb=_("Open the invoice"),
        link=part["path"],
        after=(_along(enclosed), _bank()),
    )


def _several(parts: Sequence[Part], spoken: str, enclosed: Sequence[str]) -> Letter:
    parts = sorted(parts, key=lambda part: (len(part["number"]), part["number"]))  # their documents are made in any order
    currency = parts[0]["currency"]
    open_minor = sum(part["open_minor"] for part in parts)
    told = {"first": parts[0]["number"], "last": parts[-1]["number"], "count": len(parts), "amount": figures.named(open_minor, currency, spoken)}
    return Letter(
        subject=_("Invoices %(first)s to %(last)s: %(amount)s to pay") % told,
        line="",
        heading=_("Your new invoices: %(count)s") % told,
        amount=figures.amount(open_minor, currency, spoken),
        currency=currency,
        says=(_("So much is to be paid on them together. Each has its own day."),),
        columns=(_("Invoice"), _("Purchase order"), _("Due"), _("Amount")),
        rows=tuple(
            (
                part["number"],
                part["purchase_order_number"],
                figures.day(part["due_on"], spoken),
                figures.amount(part["gross_minor"], currency, spoken),
            )
            for part in parts
        ),
        verb=_("Open Pay Invoice"),
        link=parts[0]["paying_path"],
        after=(_along(enclosed), _bank()),
    )


def _along(enclosed: Sequence[str]) -> str:
    if "application/pdf" not in enclosed:
        return _("The PDF stands on the page of the invoice as soon as it is made.")
    if any("xml" in one for one in enclosed):
        return _("The PDF and its machine-readable form (XML) are attached.")
    return _("The PDF is attached.")


def _bank() -> str:
    return _("Our bank details never change by e-mail: if a message says otherwise, call us.")


def _order_received(parts: Sequence[Part], spoken: str, _enclosed: Sequence[str]) -> Letter:
    part = parts[0]
    told = {"number": part["number"]}
    return Letter(
        subject=_("Purchase order %(number)s received") % told,
        line="",
        heading=_("We received your purchase order %(number)s") % told,
        amount=figures.amount(part["gross_minor"], part["currency"], spoken),
        currency=part["currency"],
        says=(_("We look at it and write again: with its invoice, or with what is to be mended."),),
        facts=((_("Division"), part["division"]), (_("Received"), figures.day(part["received_on"], spoken))),
        verb=_("Open the purchase order"),
        link=part["path"],
    )


def _order_rejected(parts: Sequence[Part], _spoken: str, _enclosed: Sequence[str]) -> Letter:
    part = parts[0]
    told = {"number": part["number"]}
    points = tuple(_(reason) for reason in part["reasons"])
    return Letter(
        subject=_("Purchase order %(number)s rejected") % told,
        line="",
        heading=_("Your purchase order %(number)s is rejected") % told,
        says=(_("This is to be mended:"),) if points or part["text"] else (),
        points=(*points, part["text"]) if part["text"] else points,
        verb=_("Open the purchase order"),
        link=part["path"],
        after=(_("Correct it there and send it again."),),
    )


def _payment(parts: Sequence[Part], spoken: str, enclosed: Sequence[str]) -> Letter:
    part = parts[0]
    currency = part["currency"]
    methods = {"card": _("Card"), "bank_transfer": _("Bank transfer"), "cheque": _("Cheque"), "other": _("Other")}
    methods |= {"unapplied_credit": _("Unapplied credit"), "balance": _("Account balance")}
    facts = [
        (_("Reference"), part["reference"]),
        (_("Method"), methods.get(part["method"], part["method"])),
        (_("Received"), figures.day(part["received_on"], spoken)),
        (_("Kept as unapplied credit"), figures.named(part["surplus_minor"], currency, spoken) if part["surplus_minor"] else ""),
    ]
    told = {"reference": part["reference"], "amount": figures.named(part["settled_minor"], currency, spoken)}
    return Letter(
        subject=_("Payment %(reference)s received: %(amount)s") % told,
        line="",
        heading=_("We received your payment"),
        amount=figures.amount(part["settled_minor"], currency, spoken),
        currency=currency,
        facts=tuple(fact for fact in facts if fact[1]),
        columns=(_("Invoice"), _("Paid")) if part["paid"] else (),
        rows=tuple((number, figures.amount(minor, currency, spoken)) for number, minor in part["paid"]),
        verb=_("Open the payment"),
        link=part["path"],
        after=(_("The receipt is attached."),) if "application/pdf" in enclosed else (),
    )


def _balance_low(parts: Sequence[Part], spoken: str, _enclosed: Sequence[str]) -> Letter:
    part = parts[0]
    told = {"division": part["division"], "threshold": figures.named(part["threshold_minor"], part["currency"], spoken)}
    return Letter(
        subject=_("The balance of %(division)s is below %(threshold)s") % told,
        line="",
        heading=_("The balance of %(division)s is low") % told,
        amount=figures.amount(part["balance_minor"], part["currency"], spoken),
        currency=part["currency"],
        says=(_("It is below %(threshold)s, the threshold of your settings.") % told,),
        verb=_("Deposit funds"),
        link=part["path"],
    )


def _credit_limit_reached(parts: Sequence[Part], spoken: str, _enclosed: Sequence[str]) -> Letter:
    part = parts[0]
    currency = part["currency"]
    told = {"customer": part["customer"], "limit": figures.named(part["limit_minor"], currency, spoken)}
    used = _("Of %(limit)s, %(used)s are in use.") % {**told, "used": figures.named(part["used_minor"], currency, spoken)}
    refused = ""
    if part["required_minor"] is not None:
        refused = _("A purchase over %(required)s was refused.") % {"required": figures.named(part["required_minor"], currency, spoken)}
    return Letter(
        subject=_("The credit limit of %(customer)s is reached") % told,
        line="",
        heading=_("The credit limit of %(customer)s is reached") % told,
        says=tuple(one for one in (refused, used, _("Paying an invoice, or depositing funds, makes room again.")) if one),
        verb=_("Open Pay Invoice"),
        link=part["path"],
    )


_KINDS: dict[str, Callable[[Sequence[Part], str, Sequence[str]], Letter]] = {
    "invoice_issued": _invoices,
    "order_received": _order_received,
    "order_rejected": _order_rejected,
    "payment_received": _payment,
    "balance_low": _balance_low,
    "credit_limit_reached": _credit_limit_reached,
    "reminder": reminding.reminder,
}
