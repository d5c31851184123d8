"""Check an order against the documented requirements: what the entered fields prove is met, the rest is for a person to judge.

Source: product.md, requirements a purchase order must meet.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tallystick.domain.purchasing import queries
from tallystick.domain.purchasing.rules import LONGEST_TERMS_DAYS, Reason
from tallystick.interfaces.web.statuses import Status

type Words = str | Promise

REASONS: dict[Reason, Words] = {
    Reason.NOT_A_PURCHASE_ORDER: gettext_lazy("Does not say “purchase order”"),
    Reason.NO_NUMBER: gettext_lazy("No purchase order number"),
    Reason.BILL_TO: gettext_lazy("Bill-to address or person missing"),
    Reason.VENDOR: gettext_lazy("Vendor’s legal name or address is wrong"),
    Reason.LINES: gettext_lazy("Lines without description, quantity or price"),
    Reason.TERMS: gettext_lazy("Terms longer than Net 30"),
    Reason.SIGNATURE: gettext_lazy("No valid signature"),
    Reason.CURRENCY: gettext_lazy("Currency is not accepted"),
    Reason.CHANNEL: gettext_lazy("Sent by a channel that is not accepted"),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the list: `tone` is met, doubt (a person must look) or missing; `state` says why in a word or two."""

    name: Words
    tone: str
    state: str
    says: str = ""

    @property
    def icon(self) -> str:
        """Name the icon that says the same."""
        return "done" if self.tone == "met" else "warn"

    @property
    def spoken(self) -> str:
        """Say the state to those who do not see the icon."""
        return {"met": _("Met"), "doubt": _("To judge")}.get(self.tone, _("Still needed"))


def of(order: queries.OrderView) -> list[Requirement]:
    """List the nine requirements of an order, what needs judgment first."""
    has_address = bool(order.bill_to_name and order.bill_to_address and order.contact_name)
    every = [
        _by_document(order, gettext_lazy("Says “purchase order”")),
        _by_document(order, gettext_lazy("Vendor’s legal name and address")),
        _entered(gettext_lazy("Has a number"), bool(order.number), order.number),
        _entered(gettext_lazy("Bill-to address and person"), has_address, _("as entered")),
        _entered(gettext_lazy("Description, quantity, unit prices"), bool(order.lines), _lines(len(order.lines))),
        _entered(gettext_lazy("Net 30 or less"), order.terms_days <= LONGEST_TERMS_DAYS, f"Net {order.terms_days}"),
        _entered(gettext_lazy("Valid signature"), order.is_signed, _("as declared")),
        _entered(gettext_lazy("Accepted currency"), True, order.currency),
        _entered(gettext_lazy("Accepted channel"), True, _("entered by staff") if order.is_entered_by_staff else _("sent online")),
    ]
    return sorted(every, key=lambda one: one.tone == "met")


def summary(requirements: list[Requirement]) -> Status:
    """Say how many requirements are met."""
    met = sum(one.tone == "met" for one in requirements)
    if met == len(requirements):
        return Status(_("All %(n)d met") % {"n": met}, "done", "good")
    return Status(_("%(met)d of %(n)d met") % {"met": met, "n": len(requirements)}, "warn", "heed")


def _by_document(order: queries.OrderView, name: Words) -> Requirement:
    if order.has_document:
        return Requirement(name, "doubt", _("to judge"), _("Compare it with the document."))
    return Requirement(name, "doubt", _("no document"), _("No document was uploaded."))


def _entered(name: Words, met: bool, state: str) -> Requirement:  # noqa: FBT001 - private, and it reads as a sentence
    return Requirement(name, "met", state) if met else Requirement(name, "missing", _("missing"))


def _lines(count: int) -> str:
    return ngettext("%(n)d line", "%(n)d lines", count) % {"n": count}
