"""Kill parts of a loaded server for real: a few points by default, 20 under CI, 200 nightly (script/crash)."""

import os

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
