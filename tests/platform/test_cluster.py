"""Kill PostgreSQL and leave false traces: it must come back with its rows, and strangers must be left alone."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tallystick.integrations.postgres import cluster


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cluster.Cluster]:
    folder = tmp_path_factory.mktemp("own cluster")
    folder.chmod(0o700)
    one = cluster.Cluster(folder)
    one.start()
    home = one.place.home
    yield one
    one.stop()
    if folder not in home.parents:
        shutil.rmtree(home)  # where root lends it, it lives outside of the tests' own folders: this one can not be entered


def _server(one: cluster.Cluster) -> cluster.Server:
    assert one.server is not None
    return one.server


def _keep_a_row(server: cluster.Server) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("create table kept (id int)")
        connection.execute("insert into kept values (7)")


def _kept(server: cluster.Server) -> list[tuple[int]]:
    with psycopg.connect(server.conninfo()) as connection:
        return connection.execute("select id from kept").fetchall()


def _kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_it_comes_back_with_its_rows_and_its_port_after_kill_9(running: cluster.Cluster) -> None:
    before = _server(running)
    _keep_a_row(before)
    _kill(running.pid())
    deadline = time.monotonic() + 10
    while running.alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running.alive()
    assert running.start() == before
    assert _kept(before) == [(7,)]


def test_a_new_supervisor_takes_over_what_a_killed_one_left(running: cluster.Cluster) -> None:
    _keep_a_row(_server(running))
    assert running._lock is not None
    running._lock.close()  # what the kernel does for a killed supervisor
    second = cluster.Cluster(running.log.parent)
    assert second.start() == _server(running)
    assert second.pid() == running.pid()
    second.stop()
    assert not second.alive()


def test_a_second_supervisor_is_refused(running: cluster.Cluster) -> None:
    with pytest.raises(cluster.ClusterFailed, match="Another Tallystick already runs"):
        cluster.Cluster(running.log.parent).start()
    assert running.alive()


def test_a_stranger_with_the_number_of_a_dead_server_is_left_alone(running: cluster.Cluster) -> None:
    server = _server(running)
    _keep_a_row(server)
    note = running.place.rows / "postmaster.pid"
    written = note.read_text()
    running.stop()
    place = running.place
    who = {} if place.user is None else {"user": place.user, "group": place.group, "extra_groups": []}
    stranger = subprocess.Popen(["sleep", "60"], **who)  # type: ignore[call-overload]
    try:
        note.write_text(written.replace(written.splitlines()[0], str(stranger.pid), 1))
        assert running.pid() is None
        again = cluster.Cluster(running.log.parent)
        assert _kept(again.start()) == [(7,)]
        again.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_nobody_gets_in_without_the_password(running: cluster.Cluster) -> None:
    server = _server(running)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.Server(server.host, server.port, "guess").conninfo())
    assert (running.place.home / "superuser-password").stat().st_mode & 0o077 == 0


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    one = cluster.Cluster(tmp_path / "half")
    half = one.place.home / "rows.making"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    if one.place.user is not None:
        os.chown(half, one.place.user, -1)
    with one.running() as server, psycopg.connect(server.conninfo()) as connection:
        assert connection.execute("show data_checksums").fetchone() == ("on",)
