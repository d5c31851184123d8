"""Look an installation over: one line for each thing that must be right, and an exit code for cron."""

import argparse
import hashlib
import os
import shutil
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from tallystick.integrations.postgres import roles
from tallystick.integrations.storage import chosen as chosen_files
from tallystick.integrations.storage import store
from tallystick.interfaces.cli import place

_MOST_DRIFT_SECONDS = 2.0
_LEAST_FREE_BYTES = 1_000_000_000
_SERVED = ("web", "operator", "worker")


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one line: what was looked at, whether it is right, and what was seen."""

    name: str
    is_right: bool
    seen: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything is looked at."""
    del parser


def run(options: argparse.Namespace) -> int:
    """Print the findings; 0 where all is right, 1 where something is not."""
    chosen = place.Place(options.data)
    with chosen.database() as note:
        findings = [_port(chosen, note), *_database(chosen, note), _mail(), _disk(chosen), _files()]
    for finding in findings:
        print(f"{'ok   ' if finding.is_right else 'FAULT'} {finding.name:<9} {finding.seen}")
    return 0 if all(finding.is_right for finding in findings) else 1


def _port(chosen: place.Place, note: dict[str, str]) -> Finding:
    if not chosen.is_served() or not note.get("url"):
        return Finding("port", is_right=True, seen="no server runs on this folder")
    started = time.monotonic()
    try:
        with urllib.request.urlopen(f"{note['url']}/sign-in/", timeout=10):  # noqa: S310 - our own address
            return Finding("port", is_right=True, seen=f"{note['url']} answers in {(time.monotonic() - started) * 1000:.0f} ms")
    except urllib.error.HTTPError as problem:
        return Finding("port", is_right=False, seen=f"{note['url']} answers with {problem.code}")
    except OSError as problem:
        return Finding("port", is_right=False, seen=f"{note['url']} does not answer: {problem}")


def _database(chosen: place.Place, note: dict[str, str]) -> Iterator[Finding]:
    where = f"{note['database_host']}:{note['database_port']}"
    try:
        with connect(chosen, note, "web") as connection:
            version = connection.info.server_version
            row = connection.execute("select clock_timestamp()").fetchone()
            drift = abs((datetime.now(UTC) - row[0]).total_seconds()) if row else 0.0
            wrong = connection.execute(_WRONG_RIGHTS, [[f"tallystick_{role}" for role in roles.LOGIN_ROLES]]).fetchall()
    except psycopg.Error as problem:
        yield Finding("database", is_right=False, seen=f"{where} refuses: {str(problem).splitlines()[0]}")
        return
    yield Finding(
        "database", version >= place.OLDEST_POSTGRES, f"PostgreSQL {version // 10_000}.{version % 10_000} at {where}, 18 or newer is needed"
    )
    yield Finding("clock", drift <= _MOST_DRIFT_SECONDS, f"{drift:.2f} s between this machine and the database")
    yield Finding(
        "rights",
        not wrong,
        f"too much power: {', '.join(name for (name,) in wrong)}" if wrong else "no login is a superuser or sees past row-level security",
    )
    for role in _SERVED:
        try:
            connect(chosen, note, role).close()
        except psycopg.Error as problem:
            yield Finding(role, is_right=False, seen=f"can not sign in: {str(problem).splitlines()[0]}")


_WRONG_RIGHTS = "select rolname from pg_roles where rolname = any(%s) and (rolsuper or rolbypassrls or rolcreaterole)"


def connect(chosen: place.Place, note: dict[str, str], role: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect as one of the logins."""
    password = os.environ.get(f"TALLYSTICK_{role.upper()}_PASSWORD") or chosen.secrets()[role]
    where = psycopg.conninfo.make_conninfo(host=note["database_host"], port=note["database_port"], dbname=note["database_name"])
    return psycopg.connect(where, user=f"tallystick_{role}", password=password, connect_timeout=10)


def _mail() -> Finding:
    host, written = os.environ.get("TALLYSTICK_MAIL_HOST", ""), os.environ.get("TALLYSTICK_MAIL_PORT") or "25"
    if not written.isdecimal():
        return Finding("mail", is_right=False, seen="TALLYSTICK_MAIL_PORT must be a whole number")
    port = int(written)
    if not host:
        return Finding("mail", is_right=True, seen="no mail server is named (TALLYSTICK_MAIL_HOST); mails wait")
    try:
        spoken = smtplib.SMTP_SSL if os.environ.get("TALLYSTICK_MAIL_SECURITY") == "tls" else smtplib.SMTP
        with spoken(host, port, timeout=10) as server:
            code, _ = server.noop()
    except (OSError, OverflowError, smtplib.SMTPException) as problem:
        return Finding("mail", is_right=False, seen=f"{host}:{port} does not answer: {problem}")
    return Finding("mail", is_right=True, seen=f"{host}:{port} answers with {code}")


def _files() -> Finding:
    """Write a few bytes, always the same, where documents are kept, and read them back."""
    try:
        location = place.files()
        kept = chosen_files.at(location)
        content = b"Tallystick can write and read here.\n"
        sha256 = hashlib.sha256(content).hexdigest()
        kept.get(sha256, kept.put(sha256, content))
    except (place.Unusable, store.StoreAway, store.Lost) as problem:
        return Finding("files", is_right=False, seen=str(problem))
    return Finding(
        "files", is_right=True, seen="are rows of the database" if location == chosen_files.ROWS else f"are written to and read from {location}"
    )


def _disk(chosen: place.Place) -> Finding:
    free = shutil.disk_usage(chosen.folder).free
    return Finding("disk", free >= _LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB free under {chosen.folder}")
