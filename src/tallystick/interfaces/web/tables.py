"""Write rows as CSV for spreadsheets: amounts as plain numbers, texts that can not be taken for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from tallystick.interfaces.web import movements, places
from tallystick.lib import errors, money

MOST_ROWS = 50_000
"""A file has at most so many rows; a period with more is refused, never cut short in silence."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TooManyRows(errors.Conflict):
    """Say that a file would be longer than it may be."""

    code = "too_many_rows"


def text(value: str) -> str:
    """Write a text of people so that no spreadsheet reckons with it. Source: OWASP, CSV Injection."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def csv_answer(rows: Iterable[Sequence[str]], name: str, *, more: bool = False) -> HttpResponse:
    """Answer with a file; with a mark of its encoding, without which spreadsheets guess. Raises TooManyRows."""
    if more:
        raise TooManyRows(_("These are more than %(most)d rows. Choose fewer days.") % {"most": MOST_ROWS})
    written = io.StringIO()
    with translation.override("en"):  # a file is read by programs: its words are the same whoever fetched it
        csv.writer(written).writerows(rows)
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def movement_rows(told: Iterable[movements.Told], where: places.Places) -> Iterator[list[str]]:
    """Write movements, newest first."""
    yield ["Posted at (UTC)", "What", "Invoice", "Order", "Note", "Division", "Amount", "Balance", "Currency"]
    for row in told:
        moved = row.movement
        yield [
            f"{moved.posted_at:%Y-%m-%d %H:%M:%S}",
            str(row.title),
            text(row.invoice_number),
            text(moved.order_id),
            text(moved.note),
            text(where.name(moved.division_id)),
            money.text(moved.amount_minor, where.currency),
            money.text(moved.balance_after_minor, where.currency),
            where.currency,
        ]
