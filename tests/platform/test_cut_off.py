"""Kill a first start at every stage: the next one goes on by itself, and no one's books are ever thrown away for it."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import serving

from tallystick.integrations.postgres import cluster
from tallystick.interfaces.cli import place

pytestmark = pytest.mark.slow


def _owner(folder: Path) -> str:
    note, kept = json.loads((folder / "server.json").read_text()), json.loads((folder / "secrets.json").read_text())
    where = {"host": note["database_host"], "port": note["database_port"], "dbname": note["database_name"]}
    return psycopg.conninfo.make_conninfo(**where, user="tallystick_owner", password=kept["owner"])


def _asked(folder: Path, question: str) -> object:
    with contextlib.suppress(OSError, psycopg.Error, KeyError), psycopg.connect(_owner(folder)) as owner:
        row = owner.execute(question).fetchone()
        return row[0] if row else None
    return None


def _rows(folder: Path) -> Path:
    return cluster.Cluster(folder).place.rows


STAGES: dict[str, Callable[[Path], object]] = {
    "initdb runs": lambda folder: any(_rows(folder).parent.glob("rows.making*/*")),
    "PostgreSQL starts": lambda folder: (_rows(folder) / "postmaster.pid").exists(),
    "the database is made": lambda folder: (folder / "server.json").exists(),
    "tables are made": lambda folder: _asked(folder, "select count(*) > 20 from django_migrations"),
    "the story begins": lambda folder: _asked(folder, "select count(*) > 0 from customers_legalentity"),
    "the middle of the story": lambda folder: _asked(folder, "select count(*) > 12 from purchasing_purchaseorder"),
}


def _kill_when(folder: Path, holds: Callable[[Path], object]) -> None:
    asked = [*serving.TALLYSTICK, "serve", "--demo", "--json", "--data", str(folder), "--port", str(serving.free_port())]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env=serving.environment())
    try:
        deadline = time.monotonic() + serving.READY_SECONDS
        while not holds(folder):
            assert process.poll() is None, "it ended before the moment came"
            assert time.monotonic() < deadline
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert process.stdout is not None
    assert process.stdout.read() == "", "it was ready before it was killed"


def test_a_first_start_that_was_killed_at_every_stage_goes_on_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for holds in STAGES.values():
        _kill_when(folder, holds)
    assert not (folder / "demo-keys.json").exists()
    with serving.server(folder, "--demo") as running:
        assert running.said["api_keys"]
        assert len(running.said["customer_ids"]) == 5
        assert _asked(folder, "select count(*) from customers_customer") == 5
        assert _asked(folder, f"select shobj_description(oid, 'pg_database') from pg_database where datname = '{place.DATABASE}'") is None
        assert serving.command("verify", "--data", folder).returncode == 0
        running.end(signal.SIGKILL)
    keys = (folder / "demo-keys.json").read_bytes()
    with serving.server(folder, "--demo") as again:  # what is whole stays
        assert again.said["api_keys"] == running.said["api_keys"]
    assert (folder / "demo-keys.json").read_bytes() == keys


def test_a_story_is_never_told_into_somebodys_books_nor_takes_them_away(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    company = ["setup", "company", "--name", "Harbor Tools", "--address", "1 Quay", "--country", "US", "--data", str(folder)]
    with serving.server(folder, "--empty"):
        assert serving.command(*company).returncode == 0
    with serving.server(folder, "--demo") as running:
        assert running.said["customer_ids"] == running.said["api_keys"] == {}
        with psycopg.connect(_owner(folder), autocommit=True) as owner:
            owner.execute(f"comment on database {place.DATABASE} is '{place.STORY_MARK.replace(chr(39), chr(39) * 2)}'")
    done = serving.command("serve", "--demo", "--data", folder, "--port", str(serving.free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is more than the story: Harbor Tools. Keep it with backup, or start with --empty." in done.stderr
    with serving.server(folder, "--empty"):
        assert _asked(folder, "select string_agg(name, ',') from customers_legalentity") == "Harbor Tools"


def test_an_empty_folder_of_rows_lent_to_nobody_is_lent_again(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root lends")
    (tmp_path / "data" / "postgres").mkdir(parents=True, mode=0o700)
    one = cluster.Cluster(tmp_path / "data")
    assert one.place.user != 0
