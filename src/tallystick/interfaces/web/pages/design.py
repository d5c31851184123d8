"""Show every component in every state on one living page, made of the same parts as the product: for staff, in the demo for everybody."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from tallystick.domain.customers import rules
from tallystick.interfaces.web import drawing, explanations, page, shell, statuses
from tallystick.interfaces.web.templatetags import tally

_DIRECTIONS = ("ltr", "rtl")
_TOKENS = ("ink", "ink-2", "ink-3", "edge", "canvas", "surface", "well", "line", "act", "good", "heed", "bad")
_SUM = (
    ("Balance", 431260, "mark-own"),
    ("Credit limit", 500000, "mark-credit"),
    ("Counted unpaid invoices", -64025, "mark-less"),
    ("Used", -159040, "mark-less"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the sheet is looked at: theme empty is the device's, direction is ltr or rtl."""

    theme: str
    direction: str

    def address(self, **other: str) -> str:
        """Give the query that changes one of both."""
        seen = replace(self, **other)
        return f"?theme={seen.theme}&dir={seen.direction}"

    def themes(self) -> list[tuple[str, str, bool]]:
        """List the themes: name, address, whether it is on."""
        return [(name or "as the device", self.address(theme=name), name == self.theme) for name in ("", *shell.THEMES)]

    def directions(self) -> list[tuple[str, str, bool]]:
        """List the directions."""
        return [(name, self.address(direction=name), name == self.direction) for name in _DIRECTIONS]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table of money."""

    number: str
    origin: str
    state: str
    due_date: date
    open_minor: int
    ticked: bool = False
    changed: bool = False


@page.page(None)
def design(request: page.Seen) -> HttpResponse:
    """Show the sheet. Raises NotAllowed for a customer's people outside the demo."""
    if not settings.DEMO:
        rules.permit(request.viewer, rules.Act.SEE_ALL)
    theme, direction = request.GET.get("theme", ""), request.GET.get("dir", "")
    sheet = Sheet(theme if theme in shell.THEMES else "", direction if direction in _DIRECTIONS else "ltr")
    today = timezone.localdate()
    *bars, total = drawing.waterfall([amount for _, amount, _ in _SUM])
    context = {
        "sheet": sheet,
        "tokens": _TOKENS,
        "icons": tally.icon_names(),
        "states": [("order", list(statuses.ORDER)), ("invoice", list(statuses.INVOICE)), ("payment", list(statuses.PAYMENT))],
        "days": [today + timedelta(days=days) for days in (-5, 0, 3)],
        "rows": _rows(today),
        "today": today,
        "parts": [(name, amount, mark, bar) for (name, amount, mark), bar in zip(_SUM, bars, strict=True)],
        "total": total,
        "explanations": list(explanations.EXPLANATIONS),
    }
    return page.show(request, "design/sheet.html", lambda: context)


def _rows(today: date) -> list[Row]:
    return [
        Row("INV-2026-01093", "from NWL-4471", "issued", today - timedelta(days=5), 240000, ticked=True),
        Row("INV-2026-01102", "from NWL-4486, formerly 88123", "partially_paid", today + timedelta(days=6), 350000, changed=True),
        Row("INV-2026-01107", "amount owed", "paid", today + timedelta(days=20), 0),
        Row("CN-2026-00011", "credit note", "voided", today, -64025),
    ]
