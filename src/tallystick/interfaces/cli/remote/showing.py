"""Print what was answered: lines for people, or one JSON value for programs."""

import dataclasses
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from tallystick_client import shapes


class Shown(Protocol):
    """Name any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


def as_json(found: Shown | Iterable[Shown]) -> None:
    """Print an object, or a list of objects; amounts as decimal text, instants in UTC."""
    told = dataclasses.asdict(found) if dataclasses.is_dataclass(found) else [dataclasses.asdict(one) for one in found]
    print(json.dumps(told, default=_plain, ensure_ascii=False))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return shapes.instant(value)
    if isinstance(value, date):
        return value.isoformat()
    assert isinstance(value, Decimal), "there is nothing else in an answer"
    return f"{value:f}"


def as_table(rows: list[list[str]]) -> None:
    """Print rows with their columns below each other."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    for row in rows:
        print("  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True)).rstrip())
