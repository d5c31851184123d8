"""Draw the letter that goes along with a last reminder, from what was frozen with the mail, in its reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from tallystick.domain.customers import queries as customers
from tallystick.domain.invoicing.operations import freeze
from tallystick.integrations.mail import figures
from tallystick.integrations.mail.messages import Enclosure
from tallystick.integrations.pdf import documents, facts, words

_LAST = "last"


def enclosed(part: Mapping[str, Any], locale: str) -> list[Enclosure]:
    """Give the letter about the invoices that are reminded of for the last time; nothing where there are none."""
    asked = [one for one in part["invoices"] if one["tone"] == _LAST]
    if not asked:
        return []
    language = figures.language(locale)
    with translation.override(language):
        name = _("Last reminder")
    content = documents.render("reminder", letter(part, asked, language)).content
    return [Enclosure(name=f"{name} {part['day']}.pdf", media_type="application/pdf", content=content)]


def letter(part: Mapping[str, Any], asked: Sequence[Mapping[str, Any]], language: str) -> facts.Reminder:
    """Write the facts as documents take them; amounts are written in the language."""
    sides, currency = part["sides"], part["currency"]

    def shown(minor: int) -> str:
        return freeze.amount(minor, currency, words.language(language))

    sums = {name: sum(one[name] for one in asked) for name in ("open_minor", "credit_minor", "coming_minor", "owed_minor")}
    written: facts.Reminder = {
        "number": "",
        "issued_on": part["day"],
        "currency": currency,
        "brand": part["seller"]["name"],
        "logo": customers.logo(sha256=sides["logo_sha256"]),
        "seller": sides["seller"],
        "buyer": sides["buyer"],
        "language": language,
        "division": part["division"],
        "level": 3,
        "invoices": [
            {
                "number": one["number"],
                "issued_on": one["issued_on"],
                "due_on": one["due_on"],
                "days": one["days"],
                "open": shown(one["open_minor"]),
            }
            for one in asked
        ],
        "total": shown(sums["open_minor"]),
        "unapplied": shown(-sums["credit_minor"]) if sums["credit_minor"] else "",
        "coming": shown(-sums["coming_minor"]) if sums["coming_minor"] else "",
        "owed": shown(sums["owed_minor"]),
        "owed_minor": sums["owed_minor"],
        "pay_by": part["pay_by"],
        "reference": asked[0]["number"] if len(asked) == 1 else "",
    }
    if sides["bank"]:
        written["bank"] = sides["bank"]
    return written
