"""Show how late what customers owe is: in five ages, per customer and in sum, by currency, as of a day; the same as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries
from tallystick.integrations import tables
from tallystick.interfaces.web import drawing, page
from tallystick.lib import ids, money

HEADS: tuple[str | Promise, ...] = (
    gettext_lazy("Not due"),
    gettext_lazy("1 to 30 days"),
    gettext_lazy("31 to 60 days"),
    gettext_lazy("61 to 90 days"),
    gettext_lazy("Over 90 days"),
)
_EARLIEST = date(1970, 1, 1)
_MOST = 500


@dataclass(frozen=True, slots=True)
class Block:
    """Everything in one currency: its rows, the sum of each age with its share drawn, and the sum of all."""

    currency: str
    rows: Sequence[queries.Aged]
    sums: list[tuple[str | Promise, int, str]]
    total_minor: int
    left_out: int


@require_safe
@page.page(rules.Act.SEE_ALL)
def ageing(request: page.Seen) -> HttpResponse:
    """Show it as of a day; a day that can not be read, or lies ahead, counts as today."""
    today = timezone.localdate()
    day = _day(request, today)
    if request.GET.get("format") == "csv":
        return _file(queries.ageing(viewer=request.viewer, day=day, now=timezone.now()), day)
    return page.show(
        request,
        "operator/ageing.html",
        lambda: {
            "day": day,
            "today": today,
            "heads": HEADS,
            "blocks": _blocks(queries.ageing(viewer=request.viewer, day=day, now=timezone.now())),
        },
    )


def _day(request: page.Seen, today: date) -> date:
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    return asked if asked and _EARLIEST <= asked <= today else today


def _blocks(rows: list[queries.Aged]) -> list[Block]:
    """Part the rows by currency: unlike currencies are never added."""
    blocks = []
    for currency in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == currency]
        sums = [sum(row.amounts[place] for row in own) for place in range(len(HEADS))]
        drawn = drawing.shares(sums)
        worst = sorted(own, key=lambda row: (-row.late_minor, row.customer_name.casefold()))[:_MOST]
        blocks.append(Block(currency, worst, list(zip(HEADS, sums, drawn, strict=True)), sum(sums), len(own) - len(worst)))
    return blocks


def _file(rows: list[queries.Aged], day: date) -> HttpResponse:
    """Give every customer, amounts as plain decimals."""
    heads = [_("Customer"), _("Name"), _("Currency"), *(str(head) for head in HEADS), _("Total")]
    lines: list[list[tables.Cell]] = [
        [
            ids.public("cus", row.customer_id),
            row.customer_name,
            row.currency,
            *(Decimal(money.text(minor, row.currency)) for minor in (*row.amounts, row.total_minor)),
        ]
        for row in rows
    ]
    answer = HttpResponse(tables.csv_of(tables.Table("Ageing", heads, lines)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="ageing-{day.isoformat()}.csv"'
    return answer
