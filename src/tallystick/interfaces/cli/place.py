"""Know the folder in which an installation keeps what is its own: secrets, database, and the note of what runs now."""

import contextlib
import fcntl
import json
import os
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from tallystick.integrations.postgres import cluster, residence, roles
from tallystick.integrations.storage import chosen, store
from tallystick.interfaces.cli import speaking

DATABASE = "tallystick"
OLDEST_POSTGRES = 180_000
STORY_MARK = "tallystick: the demo's story is being told into this database"
_SECRETS = ("secret_key", "gateway_secret", *roles.LOGIN_ROLES)


Unusable = speaking.Unusable
"""Say in one sentence why a command can not do its work here."""


def holds_installation(folder: Path) -> bool:
    """Tell whether something was started on this folder. Raises Unusable where it can not be looked at."""
    try:
        return (folder / "secrets.json").is_file()
    except OSError as problem:
        raise Unusable(f"The folder {folder} can not be read: {problem.strerror}. Name another one with --data.") from problem


class Place:
    """Stand for one data folder (DIR in `--data DIR`)."""

    def __init__(self, folder: Path) -> None:
        """Make the folder where it is missing. Raises Unusable."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".{uuid.uuid4().hex}"
            probe.write_text("x", encoding="utf-8")
            probe.unlink()
        except OSError as problem:
            raise Unusable(f"The folder {folder} can not be written: {problem.strerror}. Name another one with --data.") from problem
        self.folder = folder.resolve()
        self.gateway_secret_file = self.folder / "gateway-secret"
        self.mailbox = self.folder / "mailbox"
        self._named_url = ""

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one server. Raises Unusable where another one runs on it."""
        with (self.folder / "serve.lock").open("a", encoding="utf-8") as lock:
            if not _locked(lock):
                raise Unusable(f"Tallystick already runs on {self.folder}. Stop it first, or name another folder with --data.")
            yield

    def is_served(self) -> bool:
        """Tell whether a server runs on this folder."""
        with (self.folder / "serve.lock").open("a", encoding="utf-8") as lock:
            return not _locked(lock)

    def secrets(self) -> dict[str, str]:
        """Read this installation's secrets, made at the first call and readable by its owner only."""
        file = self.folder / "secrets.json"
        kept = _kept(file)
        missing = [name for name in _SECRETS if name not in kept]
        if missing:
            kept |= {name: secrets.token_urlsafe(32) for name in missing}
            write_private(file, json.dumps(kept, indent=1))
        if missing or not self.gateway_secret_file.exists():
            write_private(self.gateway_secret_file, kept["gateway_secret"])
        return kept

    def use_database_url(self, url: str) -> None:
        """Use an own PostgreSQL; the commands that follow find it again once it has answered."""
        self._named_url = url

    def note(self) -> dict[str, str]:
        """Read what the last server wrote about itself: url, database_host, database_port, database_name, gateway_url, demo."""
        file = self.folder / "server.json"
        return _kept(file)

    def write_note(self, **facts: str) -> dict[str, str]:
        """Note what runs now, for commands beside the server."""
        write_private(self.folder / "server.json", json.dumps(facts, indent=1))
        return facts

    def environment(self, note: dict[str, str]) -> dict[str, str]:
        """Make the variables that the application reads at its start; what the caller set already stays."""
        kept = self.secrets()
        ours = {
            "TALLYSTICK_SECRET_KEY": kept["secret_key"],
            "TALLYSTICK_GATEWAY_SECRET": kept["gateway_secret"] if note.get("gateway_url") else "",
            "TALLYSTICK_GATEWAY_URL": note.get("gateway_url", ""),
            "TALLYSTICK_URL": note.get("url", ""),
            "TALLYSTICK_DEMO": note.get("demo", ""),
            **self._mailbox(note),
            "TALLYSTICK_STATIC": str(self.folder / "static"),
            **{f"TALLYSTICK_{role.upper()}_PASSWORD": kept[role] for role in roles.LOGIN_ROLES},
        }
        given = {name: value for name, value in os.environ.items() if name.startswith("TALLYSTICK_") and value}
        where = {f"TALLYSTICK_DATABASE_{name.upper()}": note[f"database_{name}"] for name in ("host", "port", "name")}
        return {**{name: value for name, value in ours.items() if value}, **given, **where, "DJANGO_SETTINGS_MODULE": "tallystick.config.settings"}

    def _mailbox(self, note: dict[str, str]) -> dict[str, str]:
        """Name the demo's own mail server, and where it keeps what it gets."""
        port = note.get("mail_port", "")
        return {"TALLYSTICK_MAIL_HOST": "127.0.0.1", "TALLYSTICK_MAIL_PORT": port, "TALLYSTICK_MAILBOX": str(self.mailbox)} if port else {}

    @contextlib.contextmanager
    def database(self) -> Iterator[dict[str, str]]:
        """Have the database for a block: the running server's, or started just for this. Raises Unusable."""
        if self.is_served():
            yield self.note()
            return
        with self.alone():
            own = cluster.Cluster(self.folder)
            try:
                yield self.open_database(own)
            finally:
                own.stop()

    def open_database(self, own: cluster.Cluster) -> dict[str, str]:
        """Start our PostgreSQL, or reach the one that was named, see to its roles, and tell where it is. Raises Unusable."""
        kept = self.secrets()
        try:
            superuser = self._superuser(own)
            _check_version(superuser)
            roles.create(superuser=superuser, database=DATABASE, passwords=kept)
        except (cluster.ClusterFailed, residence.NoPlace) as problem:
            raise Unusable(str(problem)) from problem
        except psycopg.Error as problem:
            raise Unusable(f"PostgreSQL refuses: {str(problem).splitlines()[0]}") from problem
        if self._named_url:
            write_private(self.folder / "secrets.json", json.dumps({**kept, "database_url": self._named_url}, indent=1))
        reached = psycopg.conninfo.conninfo_to_dict(superuser)
        host, port = str(reached.get("host") or "127.0.0.1"), str(reached.get("port") or "5432")
        return {**self.note(), "database_host": host, "database_port": port, "database_name": DATABASE}

    def _superuser(self, own: cluster.Cluster) -> str:
        return self._named_url or self.secrets().get("database_url") or own.start().conninfo()

    def remake_database(self, own: cluster.Cluster) -> None:
        """Make the database anew whose story was cut off; one without that mark is never touched. Raises Unusable."""
        superuser = self._superuser(own)
        with psycopg.connect(superuser, autocommit=True) as connection:
            if not is_marked(connection):
                raise Unusable("The database holds more than a story that was cut off; it is left as it is. Start again.")
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(DATABASE)))
        self.open_database(own)


