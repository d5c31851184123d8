"""Kill parts of a loaded server for real: a few points by default, 20 under CI, 200 nightly (script/crash)."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from books import crash

POINTS = 200 if os.environ.get("TALLYSTICK_NIGHTLY") == "1" else 20 if os.environ.get("CI") == "true" else 3


@pytest.mark.slow
def test_nothing_answered_is_lost_and_nothing_is_there_twice() -> None:
    """Web, worker and database in turn: `verify` is clean after each, and every answered request gives its answer again."""
    with crash.running() as server:
        outcome = crash.Crash(server, seed=1).run(POINTS)
    assert not outcome.wrong, outcome
    assert outcome.points == POINTS
    assert {"charge 201", "hold 201", "capture 200", "payment 201"} <= set(outcome.answered)


@pytest.mark.slow
def test_a_worker_that_does_not_come_back_is_found() -> None:
    """Stopped, it answers nobody's events; charges and payments are answered all the same, and what it did before proves nothing."""
    with crash.running() as server:
        watching = crash.Crash(server, seed=1)
        begun = datetime.now(UTC)
        loading = watching.client("load")
        try:
            watching.grows("payment")
            watching.works(begun)
            assert watching.outcome.wrong == []
            worker, *_ = server.pids("worker")  # it may have the writer of electronic invoices below it
            os.kill(worker, signal.SIGSTOP)
            stopped = datetime.now(UTC)
            watching.grows("payment")
            watching.works(stopped, within_seconds=1.0)
            assert watching.outcome.wrong == ["no worker gives numbers any more, 1 s after point 0"]
            os.kill(worker, signal.SIGKILL)
            watching.works(stopped)
            assert len(watching.outcome.wrong) == 1
        finally:
            loading.send_signal(signal.SIGTERM)
            loading.wait(60)


@pytest.mark.slow
def test_it_tells_how_far_it_is_and_stops_when_told() -> None:
    """Each point is told as it ends; SIGINT ends it with what was found so far, and nothing is left running."""
    paths = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "books.crash", "--points", "200", "--json"]
    running = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    first = running.stderr.readline()
    assert re.fullmatch(
        r"1 of 200: killed web \([0-9]+\); back after [0-9.]+ s, proved in [0-9.]+ s, the worker [0-9.]+ s later; [0-9]+ requests answered\n", first
    ), first
    own = crash.children(running.pid)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=120)
    outcome = json.loads(said)
    assert outcome["stopped"]
    assert outcome["wrong"] == []
    assert 1 <= outcome["points"] < 200
    assert running.returncode == 130
    assert own
    assert not [pid for pid in own if crash.command_of(pid)]
