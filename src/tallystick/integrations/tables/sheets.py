"""Write a workbook of one sheet row by row: texts as texts, days as days, amounts as numbers with their places; never a formula.

Source: ECMA-376 part 1, section 18 (SpreadsheetML); a text stands in its own cell (`inlineStr`), so no table of texts grows beside the rows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from tallystick.integrations.tables.archives import Archive
from tallystick.integrations.tables.cells import Cell

_SHEET = "xl/worksheets/sheet1.xml"
_LONGEST_TEXT, _LONGEST_NAME = 32_767, 31
_FIRST_DAY = date(1899, 12, 30)
_SECONDS = 86_400
_FINE = 10**9
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_BOLD, _DAY, _INSTANT, _AMOUNTS = 1, 2, 3, 4
_MOST_PLACES = 6
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Workbook:
    """Give the bytes of an XLSX file in order; `state` lets another process go on after any piece."""

    def __init__(self, so_far: Mapping[str, Any] | None = None) -> None:
        """Begin a new one, or go on where another one's `state` was."""
        self._archive = Archive(so_far["archive"] if so_far else None)
        self._rows: int = so_far["rows"] if so_far else 0
        self._columns: int = so_far["columns"] if so_far else 0

    @property
    def state(self) -> dict[str, Any]:
        """Tell all that the next piece needs, as JSON has it."""
        return {"archive": self._archive.state, "rows": self._rows, "columns": self._columns}

    def begin(self, name: str, heads: Sequence[str]) -> bytes:
        """Write everything up to the heads, which stay in sight."""
        self._columns, self._rows = len(heads), 1
        parts = [self._archive.put(path, (_XML + text).encode()) for path, text in _frame(name).items()]
        cells = "".join(_text(f"{_letters(place)}1", head, _BOLD) for place, head in enumerate(heads))
        start = (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
            f' state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="{len(heads)}" width="16"'
            f' customWidth="1"/></cols><sheetData><row r="1">{cells}</row>'
        )
        return b"".join([*parts, self._archive.begin(_SHEET), self._archive.add(start.encode())])

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Write rows."""
        written: list[str] = []
        for row in rows:
            self._rows += 1
            written.append(f'<row r="{self._rows}">')
            written += [_cell(f"{_letters(place)}{self._rows}", cell) for place, cell in enumerate(row)]
            written.append("</row>")
        return self._archive.add("".join(written).encode())

    def end(self) -> bytes:
        """Write the end, with a filter over all rows."""
        every = f"A1:{_letters(self._columns - 1)}{max(2, self._rows)}"
        return self._archive.finish(f'</sheetData><autoFilter ref="{every}"/></worksheet>'.encode()) + self._archive.end()


def _cell(at: str, cell: Cell) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return _text(at, cell, 0)
    if isinstance(cell, datetime):
        moment = cell.astimezone(UTC)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return f'<c r="{at}" s="{_INSTANT}"><v>{(moment.date() - _FIRST_DAY).days}.{seconds * _FINE // _SECONDS:09d}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{at}" s="{_DAY}"><v>{(cell - _FIRST_DAY).days}</v></c>'
    style = _AMOUNTS + min(_MOST_PLACES, max(0, -int(cell.as_tuple().exponent))) if isinstance(cell, Decimal) else 0
    return f'<c r="{at}" s="{style}"><v>{cell:f}</v></c>' if isinstance(cell, Decimal) else f'<c r="{at}"><v>{cell}</v></c>'


def _text(at: str, text: str, style: int) -> str:
    clean = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:_LONGEST_TEXT])
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def _letters(place: int) -> str:
    """Name a column: A, B, ... Z, AA."""
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)  # noqa: PLR2004 - letters of the alphabet


def _frame(name: str) -> dict[str, str]:
    """Give the parts of a workbook beside its sheet, by their paths."""
    sheet = quoteattr(re.sub(r"[\[\]:*?/\\']", " ", name)[:_LONGEST_NAME])
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/><Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name={sheet} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _styles(),
    }


def _styles() -> str:
    """Write the formats by number: plain, bold, day, instant, then amounts with none, one, two ... places."""
    amounts = ["#,##0" + ("." + "0" * places if places else "") for places in range(_MOST_PLACES + 1)]
    formats = ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", *amounts]
    first = 164  # numbers below are the formats that every program knows
    numbered = "".join(f'<numFmt numFmtId="{first + place}" formatCode="{code}"/>' for place, code in enumerate(formats))
    used = "".join(
        f'<xf numFmtId="{first + place}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' for place in range(len(formats))
    )
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(formats)}">{numbered}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats) + 2}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        f'<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>{used}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
