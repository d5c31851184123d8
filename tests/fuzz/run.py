"""Run schemathesis over both OpenAPI documents of a demo of its own: as a customer's program, as the operator's, and as a client of CertCentral.

Each operation gets so many generated cases from the program that it is for, and a fifth of them from the operator's where that may ask too. What
takes the time is making the cases up, so as many runs go at once as there are processors, and they share what each would reckon anew at its start:
compiled modules, tables of characters. Large numbers are asked in rounds over all operations: when the time is over, every
operation has had its share. It gives 1 where something was found.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from stories import served  # noqa: E402 - found by the line before
from tallystick.domain.customers import rules  # noqa: E402 - as above

PROGRAMS = {"customer": "ruth@northwind.example", "operator": "helen@lanternfield.example"}
"""Who the programs work for: an administrator of each side, so that roles refuse nothing."""
_NATIVE, _COMPATIBLE = "/api/v1/openapi.json", "/services/v2/openapi.json"
_OPERATORS = "programs of the operator"
"""What the description of an operation says that is for the operator alone."""
_ENDS_SECONDS = 20
_LONGEST = 6000
_AT_ONCE = max(2, os.process_cpu_count() or 2)
_OF_A_RUN = 40
_OF_THE_FIRST = 50
_OF_A_ROUND = 250
_SHARED_PART = 5
_ENDING = frozenset({"make_key", "revoke_key", "rotate_key", "invite_user", "change_user"})
"""What can end the asking key. A run asks for ids that it was told: these are told of those that they made, and of no others."""


@dataclass(frozen=True, slots=True)
class Run:
    """Ask some operations of one document as one program."""

    document: str
    header: str
    operations: tuple[str, ...]
    cases: int
    phases: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """Hold what a run said: empty where nothing was found; None requests where it did not begin in time or was cut off."""

    found: str
    requests: int
    is_whole: bool


def main() -> int:
    """Give 0 where nothing was found."""
    options = _asked()
    for name in [name for name in os.environ if name.startswith(("TALLYSTICK_", "DJANGO_"))]:
        del os.environ[name]  # where the tests start it: their database is not the demo's
    started = time.monotonic()
    with served.demo(TALLYSTICK_RATE_LIMIT="off") as demo:
        found = _ask(demo, options, until=started + options.seconds)
        found["In the books"] = _unproved(demo)
        log = (demo.folder / "log").read_text(encoding="utf-8")
        if any(found.values()) or "Traceback" in log:
            sys.stdout.write(_broken(log))
        found["In the server's log"] = "a traceback, see above" if "Traceback" in log else ""
    for where, told in found.items():
        sys.stdout.write(f"{where}: {told or 'nothing found'}.\n")
    sys.stdout.write(f"It took {time.monotonic() - started:.0f} s.\n")
    return 1 if any(found.values()) else 0


def _ask(demo: served.Served, options: argparse.Namespace, *, until: float) -> dict[str, str]:
    """Ask in rounds, until all is asked or the time is over; tell what was found, and what was done."""
    keys = {name: _key(demo, name) for name in PROGRAMS}
    documents = {at: _operations(demo.url + at, options.only) for at in (_NATIVE, _COMPATIBLE)}
    requests, done = 0, 0
    (demo.folder / "fuzz").mkdir()
    for cases in rounds(options.cases):
        runs = list(planned(documents, keys, cases, seed=options.seed, is_first=done == 0, is_quick=options.quick))
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            answers = list(threads.map(lambda run: _fuzz(demo, run, until), runs))
        requests += sum(one.requests for one in answers)
        found = " ".join([*(one.found for one in answers if one.found), *_ended(demo, keys)])
        is_whole = all(one.is_whole for one in answers)
        done += cases if is_whole else 0
        if found or not is_whole:
            break
    sys.stdout.write(f"{requests} requests; each of {sum(map(len, documents.values()))} operations had at least {done} generated cases.\n")
    return {"Over both documents": found or ("" if done else "the time was over before each operation was asked")}


def _ended(demo: served.Served, keys: dict[str, str]) -> list[str]:
    """Name the programs whose key is none any more: from then on they were refused whatever they asked."""
    asked = {name: httpx.get(f"{demo.url}/api/v1/divisions?status=open", headers={"Authorization": f"Bearer {key}"}) for name, key in keys.items()}
    return [f"the {name}'s key ENDED meanwhile" for name, answer in asked.items() if answer.status_code == httpx.codes.UNAUTHORIZED]


def rounds(cases: int) -> list[int]:
    """Part many cases into rounds, a small one first: it shows soon what is wrong everywhere."""
    first = min(cases, _OF_THE_FIRST)
    whole, rest = divmod(cases - first, _OF_A_ROUND)
    return [first, *[_OF_A_ROUND] * whole, *([rest] if rest else [])]


def planned(
    documents: dict[str, dict[str, str]], keys: dict[str, str], cases: int, *, seed: int | None, is_first: bool, is_quick: bool
) -> Iterator[Run]:
    """Plan one round: who asks which operations, how often."""
    phases = "fuzzing" if not is_first else "examples,fuzzing" if is_quick else "examples,coverage,fuzzing"
    native = documents[_NATIVE]
    operators = [name for name, said in native.items() if _OPERATORS in said.lower()]
    shared = [name for name in native if name not in operators]
    bearer = {name: f"Authorization: Bearer {key}" for name, key in keys.items()}
    asked = [
        (_NATIVE, bearer["customer"], shared, cases),
        (_NATIVE, bearer["operator"], operators, cases),
        (_NATIVE, bearer["operator"], shared, max(1, cases // _SHARED_PART)),
        (_COMPATIBLE, f"X-DC-DEVKEY: {keys['customer']}", list(documents[_COMPATIBLE]), cases),
    ]
    for document, header, names, count in asked:
        ending = [name for name in names if name in _ENDING]
        others = [name for name in names if name not in _ENDING]
        parts = -(-len(others) // _OF_A_RUN)  # of one size: each takes seconds to begin with
        for part in (*(others[at::parts] for at in range(parts)), *([ending] if ending else [])):
            yield Run(document, header, tuple(part), count, phases, seed)


def _operations(url: str, only: str) -> dict[str, str]:
    """Read which operations a document has, each with its description."""
    with urllib.request.urlopen(url) as answer:
        document = json.load(answer)
    every = [(path, one) for path, verbs in document["paths"].items() for one in verbs.values()]
    return {one["operationId"]: one["description"] for path, one in every if re.search(only, path)}


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
    parser = argparse.ArgumentParser(
        prog="script/fuzz", description="Send generated requests, right and wrong ones, to every operation of both documents."
    )
    parser.add_argument("--cases", type=int, default=50, metavar="N", help="at most so many generated cases for each operation (default 50)")
    parser.add_argument("--seconds", type=int, default=600, metavar="S", help="stop after so long, whatever is left (default 600)")
    parser.add_argument("--seed", type=int, default=None, help="the seed of a run that is to be repeated")
    parser.add_argument("--quick", action="store_true", help="leave out the phase that walks through the limits of every part (coverage)")
    parser.add_argument("--only", default="", metavar="REGEX", help="operations whose path matches")
    return parser.parse_args()


def _key(demo: served.Served, name: str) -> str:
    """Make a key that may do everything."""
    who = ["--customer", str(demo.customer_ids["Northwind Labs"])] if name == "customer" else []
    scopes = ",".join(one for one in rules.SCOPES if name == "operator" or not one.startswith("imports:"))
    words = ["keys", "make", "--data", str(demo.folder), "--name", "Fuzz", "--email", PROGRAMS[name], "--scopes", scopes, *who]
    made = subprocess.run([sys.executable, "-m", "tallystick.interfaces.cli.main", *words], check=True, capture_output=True, text=True).stdout
    return next(word for word in made.split() if word.startswith(("tsk_", "tso_")))


def _fuzz(demo: served.Served, run: Run, until: float) -> Told:
    """Ask as one program, and say what was found."""
    left = until - time.monotonic()
    if left <= 0:
        return Told("", 0, is_whole=False)
    words = ["--header", run.header, "--max-examples", str(run.cases), "--phases", run.phases, "--no-color"]
    words += [] if run.seed is None else ["--seed", str(run.seed)]
    words += [word for name in run.operations for word in ("--include-operation-id", name)]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(TESTS / "fuzz" / "settings.toml"), "run"]
    command += [f"{demo.url}{run.document}", *words, "--report", "json", "--report-json-path", "report.json"]
    with tempfile.TemporaryDirectory() as folder, Path(folder, "said").open("w+", encoding="utf-8") as said:
        is_whole = True
        with subprocess.Popen(command, cwd=folder, env=_environment(demo), stdout=said, stderr=said) as running:
            try:
                running.wait(left)
            except subprocess.TimeoutExpired:
                is_whole = False
                _stop(running)
        report = Path(folder, "report.json")
        written = report.read_text(encoding="utf-8") if report.exists() else ""
        found, requests = _told(json.loads(written)) if written else ("a run ended without a report", 0)
        if not requests and not is_whole:
            found = ""  # cut off before it began to ask
        if found:
            said.seek(0)
            sys.stdout.write(said.read())
    return Told(found, requests, is_whole)


def _environment(demo: served.Served) -> dict[str, str]:
    """Let all runs share what takes each three of its first five seconds."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    shared = demo.folder / "fuzz"
    return own | {"PYTHONPATH": str(TESTS), "PYTHONPYCACHEPREFIX": str(shared / "compiled"), "HYPOTHESIS_STORAGE_DIRECTORY": str(shared / "tables")}


def _stop(running: subprocess.Popen[bytes]) -> None:
    """End it as Ctrl-C does, so that it tells what it has found so far."""
    running.send_signal(signal.SIGINT)
    try:
        running.wait(_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()


def _told(report: dict[str, Any]) -> tuple[str, int]:
    """Say what a run found, and how often it asked."""
    generated = report["test_cases"]["generated"]
    count = len(report["failures"]) + len(report["errors"])
    return f"{count} FOUND, see above" if count else "" if generated else "nothing was asked", generated


if __name__ == "__main__":
    sys.exit(main())
