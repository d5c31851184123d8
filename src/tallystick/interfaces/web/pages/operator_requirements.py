"""Show an order against the documented requirements: what the entered fields prove is met, the rest is for a person to judge.

Source: product.md, requirements a purchase order must meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tallystick.domain.purchasing import queries
from tallystick.domain.purchasing.rules import Reason
from tallystick.interfaces.web.statuses import Status

type Words = str | Promise

REASONS: dict[Reason, Words] = {
    Reason.NOT_A_PURCHASE_ORDER: gettext_lazy("Does not say “purchase order”"),
    Reason.NO_NUMBER: gettext_lazy("No purchase order number"),
    Reason.BILL_TO: gettext_lazy("Bill-to address or person missing"),
    Reason.VENDOR: gettext_lazy("Vendor's legal name or address is wrong"),
    Reason.LINES: gettext_lazy("Lines without description, quantity or price"),
    Reason.TERMS: gettext_lazy("Terms longer than Net 30"),
    Reason.SIGNATURE: gettext_lazy("No valid signature"),
    Reason.CURRENCY: gettext_lazy("Currency is not accepted"),
    Reason.CHANNEL: gettext_lazy("Sent by a channel that is not accepted"),
}
_NEEDED: dict[Reason, Words] = {
    Reason.NOT_A_PURCHASE_ORDER: gettext_lazy("Says “purchase order”"),
    Reason.NO_NUMBER: gettext_lazy("Has a number"),
    Reason.BILL_TO: gettext_lazy("Bill-to address and person"),
    Reason.VENDOR: gettext_lazy("Vendor's legal name and address"),
    Reason.LINES: gettext_lazy("Description, quantity, unit prices"),
    Reason.TERMS: gettext_lazy("Net 30 or less"),
    Reason.SIGNATURE: gettext_lazy("Valid signature"),
    Reason.CURRENCY: gettext_lazy("Accepted currency"),
    Reason.CHANNEL: gettext_lazy("Accepted channel"),
}
_CHANNELS: Mapping[str, Words] = {
    "page": gettext_lazy("sent online"),
    "api": gettext_lazy("sent by a program"),
    "mail": gettext_lazy("came by mail"),
    "post": gettext_lazy("came by post"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the list: `tone` is met, doubt (a person must look) or missing; `state` says why in a word or two."""

    name: Words
    tone: str
    state: Words
    says: str = ""

    @property
    def icon(self) -> str:
        """Name the icon that says the same."""
        return "done" if self.tone == "met" else "warn"

    @property
    def spoken(self) -> str:
        """Say the state to those who do not see the icon."""
        return {"met": _("Met"), "doubt": _("To judge")}.get(self.tone, _("Still needed"))


def of(order: queries.OrderView) -> list[Shown]:
    """List the requirements of an order, what needs judgment first."""
    every = [_shown(order, one.reason, one.met) for one in order.requirements]
    return sorted(every, key=lambda one: one.tone == "met")


def summary(requirements: list[Shown]) -> Status:
    """Say how many requirements are met."""
    met = sum(one.tone == "met" for one in requirements)
    if met == len(requirements):
        return Status(_("All %(n)d met") % {"n": met}, "done", "good")
    return Status(_("%(met)d of %(n)d met") % {"met": met, "n": len(requirements)}, "warn", "heed")


def _shown(order: queries.OrderView, reason: Reason, met: bool | None) -> Shown:  # noqa: FBT001 - three states, as the rule has them
    if met is None:
        return Shown(_NEEDED[reason], "doubt", _("to judge"), _("Compare it with the document."))
    return Shown(_NEEDED[reason], "met" if met else "missing", _state(order, reason) if met else _("missing"))


def _state(order: queries.OrderView, reason: Reason) -> Words:
    """Say what meets the requirement."""
    lines = ngettext("%(n)d line", "%(n)d lines", len(order.lines)) % {"n": len(order.lines)}
    said: dict[Reason, Words] = {
        Reason.NO_NUMBER: order.number,
        Reason.LINES: lines,
        Reason.TERMS: f"Net {order.terms_days}",
        Reason.SIGNATURE: _("as declared"),
        Reason.CURRENCY: order.currency,
        Reason.CHANNEL: _CHANNELS.get(order.channel, order.channel),
    }
    return said.get(reason, _("as entered"))
