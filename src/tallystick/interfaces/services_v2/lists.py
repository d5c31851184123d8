"""Answer lists: rows and page as JSON, or as a table for who accepts text/csv; and the containers that rows speak of."""

import codecs
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.integrations import tables
from tallystick.interfaces.services_v2 import answers
from tallystick.interfaces.services_v2.door import Caller

type Row = Mapping[str, object]

_AMOUNTS = frozenset({"credit", "debit", "amount", "balance_after"})


def answer(caller: Caller, name: str, rows: Sequence[Row], columns: Sequence[str], page: tuple[int, int, int]) -> answers.Answer:
    """Answer rows under their name, with total, limit and offset; in a table `container.name` is a column of its own."""
    total, limit, offset = page
    if not caller.wants_csv:
        return answers.shown({name: rows, "page": {"total": total, "limit": limit, "offset": offset}})
    made = tables.Table(name, [column.replace(".", "_") for column in columns], [[_cell(row, column) for column in columns] for row in rows])
    return answers.table(tables.csv_of(made).removeprefix(codecs.BOM_UTF8))


def _cell(row: Row, column: str) -> tables.Cell:
    found: object = row
    for part in column.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        return None
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, int):
        return found
    return Decimal(str(found)) if column in _AMOUNTS else str(found)


def container_of(viewer: Viewer) -> dict[int, dict[str, object]]:
    """Show the containers of a customer by id; of one out of sight no more is told than its id and that it is there."""
    return {one.id: {"id": one.id, "name": one.name, "is_active": one.closed_at is None} for one in customers.divisions(viewer=viewer)}


def container(known: Mapping[int, dict[str, object]], division_id: int) -> dict[str, object]:
    """Show the container of a row."""
    return known.get(division_id) or {"id": division_id, "name": "", "is_active": True}


def time(at: datetime) -> str:
    """Write an instant as this face does, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
