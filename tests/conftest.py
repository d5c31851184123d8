"""Give every test one PostgreSQL in five roles: a cluster for the session, a database for each process of it, migrated once.

Tests never clean up: each makes its own customers.
"""

import atexit
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from tallystick.integrations.postgres import cluster, roles

PASSWORD = "only-for-tests"
sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("TALLYSTICK_SECRET_KEY", "only-for-tests")
os.environ.setdefault("TALLYSTICK_GATEWAY_SECRET", "gateway-secret-for-tests")
os.environ.setdefault("TALLYSTICK_DEMO", "1")
if "TALLYSTICK_STATIC" not in os.environ:
    os.environ["TALLYSTICK_STATIC"] = tempfile.mkdtemp(prefix="tallystick-static-")
    atexit.register(shutil.rmtree, os.environ["TALLYSTICK_STATIC"], ignore_errors=True)
os.environ["DJANGO_SETTINGS_MODULE"] = "tallystick.config.settings"
for _role in roles.LOGIN_ROLES:
    os.environ[f"TALLYSTICK_{_role.upper()}_PASSWORD"] = PASSWORD
os.environ.setdefault("TALLYSTICK_DATABASE_PORT", "1")  # nothing answers there: what runs before the database is up must not need it
django.setup()

_TEMPLATE = "tallystick_template"


class _Session:
    """Share one cluster among the processes of a session; the last to leave stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)

    def join(self) -> cluster.Server:
        with (self.folder / "session.lock").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            note = self.folder / "session.json"
            shared = json.loads(note.read_text(encoding="utf-8")) if note.exists() else self._open()
            shared["users"] += 1
            note.write_text(json.dumps(shared), encoding="utf-8")
        return cluster.Server("127.0.0.1", shared["port"], shared["password"])

    def _open(self) -> dict[str, object]:
        # flushing to disk proves nothing here: the tests that kill PostgreSQL have their own clusters, with it on
        quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "120"}
        running = cluster.Cluster(self.folder / "cluster", settings=quick)
        server = running.start()
        roles.create(superuser=server.conninfo(), database=_TEMPLATE, passwords=dict.fromkeys(roles.LOGIN_ROLES, PASSWORD))
        _migrate(server)
        return {"port": server.port, "password": server.password, "users": 0}

    def leave(self) -> None:
        with (self.folder / "session.lock").open("a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            note = self.folder / "session.json"
            shared = json.loads(note.read_text(encoding="utf-8"))
            shared["users"] -= 1
            note.write_text(json.dumps(shared), encoding="utf-8")
            if shared["users"] == 0:
                note.unlink()
                ended = cluster.Cluster(self.folder / "cluster")
                ended.stop()
                for home in {ended.place.home, self.folder / "cluster"}:  # for root they may be two; the lock alone stays
                    shutil.rmtree(home, ignore_errors=True)


def _point_at(server: cluster.Server, database: str) -> None:
    os.environ.update(TALLYSTICK_DATABASE_HOST=server.host, TALLYSTICK_DATABASE_PORT=str(server.port), TALLYSTICK_DATABASE_NAME=database)
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict.update(HOST=server.host, PORT=str(server.port), NAME=database)


def _migrate(server: cluster.Server) -> None:
    _point_at(server, _TEMPLATE)
    call_command("migrate", database="owner", verbosity=0)
    with psycopg.connect(_conninfo("owner", server, _TEMPLATE), autocommit=True) as owner:
        roles.grant_shared_tables(owner)
    for alias in connections:
        connections[alias].close()


def _conninfo(role: str, server: cluster.Server, database: str) -> str:
    return psycopg.conninfo.make_conninfo(host=server.host, port=server.port, user=f"tallystick_{role}", password=PASSWORD, dbname=database)


@pytest.fixture(scope="session", autouse=True)
def database(testrun_uid: str, worker_id: str) -> Iterator[dict[str, str]]:
    """Point Django at a database of this process's own, made from the migrated template; its settings as a table of texts."""
    session = _Session(Path(tempfile.gettempdir()) / f"tallystick-tests-{testrun_uid}")
    server = session.join()
    chosen = f"tallystick_{worker_id}"
    with psycopg.connect(server.conninfo(), autocommit=True) as superuser:
        superuser.execute(f"create database {chosen} template {_TEMPLATE} owner tallystick_owner")
    _point_at(server, chosen)
    try:
        yield {
            "host": server.host,
            "port": str(server.port),
            "name": chosen,
            "password": PASSWORD,
            "superuser": server.conninfo(chosen),
            **{role: _conninfo(role, server, chosen) for role in roles.LOGIN_ROLES},
        }
    finally:
        for alias in connections:
            connections[alias].close()
        session.leave()


@pytest.fixture(scope="module", autouse=True)
def fresh_queue(database: dict[str, str]) -> None:
    """Let the worker of a test find its own module's jobs only, not the hundreds of documents that earlier modules left to be made."""
    with psycopg.connect(database["superuser"], autocommit=True) as superuser:
        while superuser.execute("select events_number_next(500, '{}')").fetchone() != (0,):
            pass
        superuser.execute("delete from events_job")
