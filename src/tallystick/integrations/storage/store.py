"""Keep the bytes of files: in the domain's own row by default, or outside the database where the operator chose so.

The domain's table has `sha256`, `content` (bytes or null) and `reference` (text): `put` says what to write there, `get` reads by it. Outside
stores are called before the transaction that writes the row; a file without a row is harmless, the same content lands on the same name.
"""

import hashlib
import os
import pathlib
import re
import tempfile
from dataclasses import dataclass
from typing import Protocol

from tallystick.lib import errors, texts

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Misplaced(RuntimeError):
    """Say in one sentence what is wrong with the setting that says where files are kept."""


class StoreAway(errors.Conflict):
    """Say that the place where files are kept does not answer, or is full."""

    code = "store_away"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(texts.marked("Files can not be stored or read at this moment. Try again in a few minutes."))


class Lost(Exception):
    """Say that stored bytes are gone or are not what they were: a fault of the store, never of the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Tell a row what to hold: the bytes themselves, or where they are."""

    content: bytes | None
    reference: str


class Store(Protocol):
    """Keep bytes under their SHA-256."""

    def put(self, sha256: str, content: bytes) -> Placed:
        """Keep the bytes; twice is as once."""
        ...

    def get(self, sha256: str, placed: Placed) -> bytes:
        """Read the bytes and check them. Raises Lost."""
        ...


class RowStore:
    """Keep the bytes in the domain's row: one backup holds all."""

    def put(self, sha256: str, content: bytes) -> Placed:
        """Give the bytes to the row."""
        return Placed(content=checked(sha256, content), reference="")

    def get(self, sha256: str, placed: Placed) -> bytes:
        """Read what the row held. Raises Lost."""
        return checked(sha256, placed.content)


class FolderStore:
    """Keep the bytes as files under a folder, for instance one that several machines mount."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Use a folder that exists and is ours."""
        self._folder = folder

    def put(self, sha256: str, content: bytes) -> Placed:
        """Write the file whole or not at all, and make sure that it is on disk. Raises StoreAway."""
        path = self._path(checked_name(sha256))
        try:
            if not path.exists():
                self._write(path, checked(sha256, content))
        except OSError as problem:
            raise StoreAway from problem
        return Placed(content=None, reference=f"folder:{self._folder}")

    def get(self, sha256: str, placed: Placed) -> bytes:
        """Read the file and check it. Raises Lost, StoreAway."""
        del placed
        try:
            return checked(sha256, self._path(checked_name(sha256)).read_bytes())
        except FileNotFoundError as missing:
            raise Lost(f"The file {sha256} is gone from the store.") from missing
        except OSError as problem:
            raise StoreAway from problem

    def _path(self, sha256: str) -> pathlib.Path:
        return self._folder / sha256[:2] / sha256

    @staticmethod
    def _write(path: pathlib.Path, content: bytes) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            making = pathlib.Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                making.replace(path)
            except OSError:
                making.unlink()  # a full disk must not fill up with halves
                raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def checked(sha256: str, content: bytes | None) -> bytes:
    """Give bytes that are what their hash says. Raises Lost."""
    if content is None:
        raise Lost(f"The file {sha256} is not where its row says.")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Lost(f"The file {sha256} is not what it was.")
    return bytes(content)


def checked_name(sha256: str) -> str:
    """Give a hash that may be a name in a store. Raises Lost."""
    if not _SHA256.fullmatch(sha256):
        raise Lost(f"{sha256[:80]} is no name in the store.")
    return sha256
