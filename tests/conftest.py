"""Give the tests a real PostgreSQL: one server a run, one migrated database a worker. Tests never clean up: each makes its own customers."""

import os
import secrets
import sys
import tempfile
from pathlib import Path

import django
import psycopg
import psycopg.conninfo
import pytest
from django.core.management import call_command
from django.db import connections

sys.path.insert(0, str(Path(__file__).parent))

from tallystick.integrations.postgres import roles
from tallystick.integrations.postgres.cluster import Cluster

_PASSWORD = "only-for-tests"
_server: Cluster | None = None


def _settings(port: int, name: str) -> dict[str, str]:
    passwords = {f"TALLYSTICK_{role.upper()}_PASSWORD": _PASSWORD for role in roles.LOGIN_ROLES}
    return {
        "DJANGO_SETTINGS_MODULE": "tallystick.config.settings",
        "TALLYSTICK_SECRET_KEY": secrets.token_hex(16),
        "TALLYSTICK_DATABASE_PORT": str(port),
        "TALLYSTICK_DATABASE_NAME": name,
        "TALLYSTICK_GATEWAY_SECRET": "gateway-secret-for-tests",
        **passwords,
    }


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controlling process; make and migrate the database of each worker before collection."""
    global _server
    if config.option.collectonly:
        os.environ.update(_settings(1, "none"))
        django.setup()
        return
    if hasattr(config, "workerinput"):
        superuser = config.workerinput["superuser"]
        name = f"tallystick_{config.workerinput['workerid']}"
    else:
        folder = Path(tempfile.mkdtemp(prefix="tallystick-tests-"))
        folder.chmod(0o755)
        _server = Cluster(folder)
        _server.start()
        config.tallystick_superuser = superuser = _server.superuser
        name = "tallystick_main"
        if config.getoption("numprocesses", default=None):
            return
    roles.create(superuser=superuser, database=name, passwords=dict.fromkeys(roles.LOGIN_ROLES, _PASSWORD))
    os.environ.update(_settings(int(psycopg.conninfo.conninfo_to_dict(superuser)["port"] or 0), name))
    django.setup()
    call_command("migrate", database="owner", verbosity=0)
    with psycopg.connect(psycopg.conninfo.make_conninfo(superuser, dbname=name), autocommit=True) as connection:
        roles.grant_shared_tables(connection)
    connections["owner"].close()


def pytest_configure_node(node: object) -> None:
    """Tell each worker where the server is."""
    node.workerinput["superuser"] = node.config.tallystick_superuser


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that was started here."""
    del config
    if _server is not None:
        _server.stop()


@pytest.fixture(scope="session")
def database() -> dict[str, object]:
    """Give the settings of this worker's database."""
    return dict(connections["owner"].settings_dict)