def is_marked(connection: psycopg.Connection[tuple[Any, ...]], database: str = DATABASE) -> bool:
    """Tell whether the database bears the mark of a story that is being told, or was cut off."""
    row = connection.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [database]).fetchone()
    return row is not None and row[0] == STORY_MARK


def check_port(port: int) -> None:
    """Refuse a number that is no port. Raises Unusable."""
    if not 0 < port < 65536:  # noqa: PLR2004 - TCP
        raise Unusable(f"{port} is no port; choose one from 1 to 65535 with --port.")


def files() -> str:
    """Read where documents are kept, and see that the setting can be followed. Raises Unusable."""
    location = os.environ.get("TALLYSTICK_FILES") or chosen.ROWS
    try:
        chosen.at(location)
    except store.Misplaced as problem:
        raise Unusable(str(problem)) from problem
    return location


def _kept(file: Path) -> dict[str, str]:
    """Read one of our own files; none is as empty. Raises Unusable."""
    try:
        found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as problem:
        raise Unusable(f"{file} can not be read; put the one of your backup in its place.") from problem
    return found


def _check_version(superuser: str) -> None:
    with psycopg.connect(superuser, connect_timeout=10) as connection:
        version = connection.info.server_version
    if version < OLDEST_POSTGRES:
        raise Unusable(f"PostgreSQL 18 or newer is needed; this one is {version // 10_000}.{version % 10_000}.")


def write_private(file: Path, text: str) -> None:
    """Write a file for its owner's eyes, whole or not at all."""
    making = file.with_name(f"{file.name}.making")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    making.replace(file)


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
