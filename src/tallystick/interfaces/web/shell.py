"""Draw the frame of every page: the rail with its names to the letter of the specification, the theme, who is signed in."""

from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import operator_rail, viewing
from tallystick.interfaces.web.entries import Entry, Words
from tallystick.lib import errors

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as drawn on one page."""

    entry: Entry
    address: str
    current: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A headed part of the rail."""

    name: Words
    key: str
    lines: list[Line] = field(default_factory=list)


FINANCES = (
    Entry("overview", _("Overview"), "overview", short=_("Overview")),
    Entry("deposit", _("Deposit Funds"), "deposit", act=rules.Act.PAY),
    Entry("pay-invoice", _("Pay Invoice"), "pay", also=("pay-review", "payment"), act=rules.Act.PAY, short=_("Pay")),
    Entry(
        "orders",
        _("Purchase Orders and Invoices"),
        "orders",
        also=("orders-division", "order-create", "order", "order-correct", "invoice", "download"),
        short=_("Orders"),
    ),
    Entry("balance-history", _("Balance History"), "history", short=_("History")),
    Entry("purchase-history", _("Purchase History"), "purchases"),
    Entry("credit-cards", _("Credit Cards"), "card", act=rules.Act.PAY),
    Entry("settings", _("Settings"), "settings", act=rules.Act.CHANGE_SETTINGS),
)
ACCOUNT = (
    Entry("statement", _("Statements"), "report", also=("statement-division",)),
    Entry("divisions", _("Divisions"), "divisions", also=("division-create", "division-rename", "division-close", "fuse")),
    Entry("users", _("Users"), "users", also=("user-invite", "user"), act=rules.Act.MANAGE_USERS),
    Entry("keys", _("API keys and webhooks"), "key", also=("webhooks", "webhook", "webhook-rotate"), act=rules.Act.MANAGE_KEYS),
    Entry("audit-log", _("Audit log"), "log", act=rules.Act.MANAGE_USERS),
)
_MANY = 999
_CUSTOMER = ((_("Finances"), "finances", FINANCES), (_("Account"), "account", ACCOUNT))


def frame(request: HttpRequest) -> dict[str, object]:
    """Give every template the rail, the seat and the theme (base.html asks for it)."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    seat = _seat(request)
    rail = _rail(request, seat.viewer) if seat else []
    return {
        "theme": theme if theme in THEMES else "",
        "seat": seat,
        "viewer": seat.viewer if seat else None,
        "of_customer": bool(seat and seat.viewer.customer_id),
        "rail": rail,
        "tabs": [line for group in rail for line in group.lines if line.entry.short],
        "mark": getattr(request, "mark", None),
        "again": "X-Live" in request.headers,
        "has_mailbox": bool(settings.DEMO and settings.MAILBOX),
    }


def pages_named(request: HttpRequest, viewer: rules.Viewer, text: str) -> list[Line]:
    """List the pages of the rail whose name has this text in it, for the palette."""
    sought = text.casefold()
    return [line for group in _rail(request, viewer) for line in group.lines if sought in str(line.entry.name).casefold()]


def _seat(request: HttpRequest) -> viewing.Seat | None:
    """Give the page's seat; on allauth's own pages look it up."""
    seat: viewing.Seat | None = getattr(request, "seat", None)
    if seat is None and getattr(request, "user", None) and request.user.is_authenticated:
        with suppress(errors.Refusal):
            seat = viewing.seat_of(request)
    return seat


def _rail(request: HttpRequest, viewer: rules.Viewer) -> list[Group]:
    at = request.resolver_match.url_name if request.resolver_match else ""
    parts = operator_rail.GROUPS if viewer.kind is rules.ViewerKind.STAFF else _CUSTOMER
    counts = _counts(request, viewer)
    groups = []
    for name, key, entries in parts:
        lines = [
            Line(entry, address, at in {entry.route, f"{entry.route}-division", *entry.also}, counts.get(entry.route, ""))
            for entry in entries
            if rules.permits(viewer, entry.act) and (address := _address(entry.route))
        ]
        if lines:
            groups.append(Group(name, key, lines))
    return groups


def _counts(request: HttpRequest, viewer: rules.Viewer) -> dict[str, str]:
    """Count what waits behind an entry, by route; a page that has counted already says so with `unpaid_count`."""
    if viewer.kind is not rules.ViewerKind.CUSTOMER or not rules.permits(viewer, rules.Act.SEE_FINANCES):
        return {}
    counted: int | None = getattr(request, "unpaid_count", None)
    waiting = invoicing.open_count(viewer=viewer, most=_MANY + 1) if counted is None else counted
    return {"pay-invoice": str(waiting) if waiting <= _MANY else f"{_MANY}+"} if waiting else {}


def _address(route: str) -> str:
    """Give the route's address, nothing where that page is not built yet."""
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
