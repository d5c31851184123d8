"""Write long arrays in PostgreSQL's binary form at once: element by element they cost more than the statement that takes them.

Source: PostgreSQL, array_send and array_recv: dimensions, null flag, element type; then length and bounds; then each element with its length.
"""

import struct
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEADER = struct.Struct("!iiIii")
_NULL = b"\xff\xff\xff\xff"


class _Packed:
    """Hold an array that is written already."""

    __slots__ = ("content",)
    element_oid = 0

    def __init__(self, count: int, body: bytes, *, has_nulls: bool = False) -> None:
        head = _HEADER.pack(1, int(has_nulls), self.element_oid, count, 1) if count else struct.pack("!iiI", 0, 0, self.element_oid)
        self.content = head + body


class Bigints(_Packed):
    """Write bigint[]."""

    element_oid = 20

    def __init__(self, values: Sequence[int]) -> None:
        """Take whole numbers of 64 bits, none of them missing."""
        pairs = [8, 0] * len(values)
        pairs[1::2] = values
        super().__init__(len(values), struct.pack("!" + "iq" * len(values), *pairs))


class Integers(_Packed):
    """Write integer[]."""

    element_oid = 23

    def __init__(self, values: Sequence[int]) -> None:
        """Take whole numbers of 32 bits, none of them missing."""
        pairs = [4, 0] * len(values)
        pairs[1::2] = values
        super().__init__(len(values), struct.pack("!" + "ii" * len(values), *pairs))


class Texts(_Packed):
    """Write text[]."""

    element_oid = 25

    def __init__(self, values: Sequence[str | None]) -> None:
        """Take texts, some of which may be missing."""
        has_nulls = None in values
        encoded = [b"" if value is None else value.encode() for value in values]
        parts = [b""] * (2 * len(encoded))
        parts[0::2] = [len(one).to_bytes(4) for one in encoded]
        parts[1::2] = encoded
        if has_nulls:
            parts[0::2] = [_NULL if value is None else length for value, length in zip(values, parts[0::2], strict=True)]
        super().__init__(len(values), b"".join(parts), has_nulls=has_nulls)


class Uuids(_Packed):
    """Write uuid[]."""

    element_oid = 2950

    def __init__(self, values: Sequence[uuid.UUID | None]) -> None:
        """Take UUIDs, some of which may be missing."""
        body = b"".join([_NULL if value is None else b"\x00\x00\x00\x10" + value.bytes for value in values])
        super().__init__(len(values), body, has_nulls=None in values)


class _Handing(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Packed) -> bytes:
        """Hand over what is written."""
        return obj.content


_DUMPERS = [
    (kind, type(f"{kind.__name__}Dumper", (_Handing,), {"oid": oid}))
    for kind, oid in ((Bigints, 1016), (Integers, 1007), (Texts, 1009), (Uuids, 2951))
]


def cursor(connection: psycopg.Connection[tuple[Any, ...]]) -> psycopg.Cursor[tuple[Any, ...]]:
    """Give a cursor that binds on the server and takes these arrays, whatever the connection's own cursors do (Django's bind on the client)."""
    made = psycopg.Cursor(connection)
    for kind, dumper in _DUMPERS:
        made.adapters.register_dumper(kind, dumper)
    return made
