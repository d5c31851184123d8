"""The fuzzer: what it counts as a refusal for the shape, who asks what; and that it finds nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import judging, run

NIGHTLY = os.environ.get("TALLYSTICK_NIGHTLY") == "1"
SECONDS = os.environ.get("TALLYSTICK_FUZZ_SECONDS", "3600")
CI = os.environ.get("CI") == "true"


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
    assert run._told({"test_cases": {"generated": generated}, "failures": failures, "errors": []}) == (told, generated)


def test_every_operation_is_asked_by_the_program_that_it_is_for() -> None:
    """In every round; what both may ask is asked by both."""
    documents = {
        run._NATIVE: {"list_invoices": "List.", "void_invoice": "Void. For programs of the operator."},
        run._COMPATIBLE: {"balance": "Show."},
    }
    plan = run.planned(documents, {"customer": "tsk_1", "operator": "tso_1"}, 50, seed=7, is_first=True, is_quick=False)
    assert [(one.header.split()[-1], one.operations, one.cases) for one in plan] == [
        ("tsk_1", ("list_invoices",), 50),
        ("tso_1", ("void_invoice",), 50),
        ("tso_1", ("list_invoices",), 10),
        ("tsk_1", ("balance",), 50),
    ]
    ends = {run._NATIVE: {"list_keys": "List.", "revoke_key": "End.", "make_key": "Make."}, run._COMPATIBLE: {}}
    plan = run.planned(ends, {"customer": "tsk_1", "operator": "tso_1"}, 5, seed=7, is_first=True, is_quick=True)
    assert [one.operations for one in plan] == [("list_keys",), ("revoke_key", "make_key")] * 2, "no run learns of the key that it asks with"
    assert run.rounds(2000) == [50, *[250] * 7, 200]
    assert run.rounds(8) == [8]
    assert run.rounds(60) == [50, 10]


@pytest.mark.slow
def test_nothing_is_found() -> None:
    """Fifty cases of each operation under CI; in the nightly run 2,000, or as many as an hour takes; here a few."""
    words = ["--cases", "2000", "--seconds", SECONDS] if NIGHTLY else ["--quick", "--cases", "50" if CI else "8", "--seconds", "600"]
    command = [sys.executable, str(Path(run.__file__)), *words]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=int(SECONDS) + 900)
    assert done.returncode == 0, done.stdout[-8000:]
