"""Read JSON into frozen dataclasses by their annotations, and write them back: strict about what is promised, deaf to what is new."""

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from tallystick_client.money import Money
from tallystick_client.problems import NotUnderstood

type Reader = Callable[[object], object]


def called(name: str) -> typing.Any:  # noqa: ANN401 - as dataclasses.field, it stands where a value of the field's type would
    """Declare a field that has another name in JSON."""
    return dataclasses.field(metadata={"name": name})


def always_written() -> typing.Any:  # noqa: ANN401 - as dataclasses.field, it stands where a value of the field's type would
    """Declare a field whose None is written as null: it says something, and the server has no default for it."""
    return dataclasses.field(metadata={"always_written": True})


def read[T](shape: type[T], found: object) -> T:
    """Read an object of JSON into a dataclass; fields that it does not know are left. Raises NotUnderstood."""
    try:
        made = _reader_of(shape)(found)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise NotUnderstood(f"The answer is no {shape.__name__}: {type(wrong).__name__} {wrong}. Is this client older than the server?") from wrong
    assert isinstance(made, shape), "the reader of a shape makes this shape"
    return made


def _reader_of(shape: object) -> Reader:
    assert isinstance(shape, Hashable), "an annotation can be a key"
    return _reader(shape)


@functools.cache
def _reader(shape: typing.Any) -> Reader:  # noqa: ANN401 - any annotation of a field
    if shape in _PLAIN:
        return _PLAIN[shape]
    if dataclasses.is_dataclass(shape) and isinstance(shape, type):
        return _object_reader(shape)
    origin, parts = typing.get_origin(shape), typing.get_args(shape)
    if origin in {types.UnionType, typing.Union}:
        inner = _reader(next(part for part in parts if part is not types.NoneType))
        return lambda found: None if found is None else inner(found)
    if origin is tuple:
        each = _reader(parts[0])
        return lambda found: tuple(each(one) for one in _checked(found, list))
    assert origin is Mapping, f"a field can be a {shape}"
    return lambda found: _checked(found, dict)


def _object_reader(shape: type) -> Reader:
    hints = typing.get_type_hints(shape)
    fields = [
        (field.name, str(field.metadata.get("name", field.name)), hints[field.name], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(shape)
    ]

    def made(found: object) -> object:
        members = _checked(found, dict)
        return shape(**{name: _reader(hint)(members[key]) for name, key, hint, needed in fields if needed or key in members})

    return made


def _checked[T](found: object, kind: type[T]) -> T:
    if type(found) is not kind:
        raise TypeError(f"{found!r:.60} where {kind.__name__} is promised")
    return found


def _money(found: object) -> Money:
    members = _checked(found, dict)
    return Money(_checked(members["amount"], str), _checked(members["currency"], str))


_PLAIN: dict[object, Reader] = {
    str: lambda found: _checked(found, str),
    int: lambda found: _checked(found, int),
    bool: lambda found: _checked(found, bool),
    Money: _money,
    Decimal: lambda found: Decimal(_checked(found, str)),
    datetime: lambda found: datetime.fromisoformat(_checked(found, str)),
    date: lambda found: date.fromisoformat(_checked(found, str)),
}


def written(value: object) -> object:
    """Write a value as JSON has it; what is None is left out of objects, so that the server's own default holds. Raises TypeError for a float."""
    if isinstance(value, Money):
        return value.written()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object_written(value)
    if isinstance(value, Mapping):
        return {name: written(one) for name, one in value.items() if one is not None}
    if isinstance(value, date):
        return instant(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [written(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, str | int):
        raise TypeError(f"{value!r:.60} can not be sent.")
    return value


def _object_written(value: typing.Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    members: dict[str, object] = {}
    for field in dataclasses.fields(value):
        one = getattr(value, field.name)
        if one is not None or field.metadata.get("always_written"):
            members[str(field.metadata.get("name", field.name))] = None if one is None else written(one)
    return members


def instant(at: datetime) -> str:
    """Write an instant in UTC. Raises ValueError for one without a zone. Source: RFC 3339."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone.")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
