"""Know what a backup is: one file with a manifest and PostgreSQL's own archive of one consistent snapshot."""

import contextlib
import hashlib
import importlib.metadata
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tallystick.integrations.postgres import residence
from tallystick.interfaces.cli import place

_MANIFEST, _DUMP = "manifest.json", "database.dump"
_CHUNK_BYTES = 1 << 20
_TABLES = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a backup that was taken apart: the rows of each table that its manifest promises, and PostgreSQL's archive."""

    rows: dict[str, int]
    dump: Path


def write(file: Path, conninfo: str) -> dict[str, int]:
    """Write a backup while others work on: the rows of one instant, whole or not at all. Gives the rows of each table."""
    making = file.with_name(f"{file.name}.making")
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch, psycopg.connect(conninfo) as connection, _gone(making):
        dump = Path(scratch) / _DUMP
        connection.execute("set transaction isolation level repeatable read, read only")
        snapshot = connection.execute("select pg_export_snapshot()").fetchone()
        assert snapshot is not None, "a function answers with one row"
        # the owner's own policy shows every row; row-level security stays on so that pg_dump needs no superuser
        _tool("pg_dump", conninfo, "--format=custom", "--enable-row-security", f"--snapshot={snapshot[0]}", f"--file={dump}")
        rows = count(connection)
        manifest = {"tallystick": importlib.metadata.version("tallystick"), "sha256": _sha256(dump), "rows": rows}
        private = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(private, "wb") as out, tarfile.open(fileobj=out, mode="w|") as tar:
            text = json.dumps(manifest, indent=1).encode()
            entry = tarfile.TarInfo(_MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
            tar.add(dump, _DUMP)
        making.replace(file)
    return rows


@contextlib.contextmanager
def _gone(making: Path) -> Iterator[None]:
    """Leave no half-written file behind."""
    try:
        yield
    finally:
        making.unlink(missing_ok=True)


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """Take a backup apart in a folder of its own, and look whether it is whole, before anything is made for it. Raises Unusable."""
    beside = file.parent if os.access(file.parent, os.W_OK) else None  # a backup may lie where nobody writes
    with tempfile.TemporaryDirectory(dir=beside) as scratch:
        yield _unpacked(file, Path(scratch))


def read(backup: Opened, conninfo: str) -> dict[str, int]:
    """Read a backup into an empty database, in one transaction, and count what came. Raises Unusable."""
    with psycopg.connect(conninfo) as connection:
        if connection.execute(_TABLES).fetchone():
            raise place.Unusable("This database is not empty: restore into a new folder or database, never over a living one.")
    _tool("pg_restore", conninfo, "--exit-on-error", "--single-transaction", "--no-comments", str(backup.dump))
    with psycopg.connect(conninfo) as connection:
        rows = count(connection)
    wrong = [f"{name} ({rows.get(name, 0)} of {number})" for name, number in backup.rows.items() if rows.get(name) != number]
    if wrong:
        raise place.Unusable(f"The backup was not restored whole: {', '.join(wrong)}.")
    return rows


def count(connection: psycopg.Connection[tuple[str]]) -> dict[str, int]:
    """Count the rows of every table that this login sees."""
    names = [name for (name,) in connection.execute(_TABLES).fetchall()]
    found = {name: connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone() for name in names}
    return {name: int(row[0]) for name, row in found.items() if row}


def _unpacked(file: Path, scratch: Path) -> Opened:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(scratch, filter="data")
        manifest = json.loads((scratch / _MANIFEST).read_text(encoding="utf-8"))
        promised, rows = str(manifest["sha256"]), dict(manifest["rows"])
        found = _sha256(scratch / _DUMP)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as problem:
        raise place.Unusable(
            f"{file} is no whole backup of Tallystick ({_first_line(problem)}); name the file that tallystick backup wrote."
        ) from problem
    if found != promised:
        raise place.Unusable(f"{file} is damaged: its content is not what was written; take another backup.")
    return Opened(rows, scratch / _DUMP)


def _first_line(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return (str(problem).splitlines() or ["empty"])[0].rstrip(":.")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _tool(name: str, conninfo: str, *words: str) -> None:
    reached = psycopg.conninfo.conninfo_to_dict(conninfo)
    password = str(reached.pop("password", ""))
    target = psycopg.conninfo.make_conninfo("", **{key: str(value) for key, value in reached.items()})
    environment = {**{key: value for key, value in os.environ.items() if not key.startswith("PG")}, "PGPASSWORD": password}
    command = [str(residence.tool(name)), "--no-password", f"--dbname={target}", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)  # noqa: S603 - our own program
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line] or ["no reason given"]
        raise place.Unusable(f"{name} failed: {lines[0]}")
