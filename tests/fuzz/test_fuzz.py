"""The fuzzer: what it counts as a refusal for the shape; and, in the nightly run, that it finds nothing in three minutes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import judging, run


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        (422, ["Input should be a valid string"], True),
        (422, ["Choose a division.", "Extra inputs are not permitted"], True),
        (422, ["Object contains unknown field surplus."], True),
        (422, ["Write created[lt] as an instant with its zone, as 2026-11-22T09:30:00Z."], True),
        (422, ["USD has at most 2 decimals."], False),
        (422, ["Input should be a valid integer"], False),
        (415, ["Send the body as application/json."], True),
        (409, ["Expected something else."], False),
        (402, ["The amount is 2.00 USD, and 1.00 USD is available."], False),
    ],
)
def test_a_refusal_for_the_shape_is_told_from_a_rule(status: int, details: list[str], expected: bool) -> None:
    assert judging.is_of_shape(status, details) is expected


@pytest.mark.parametrize(
    ("generated", "failures", "told"),
    [(10, [], ""), (10, [{}], "1 FOUND, see above"), (0, [], "nothing was asked")],
    ids=["clean", "found", "silent"],
)
def test_a_finding_and_silence_are_told(generated: int, failures: list[object], told: str) -> None:
    counts = {"tested": 1, "selected": 1}
    assert run._told({"operations": counts, "test_cases": {"generated": generated}, "failures": failures, "errors": []}) == told


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("TALLYSTICK_NIGHTLY") != "1", reason="takes minutes; script/fuzz runs it alone")
def test_nothing_is_found() -> None:
    command = [sys.executable, str(Path(run.__file__)), "--cases", "4", "--seconds", "170"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-8000:]
