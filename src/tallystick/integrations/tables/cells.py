"""Know what stands in a cell, and how it is written so that no spreadsheet reckons with a text."""

from datetime import UTC, date, datetime
from decimal import Decimal

type Cell = str | int | Decimal | date | datetime | None

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula. Source: OWASP, CSV Injection."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text


def plain(cell: Cell) -> str:
    """Write a cell for CSV: amounts with a point, days as YYYY-MM-DD, instants in UTC with the time behind the day."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return defused(cell) if isinstance(cell, str) else str(cell)
