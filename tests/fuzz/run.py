"""Run schemathesis over /api/v1/openapi.json of a demo of its own, once as a customer's program and once as the operator's.

It stops by itself: after so many cases for each operation, and at the latest when its time is over. It gives 1 where something was found.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from stories import served  # noqa: E402 - found by the line before
from tallystick.domain.customers import rules  # noqa: E402 - as above

PROGRAMS = {"customer": "ruth@northwind.example", "operator": "helen@lanternfield.example"}
"""Who the programs work for: an administrator of each side, so that roles refuse nothing."""
_ENDS_SECONDS = 20
_LONGEST = 6000


def main() -> int:
    """Give 0 where nothing was found."""
    options = _asked()
    for name in [name for name in os.environ if name.startswith(("TALLYSTICK_", "DJANGO_"))]:
        del os.environ[name]  # where the tests start it: their database is not the demo's
    with served.demo(TALLYSTICK_RATE_LIMIT="off") as demo:
        found = {f"As the {name}'s program": _fuzz(demo, _key(demo, name), options) for name in PROGRAMS}
        found["In the books"] = _unproved(demo)
        if any(found.values()):
            sys.stdout.write(_broken((demo.folder / "log").read_text(encoding="utf-8")))
    for where, told in found.items():
        sys.stdout.write(f"{where}: {told or 'nothing found'}.\n")
    return 1 if any(found.values()) else 0


def _broken(log: str) -> str:
    """Give the last failure that the server told of, if any."""
    _, found, last = log.rpartition("Traceback (most recent call last)")
    return f"The server's last failure:\n{found}{last[:_LONGEST]}\n" if found else ""


def _unproved(demo: served.Served) -> str:
    """Re-add all that was posted; whatever was asked, the books are right."""
    words = [sys.executable, "-m", "tallystick.interfaces.cli.main", "verify", "--data", str(demo.folder)]
    done = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.stdout.write(done.stdout)
    return "verify FOUND faults, see above" if done.returncode else ""


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/fuzz", description="Send generated requests, right and wrong ones, to every operation of /api/v1.")
    parser.add_argument("--cases", type=int, default=50, metavar="N", help="at most so many generated cases for each operation (default 50)")
    parser.add_argument("--seconds", type=int, default=600, metavar="S", help="stop after so long, whatever is left (default 600)")
    parser.add_argument("--seed", type=int, default=None, help="the seed of a run that is to be repeated")
    parser.add_argument("--only", default="", metavar="REGEX", help="operations whose path matches")
    return parser.parse_args()


def _key(demo: served.Served, name: str) -> str:
    """Make a key that may do everything."""
    who = ["--customer", str(demo.customer_ids["Northwind Labs"])] if name == "customer" else []
    scopes = ",".join(one for one in rules.SCOPES if name == "operator" or not one.startswith("imports:"))
    words = ["keys", "make", "--data", str(demo.folder), "--name", "Fuzz", "--email", PROGRAMS[name], "--scopes", scopes, *who]
    made = subprocess.run([sys.executable, "-m", "tallystick.interfaces.cli.main", *words], check=True, capture_output=True, text=True).stdout
    return next(word for word in made.split() if word.startswith(("tsk_", "tso_")))


def _fuzz(demo: served.Served, key: str, options: argparse.Namespace) -> str:
    """Ask as one program, and say what was found; nothing where all was well."""
    words = ["--header", f"Authorization: Bearer {key}", "--max-examples", str(options.cases), "--phases", "examples,coverage,fuzzing", "--no-color"]
    words += [] if options.seed is None else ["--seed", str(options.seed)]
    words += ["--include-path-regex", options.only] if options.only else []
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(TESTS / "fuzz" / "settings.toml"), "run"]
    command += [f"{demo.url}/api/v1/openapi.json", *words, "--report", "json", "--report-json-path", "report.json"]
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(TESTS)}) as running:
            try:
                running.wait(options.seconds / len(PROGRAMS))
            except subprocess.TimeoutExpired:
                _stop(running)
        report = Path(folder, "report.json")
        return _told(json.loads(report.read_text(encoding="utf-8"))) if report.exists() else "it ended without a report"


def _stop(running: subprocess.Popen[bytes]) -> None:
    """End it as Ctrl-C does, so that it tells what it has found so far."""
    running.send_signal(signal.SIGINT)
    try:
        running.wait(_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()


def _told(report: dict[str, Any]) -> str:
    asked = report["operations"]
    sys.stdout.write(f"{report['test_cases']['generated']} requests to {asked['tested']} of {asked['selected']} operations.\n")
    if not report["test_cases"]["generated"]:
        return "nothing was asked"
    count = len(report["failures"]) + len(report["errors"])
    return f"{count} FOUND, see above" if count else ""


if __name__ == "__main__":
    sys.exit(main())
