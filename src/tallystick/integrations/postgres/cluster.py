"""Run a PostgreSQL of our own from the programs of a wheel: made at the first start, found again at the next.

It listens on 127.0.0.1 only, asks everybody for a password, and survives kill -9 of itself and of whoever started it.
A process is signaled only after it proved to be PostgreSQL on our own folder: a number in a file proves nothing.
"""

import contextlib
import fcntl
import functools
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from tallystick.integrations.postgres import residence

SUPERUSER = "tallystick_super"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "60",
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "effective_io_concurrency": "8",
    "random_page_cost": "1.2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "io_method": "sync",  # three helper processes less, and nothing here reads in bulk
}
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 600
"""A crash recovery may take minutes; what is still starting is waited for, what died is reported at once."""


class ClusterFailed(RuntimeError):
    """Say in one sentence what PostgreSQL complained about."""


@dataclass(frozen=True, slots=True)
class Server:
    """Tell where a running cluster is reached, and as whom."""

    host: str
    port: int
    password: str

    def conninfo(self, database: str = "postgres") -> str:
        """Write the superuser's connection string to a database."""
        return psycopg.conninfo.make_conninfo(host=self.host, port=self.port, user=SUPERUSER, password=self.password, dbname=database)


class Cluster:
    """Supervise the PostgreSQL of one folder; one supervisor at a time."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        """Name the folder, and settings that differ from ours."""
        self._folder = folder
        self.log = folder / "postgres.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._lock: IO[str] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.server: Server | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[Server]:
        """Run it for the length of a block."""
        server = self.start()
        try:
            yield server
        finally:
            self.stop()

    def start(self) -> Server:
        """Start it, or take over what a killed supervisor left running, and wait until it answers. Raises ClusterFailed, NoPlace."""
        self._claim()
        if not (self.place.rows / "PG_VERSION").exists():
            self._make()
        password = self._password()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            pid, port = self._recorded()
            if pid is None:
                port = self._spawn()
            if self._await_ready(port, password, deadline):
                self.server = Server("127.0.0.1", port, password)
                return self.server

    def alive(self) -> bool:
        """Tell whether its process is there."""
        if self._child is not None:
            return self._child.poll() is None
        return self._recorded()[0] is not None

    def stop(self) -> None:
        """End it: sessions are cut, everything committed is kept; give the folder free."""
        pid, _ = self._recorded()
        if pid is not None:
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while self.alive() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        self._child = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @functools.cached_property
    def place(self) -> residence.Residence:
        """Find or make its folders. Raises NoPlace."""
        return residence.settle(self._folder)

    def pid(self) -> int | None:
        """Name the process that serves this folder now, None where there is none."""
        return self._recorded()[0]

    def _claim(self) -> None:
        if self._lock is not None:
            return
        self.place.home.stat()  # the folder is made before its lock
        lock = (self._folder / "postgres.lock").open("a", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            lock.close()
            raise ClusterFailed(f"Another Tallystick already runs on {self._folder}.") from problem
        self._lock = lock

    def _recorded(self) -> tuple[int | None, int]:
        """Read postmaster.pid; a number counts only when that process is PostgreSQL on our folder."""
        try:
            lines = (self.place.rows / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None, 0
        return (pid, port) if _is_postgres_on(pid, self.place.rows) else (None, 0)

    def _make(self) -> None:
        """Run initdb into a folder beside, and move it into place when it is whole: a kill -9 in the middle leaves nothing."""
        # a name of its own for each try: the initdb of a killed start may still be writing into the one before
        place, making = self.place, self.place.home / f"rows.making-{secrets.token_hex(4)}"
        for half in place.home.glob("rows.making*"):
            with contextlib.suppress(ClusterFailed):
                self._run("initdb left half done", ["rm", "-rf", str(half)])
        words = place.home / "superuser-password"
        if not words.exists():
            self._write_password(words)
        self._run(
            "The database could not be made",
            [
                *(str(place.programs / "initdb"), "-D", str(making), "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={words}"),
                *("--data-checksums", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
            ],
        )
        making.rename(place.rows)

    def _write_password(self, words: Path) -> None:
        """Write it whole or not at all: an empty password would be the cluster's for ever."""
        beside = words.with_name(f"{words.name}.making")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(32))
            if self.place.user is not None and self.place.group is not None:
                os.fchown(file.fileno(), self.place.user, self.place.group)
        beside.replace(words)

    def _password(self) -> str:
        return (self.place.home / "superuser-password").read_text(encoding="utf-8").strip()

    def _run(self, sentence: str, command: list[str]) -> None:
        user, group = self.place.user, self.place.group
        done = subprocess.run(  # noqa: S603 - our own programs
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.place.home,
            env=_environment(),
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
        if done.returncode:
            raise ClusterFailed(f"{sentence}: {_reason(done.stderr)}")

    def _spawn(self) -> int:
        port = self.server.port if self.server else _free_port()
        self._drop_stale_note()
        options = [part for name, value in {**self._settings, "port": str(port)}.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as output:  # the log of the last start: it says why a start failed
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                [str(self.place.programs / "postgres"), "-D", str(self.place.rows), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.place.home,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us: we end PostgreSQL after those who use it
                user=self.place.user,
                group=self.place.group,
                extra_groups=None if self.place.user is None else [],
            )
        return port

    def _drop_stale_note(self) -> None:
        """Remove a postmaster.pid whose number now belongs to a stranger: PostgreSQL would take the stranger for itself.

        Safe beside a living server of this folder too: PostgreSQL itself refuses while its shared memory is in use.
        """
        if self._recorded()[0] is None:
            (self.place.rows / "postmaster.pid").unlink(missing_ok=True)

    def _await_ready(self, port: int, password: str, deadline: float) -> bool:
        """Wait for an answer; False asks to start again (a port lost in a race, sessions of a killed server still ending)."""
        while time.monotonic() < deadline:
            if self._answers(port, password):
                return True
            if not self.alive():
                return self._died()
            time.sleep(_POLL_SECONDS)
        raise ClusterFailed(f"PostgreSQL did not answer within {_PATIENCE_SECONDS} seconds; see {self.log}.")

    def _died(self) -> bool:
        if self._child is None:
            return False
        self._child = None
        complaint = self.log.read_text(encoding="utf-8", errors="replace")
        if "still in use" in complaint or "Address already in use" in complaint or "already exists" in complaint:
            self.server = None if "Address already in use" in complaint else self.server
            time.sleep(0.2)
            return False
        raise ClusterFailed(f"PostgreSQL did not start: {_reason(complaint)}")

    def _answers(self, port: int, password: str) -> bool:
        try:
            with psycopg.connect(Server("127.0.0.1", port, password).conninfo(), connect_timeout=5) as connection:
                row = connection.execute("select current_setting('data_directory')").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).samefile(self.place.rows)


def _is_postgres_on(pid: int, rows: Path) -> bool:
    if Path("/proc/self/cwd").exists():
        try:
            # PostgreSQL works from inside its data directory; a stranger with a reused number does not
            return Path(f"/proc/{pid}/cwd").samefile(rows) and Path(f"/proc/{pid}/exe").readlink().name.startswith("postgres")
        except OSError:
            return False
    command = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "command="], check=False, capture_output=True, text=True).stdout  # noqa: S603 - a number
    return "postgres" in command and str(rows) in command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    # a person's own PGDATA or PGOPTIONS must not reach our server
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PG")}, "LC_ALL": "C"}


def _reason(complaint: str) -> str:
    if "No space left" in complaint or "wrote only" in complaint:
        return "the disk is full."
    marked = [line for line in complaint.splitlines() if any(word in line for word in ("FATAL", "PANIC", "error:", "could not"))]
    return (marked or complaint.strip().splitlines() or ["no reason given"])[0].split("  ")[-1]
