"""Name what can be fetched as a file and in which forms, how much one file takes, and what a file is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ExportKind(StrEnum):
    """Name the forms of a file."""

    ZIP = "zip"
    CSV = "csv"
    XLSX = "xlsx"


class Subject(StrEnum):
    """Name what a file holds."""

    INVOICES = "invoices"
    PURCHASE_ORDERS = "purchase_orders"
    BALANCE_HISTORY = "balance_history"
    PURCHASE_HISTORY = "purchase_history"
    STATEMENT = "statement"


_DOCUMENTS = {ExportKind.ZIP: 1000, ExportKind.CSV: 20_000, ExportKind.XLSX: 20_000}
_MOVEMENTS = {ExportKind.CSV: 1_000_000, ExportKind.XLSX: 1_000_000}
MOST_EXPORTED: dict[Subject, dict[ExportKind, int]] = {
    Subject.INVOICES: _DOCUMENTS,
    Subject.PURCHASE_ORDERS: _DOCUMENTS,
    Subject.BALANCE_HISTORY: _MOVEMENTS,
    Subject.PURCHASE_HISTORY: _MOVEMENTS,
    Subject.STATEMENT: _MOVEMENTS,
}
"""So many rows one file takes, in the forms that there are; a sheet of a spreadsheet ends at 1,048,576."""

MOST_BYTES = 1 << 30
"""So many bytes of documents one ZIP takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Say what somebody wants: `wanted` is JSON, of ids or of the ends of a history, and `total` its rows."""

    subject: Subject
    kind: ExportKind
    wanted: Mapping[str, Any]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Hold the next bytes of a file: with them `made` rows are in it, and `missing` documents are not; `state` is what the piece after it starts from."""

    content: bytes = b""
    made: int = 0
    missing: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    is_last: bool = False
