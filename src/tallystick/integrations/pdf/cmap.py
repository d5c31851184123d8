"""Read from a font file which characters it draws, and nothing else: a general font library would take 45 MB for this one question.

Source: OpenType 1.9, chapters "otff" (table directory) and "cmap" (subtable formats 4 and 12).
"""

import pathlib
import struct
from collections.abc import Iterator

_UNICODE = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}
_LAST_OF_PLANE = 0xFFFF


def characters(path: pathlib.Path) -> Iterator[range]:
    """Give the code points that the font draws, as ranges (they may overlap)."""
    table = _table(path)
    (count,) = struct.unpack_from(">H", table, 2)
    subtables: dict[int, bytes] = {}
    for place in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", table, 4 + 8 * place)
        if (platform, encoding) in _UNICODE:
            (form,) = struct.unpack_from(">H", table, offset)
            subtables[form] = table[offset:]
    for form, read in ((4, _by_segments), (12, _by_groups)):
        if form in subtables:
            yield from read(subtables[form])


def _table(path: pathlib.Path) -> bytes:
    """Read the bytes of the table "cmap"."""
    with path.open("rb") as file:
        _, count = struct.unpack(">LH6x", file.read(12))
        for _ in range(count):
            tag, _, offset, length = struct.unpack(">4sLLL", file.read(16))
            if tag == b"cmap":
                file.seek(offset)
                return file.read(length)
    raise ValueError(f"{path.name} has no table of characters.")


def _by_groups(table: bytes) -> Iterator[range]:
    (count,) = struct.unpack_from(">L", table, 12)
    for first, last, glyph in struct.iter_unpack(">LLL", table[16 : 16 + 12 * count]):
        yield range(first if glyph else first + 1, last + 1)


def _by_segments(table: bytes) -> Iterator[range]:
    (count,) = struct.unpack_from(">H", table, 6)
    count //= 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts, deltas, offsets = (struct.unpack_from(f">{count}H", table, 16 + 2 * count * part) for part in (1, 2, 3))
    for place, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        here = 16 + 6 * count + 2 * place + offset
        for point in range(first, min(last, _LAST_OF_PLANE - 1) + 1):
            glyph = struct.unpack_from(">H", table, here + 2 * (point - first))[0] if offset else point
            if glyph if offset else (glyph + delta) & _LAST_OF_PLANE:
                yield range(point, point + 1)
