"""Write tables and bundles of files for other programs: CSV, XLSX, ZIP; a text in a cell never becomes a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import xlsxwriter

type Cell = str | int | Decimal | date | None

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NEVER_NEWER = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """Hold a sheet: its name, its heads, its rows; amounts are Decimals with all places of their currency."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def defused(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula. Source: OWASP, CSV Injection."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text


def csv_of(table: Table) -> bytes:
    """Write RFC 4180 in UTF-8 with its mark, so that spreadsheets read every letter; days as YYYY-MM-DD, a point before decimals."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([defused(head) for head in table.heads])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def xlsx_of(table: Table) -> bytes:
    """Write a workbook of one sheet: texts as texts, days as days, amounts as numbers with their places."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(table.name[:31])
    head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, word in enumerate(table.heads):
        sheet.write_string(0, column, word, head)
    for place, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                places = -int(cell.as_tuple().exponent)
                sheet.write_number(place, column, cell, book.add_format({"num_format": "#,##0" + ("." + "0" * places if places else "")}))
            elif isinstance(cell, int):
                sheet.write_number(place, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(place, column, datetime.combine(cell, time()), day)
            elif cell is not None:
                sheet.write_string(place, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.heads) - 1)
    book.close()
    return file.getvalue()


def zip_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Bundle files; the same files give the same bytes."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name.replace("/", "-").replace("\\", "-"), _NEVER_NEWER), content, zipfile.ZIP_DEFLATED)
    return bundle.getvalue()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    return defused(cell) if isinstance(cell, str) else str(cell)
