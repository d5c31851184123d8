"""Write a ZIP piece by piece: what was written before stands in a few numbers, so that another process may go on after any piece.

Source: APPNOTE 6.3.10 (PKWARE); RFC 1951 for the pieces of a compressed file: each but the last ends in a full flush.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Any

_UTF8, _SIZES_FOLLOW = 0x800, 0x8
_VERSION, _DEFLATED = 20, 8
_NEVER_NEWER = (0, 33)
"""Midnight of 1 January 1980, as ZIP writes time and day: the same files give the same bytes."""


class Archive:
    """Give the bytes of a ZIP in order. Holds no more than 65,535 files and 4 GiB; who asks for a file sees to that."""

    def __init__(self, so_far: Mapping[str, Any] | None = None) -> None:
        """Begin a new one, or go on where another one's `state` was."""
        before = so_far or {"written": 0, "files": []}
        self._written: int = before["written"]
        self._files: list[list[Any]] = [list(one) for one in before["files"]]

    @property
    def state(self) -> dict[str, Any]:
        """Tell all that the next piece needs, as JSON has it."""
        return {"written": self._written, "files": self._files}

    @property
    def names(self) -> set[str]:
        """Name the files that it has."""
        return {one[0] for one in self._files}

    def put(self, name: str, content: bytes) -> bytes:
        """Write a whole file."""
        packed = _packed(content, zlib.Z_FINISH)
        self._files.append([name, _UTF8, zlib.crc32(content), len(packed), len(content), self._written])
        return self._count(self._header(sized=True) + packed)

    def begin(self, name: str) -> bytes:
        """Begin a file that comes in pieces."""
        self._files.append([name, _UTF8 | _SIZES_FOLLOW, 0, 0, 0, self._written])
        return self._count(self._header(sized=False))

    def add(self, content: bytes) -> bytes:
        """Write a piece of the file that was begun last."""
        return self._piece(content, zlib.Z_FULL_FLUSH)

    def finish(self, content: bytes) -> bytes:
        """Write the last piece of the file that was begun last."""
        last = self._piece(content, zlib.Z_FINISH)
        return last + self._count(struct.pack("<4s3I", b"PK\x07\x08", *self._files[-1][2:5]))

    def end(self) -> bytes:
        """Write the directory."""
        entries = b"".join(_entry(*one) for one in self._files)
        count, start = len(self._files), self._written
        return self._count(entries + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0))

    def _piece(self, content: bytes, flush: int) -> bytes:
        packed, own = _packed(content, flush), self._files[-1]
        own[2] = zlib.crc32(content, own[2])
        own[3] += len(packed)
        own[4] += len(content)
        return self._count(packed)

    def _header(self, *, sized: bool) -> bytes:
        name, flags, *sizes = self._files[-1][:5]
        written: bytes = name.encode()
        known = sizes if sized else (0, 0, 0)
        return struct.pack("<4s5H3I2H", b"PK\x03\x04", _VERSION, flags, _DEFLATED, *_NEVER_NEWER, *known, len(written), 0) + written

    def _count(self, content: bytes) -> bytes:
        self._written += len(content)
        return content


def _packed(content: bytes, flush: int) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(flush)


def _entry(name: str, flags: int, *rest: int) -> bytes:
    checksum, packed, size, start = rest
    written = name.encode()
    sizes = (checksum, packed, size, len(written), 0, 0, 0, 0, 0, start)
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", _VERSION, _VERSION, flags, _DEFLATED, *_NEVER_NEWER, *sizes) + written
