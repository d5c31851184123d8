"""Write rows of several tables in one statement, and read rows of one by a statement that is put together once for the life of the program."""

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model
from django.db.models.expressions import DatabaseDefault

from tallystick.integrations.postgres import scope

type _Column = Field[Any, Any]
type _Converter = Callable[[Any, Any, BaseDatabaseWrapper], Any]


def read[M: Model](model: type[M], condition: LiteralString, *parameters: int | str | UUID | list[UUID] | None) -> list[M]:
    """Read whole rows inside the running scope; `condition` is SQL of our own, with a lock where one is wanted.

    For what every decision about money reads: the ORM builds such a statement anew each time, which takes longer than PostgreSQL's answer.
    """
    names, converters, chosen = _reading(model)
    with scope.cursor() as cursor:
        cursor.execute(chosen + condition, parameters)
        found = cursor.fetchall()
    alias, connection = cursor.db.alias, cursor.db
    return [model.from_db(alias, names, _converted(row, converters, connection)) for row in found]


def _converted(row: Sequence[Any], converters: Sequence[_Converter | None], connection: BaseDatabaseWrapper) -> list[Any]:
    return [value if convert is None else convert(value, None, connection) for value, convert in zip(row, converters, strict=True)]


@functools.cache
def _reading(model: type[Model]) -> tuple[tuple[str, ...], tuple[_Converter | None, ...], str]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented door to a model's shape
    columns = ", ".join(f'"{field.column}"' for field in fields)
    converters = tuple(getattr(field, "from_db_value", None) for field in fields)
    return tuple(field.attname for field in fields), converters, f'select {columns} from "{model._meta.db_table}" '  # noqa: S608, SLF001 - names of our own models


def insert(*rows: Model) -> None:
    """Insert new rows inside the running scope, in one statement; foreign keys between them may point any way.

    What the database fills in (default, identity) is not read back.
    Raises IntegrityError as the ORM does.
    """
    _write(list(rows))


@dataclass(frozen=True, slots=True)
class Change:
    """Name rows of one table and the columns that are to be stored as they now stand on the objects."""

    rows: Sequence[Model]
    columns: tuple[str, ...]


def update(*changes: Change) -> None:
    """Store some columns of rows that the caller has locked, by customer and id, inside the running scope and in one statement."""
    _write(list(changes))


def later(*rows: Model | Change) -> None:
    """Insert and change rows as the running scope commits, all of them in one statement: what nothing in the same transaction reads again."""
    for row in rows:
        scope.gather(_write, row)


def _write(rows: Sequence[Model | Change]) -> None:
    batches: dict[type[Model], list[Model]] = {}
    for row in rows:
        if not isinstance(row, Change):
            batches.setdefault(type(row), []).append(row)
    changes = [row for row in rows if isinstance(row, Change) and row.rows]
    fields = {model: tuple(field for field in model._meta.concrete_fields if _is_given(batch[0], field)) for model, batch in batches.items()}  # noqa: SLF001 - Django's documented door to a model's shape
    parts = [_inserting(model, fields[model]) for model in batches] + [_updating(type(change.rows[0]), change.columns) for change in changes]
    contents = [_json(batch, {str(field.column): field.attname for field in fields[model]}) for model, batch in batches.items()]
    contents += [_json(change.rows, {name: name for name in ("customer_id", "id", *change.columns)}) for change in changes]
    if parts:
        with scope.cursor() as cursor:
            cursor.execute(_joined(parts), contents)


def _json(rows: Sequence[Model], names: dict[str, str]) -> str:
    return json.dumps([{column: getattr(row, name) for column, name in names.items()} for row in rows], default=_text)


@functools.cache
def _updating(model: type[Model], columns: tuple[str, ...]) -> str:
    table, values = model._meta.db_table, ", ".join(f'"{name}" = g."{name}"' for name in columns)  # noqa: SLF001 - Django's documented door to a model's shape
    given = f'jsonb_populate_recordset(null::"{table}", %s::jsonb) g'
    return f'update "{table}" t set {values} from {given} where t.customer_id = g.customer_id and t.id = g.id'  # noqa: S608 - names of our own models


def _joined(parts: Sequence[str]) -> str:
    *earlier, last = parts
    return ("with " + ", ".join(f"part{place} as ({part})" for place, part in enumerate(earlier)) + " " if earlier else "") + last


def _is_given(row: Model, field: _Column) -> bool:
    value = getattr(row, field.attname)
    return not isinstance(value, DatabaseDefault) and not (value is None and isinstance(field, AutoField))


@functools.cache
def _inserting(model: type[Model], fields: tuple[_Column, ...]) -> str:
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)  # noqa: SLF001 - as above
    return f'insert into "{table}" ({columns}) select {columns} from jsonb_populate_recordset(null::"{table}", %s::jsonb)'  # noqa: S608 - as above


def _text(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} can not be written as JSON")
