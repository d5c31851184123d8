"""Write tables and bundles of files for other programs: CSV, XLSX, ZIP, at once or piece by piece; a text in a cell never becomes a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tallystick.integrations.tables.archives import Archive
from tallystick.integrations.tables.cells import Cell, defused, plain
from tallystick.integrations.tables.sheets import Workbook

__all__ = ["Archive", "Cell", "Growing", "Sheet", "Table", "Workbook", "csv_of", "defused", "file_name", "xlsx_of", "zip_of"]


@dataclass(frozen=True, slots=True)
class Table:
    """Hold a sheet: its name, its heads, its rows; amounts are Decimals with all places of their currency."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class Growing(Protocol):
    """Write one table piece by piece; what `begin`, `add` and `end` give, in order, is the file."""

    @property
    def state(self) -> dict[str, Any]:
        """Tell all that the next piece needs, as JSON has it."""

    def begin(self, name: str, heads: Sequence[str]) -> bytes:
        """Write what stands above the rows."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Write rows."""

    def end(self) -> bytes:
        """Write what stands below them."""


class Sheet:
    """Write RFC 4180 in UTF-8 with its mark, so that spreadsheets read every letter."""

    def __init__(self, so_far: Mapping[str, Any] | None = None) -> None:
        """Begin, or go on: a row needs nothing of those before it."""
        self.state: dict[str, Any] = dict(so_far or {})

    def begin(self, name: str, heads: Sequence[str]) -> bytes:
        """Write the mark and the heads; such a file has no place for a name."""
        del name
        return b"\xef\xbb\xbf" + self.add([heads])

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Write rows; days as YYYY-MM-DD, a point before decimals."""
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator="\r\n").writerows([plain(cell) for cell in row] for row in rows)
        return file.getvalue().encode()

    def end(self) -> bytes:
        """Write nothing more."""
        return b""


def csv_of(table: Table) -> bytes:
    """Write a table as CSV."""
    return _whole(Sheet(), table)


def xlsx_of(table: Table) -> bytes:
    """Write a table as a workbook of one sheet."""
    return _whole(Workbook(), table)


def zip_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Bundle files; the same files give the same bytes."""
    bundle = Archive()
    return b"".join([*(bundle.put(file_name(name), content) for name, content in files), bundle.end()])


def file_name(text: str) -> str:
    """Make a text of people one file's name: no folders, nothing that a system refuses."""
    return "".join("-" if letter in '/\\:*?"<>|' or not letter.isprintable() else letter for letter in text).strip(" .") or "-"


def _whole(file: Growing, table: Table) -> bytes:
    return file.begin(table.name, table.heads) + file.add(table.rows) + file.end()
