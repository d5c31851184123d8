"""Word a reminder: kindly before the due day and after it, plainly then, and at last with the letter attached."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from tallystick.integrations.mail import figures
from tallystick.integrations.mail.letters import Letter

type Part = Mapping[str, Any]


def reminder(parts: Sequence[Part], spoken: str, enclosed: Sequence[str]) -> Letter:
    """Name every invoice that is asked for, what was set off, and what is left to pay."""
    part = parts[0]
    currency, invoices = part["currency"], part["invoices"]
    told = {
        "number": invoices[0]["number"],
        "amount": figures.named(part["owed_minor"], currency, spoken),
        "day": figures.day(invoices[0]["due_on"], spoken),
    }
    covered = [
        (_("Unapplied credit"), -part["credit_minor"]),
        (_("On its way"), -part["coming_minor"]),
    ]
    return Letter(
        subject=_subject(part["tone"], len(invoices)) % told,
        line="",
        heading=_heading(part["tone"]),
        amount=figures.amount(part["owed_minor"], currency, spoken),
        currency=currency,
        says=_says(part, spoken),
        facts=tuple((label, figures.named(minor, currency, spoken)) for label, minor in covered if minor),
        columns=(_("Invoice"), _("Due"), _("Open")),
        rows=tuple((one["number"], figures.day(one["due_on"], spoken), figures.amount(one["open_minor"], currency, spoken)) for one in invoices),
        verb=_("Open Pay Invoice"),
        link=part["path"],
        after=(
            *((_("The letter is attached."),) if "application/pdf" in enclosed else ()),
            _("If you have paid already, this e-mail crossed your payment, and nothing more is to be done."),
            _("Our bank details never change by e-mail: if a message says otherwise, call us."),
        ),
    )


def _subject(tone: str, count: int) -> str:
    one = count == 1
    if tone == "notice":
        return _("Invoice %(number)s is due on %(day)s: %(amount)s") if one else _("Invoices due soon: %(amount)s")
    if tone == "last":
        return _("Last reminder: invoice %(number)s, %(amount)s") if one else _("Last reminder: unpaid invoices, %(amount)s")
    return _("Reminder: invoice %(number)s, %(amount)s to pay") if one else _("Reminder: unpaid invoices, %(amount)s to pay")


def _heading(tone: str) -> str:
    return {
        "notice": _("Due soon"),
        "friendly": _("Payment reminder"),
        "plain": _("Second reminder"),
        "last": _("Last reminder"),
    }[tone]


def _says(part: Part, spoken: str) -> tuple[str, ...]:
    """Say what is asked for, and that credit was looked at where it took something off."""
    asked = {
        "notice": _("The due day is near. If your payment is planned, nothing more is to be done."),
        "friendly": _("The due day is past. It is easily overlooked: please pay in the next days."),
        "plain": _("We reminded you before, and this is still unpaid. Please pay by %(day)s, or tell us what stands against it."),
        "last": _("This is still unpaid after our reminders. Please pay by %(day)s, or tell us today what stands against it."),
    }[part["tone"]] % {"day": figures.day(part["pay_by"], spoken)}
    set_off = _("What you have in unapplied credit, and what is on its way to us, is taken off already.")
    return (asked, set_off) if part["credit_minor"] or part["coming_minor"] else (asked,)
