"""Kill the web server, the worker and the database at random points of a running load, and prove that nothing was lost or done twice.

Run by script/crash [--points N] [--json] [--seed N]; exit code 1 where something is wrong.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tallystick.domain.verification import queries as verification
from tallystick.integrations.postgres import cluster
from tallystick.interfaces.cli.children import end_with_parent
from tallystick.interfaces.cli.place import Place

_TESTS = Path(__file__).resolve().parent.parent
_READY_SECONDS = 120.0
_STOPPED = 130
_TARGETS = ("web", "worker", "database")
_NEWEST = (
    "select max(e.occurred_at) > %s from (select customer_id, event_id from events_number where customer_id = %s order by id desc limit 20) n"
    " join events_event e on e.customer_id = n.customer_id and e.id = n.event_id"
)


@dataclass
class Outcome:
    """Collect what happened."""

    points: int = 0
    killed: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    asked: int = 0
    stopped: bool = False


class Server:
    """Run `tallystick serve` on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Start it and wait until it is ready."""
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "tallystick.interfaces.cli.main", "serve", "--demo", "--json", "--port", str(port), "--data", str(folder)]
        self._log = (folder.parent / "server.log").open("w", encoding="utf-8")
        self._process = _own(command, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self._process.stdout is not None, "it is a pipe"
        said = ""
        while "api_keys" not in said:
            said = self._process.stdout.readline()
            assert said, f"the server did not start: {(folder.parent / 'server.log').read_text(encoding='utf-8')[-500:]}"
        self.facts = json.loads(said)
        self.place = Place(folder)

    def environment(self) -> dict[str, str]:
        """Give the variables of a program beside the server."""
        paths = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "src")])
        return {**os.environ, **self.place.environment(self.place.note()), "PYTHONPATH": paths}

    def pids(self, target: str) -> list[int]:
        """Name the processes of a part, the first one above the others."""
        if target == "database":
            found = cluster.Cluster(self.folder).pid()
            return [found] if found else []
        word = "work" if target == "worker" else "web"
        own = [pid for pid in children(self._process.pid) if word in command_of(pid)]
        return [one for pid in own for one in (pid, *children(pid))]

    def close(self) -> None:
        """End it in order."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        self._process.kill()
        self._process.wait()
        self._log.close()

    def connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Look into the database, as the auditor does."""
        note = self.place.note()
        return psycopg.connect(
            host=note["database_host"],
            port=note["database_port"],
            dbname=note["database_name"],
            user="tallystick_auditor",
            password=self.place.secrets()["auditor"],
        )

    def has_numbered(self, customer_id: int, since: datetime) -> bool:
        """Tell whether an event of a customer's that happened after an instant has its number: nobody gives numbers but the worker."""
        with contextlib.suppress(psycopg.OperationalError), self.connected() as connection:
            found = connection.execute(_NEWEST, [since, customer_id]).fetchone()
            return bool(found and found[0])
        return False

    def faults(self) -> list[str]:
        """Run `verify`, once the database answers."""
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                with self.connected() as connection:
                    return [
                        f"{proof.name}: {fault.where}: {fault.what}" for proof in verification.prove(connection=connection) for fault in proof.faults
                    ]
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    return ["the database did not come back"]
                time.sleep(0.1)


def children(pid: int) -> list[int]:
    """List the processes that a process started."""
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]
    return []


def command_of(pid: int) -> list[str]:
    """Read the words of a process's command."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    return []


def _own(command: list[str], **how: Any) -> subprocess.Popen[str]:  # what Popen takes
    """Start a process that Ctrl-C does not reach and that ends when we do, whatever ends us."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=end_with_parent, **how)  # noqa: PLW1509 - one thread here


class Crash:
    """Load a server, and kill parts of it."""

    def __init__(self, server: Server, seed: int) -> None:
        """Describe the load of one run."""
        self.server, self.dice, self.outcome = server, random.Random(seed), Outcome()
        base = server.folder.parent
        self.book, self.facts = base / "book.jsonl", base / "facts.json"
        self.book.touch()
        facts = server.facts
        customer = "Northwind Labs"
        self.customer_id = facts["customer_ids"][customer]
        self.facts.write_text(
            json.dumps(
                {
                    "url": facts["url"],
                    "key": facts["api_keys"]["dana@northwind.example"],
                    "run": f"crash-{uuid.uuid4().hex[:8]}",
                    "customer_id": self.customer_id,
                    "division_id": facts["division_ids"][customer],
                }
            ),
            encoding="utf-8",
        )

    def client(self, act: str) -> subprocess.Popen[str]:
        """Start the client."""
        command = [sys.executable, "-m", "books.crash_client", act, "--facts", str(self.facts), "--book", str(self.book)]
        return _own(command, env=self.server.environment(), stdout=subprocess.PIPE, text=True)

    def stop(self) -> None:
        """Kill nothing any more; what was found so far is still judged and told."""
        self.outcome.stopped = True

    def run(self, points: int) -> Outcome:
        """Kill at so many points, or until told to stop, then ask for everything again."""
        begun = time.monotonic()
        self.outcome.asked = points
        loading = self.client("load")
        try:
            self.grows("charge")
            for at in range(points):
                if self.outcome.stopped:
                    break
                self.point(_TARGETS[at % len(_TARGETS)])
        finally:
            loading.send_signal(signal.SIGTERM)
            try:
                loading.wait(_READY_SECONDS)
            except subprocess.TimeoutExpired:
                loading.kill()
                self.found("the load could not be ended: a request is never answered")
        if loading.returncode:
            self.found(f"the client ended with {loading.returncode}")
        self.found(*self.server.faults())
        self.tell("asks again for everything that was answered")
        said, _ = self.client("check").communicate(timeout=600)
        checked = json.loads(said or '{"wrong": ["the check gave no answer"], "answered": {}}')
        self.found(*checked["wrong"])
        self.outcome.answered = checked["answered"]
        self.outcome.seconds = round(time.monotonic() - begun, 1)
        return self.outcome

    def found(self, *wrong: str) -> None:
        """Keep what is wrong, and say it at once."""
        self.outcome.wrong += wrong
        for one in wrong:
            self.tell(f"WRONG: {one}")

    def tell(self, words: str) -> None:
        """Say on standard error how far it is."""
        sys.stderr.write(f"{self.outcome.points} of {self.outcome.asked}: {words}\n")
        sys.stderr.flush()

    def rows(self) -> int:
        """Count the requests that were answered so far."""
        with self.book.open("rb") as book:
            return sum(piece.count(b"\n") for piece in iter(lambda: book.read(1 << 20), b""))

    def point(self, target: str) -> None:
        """Kill one process of a part in the middle of the load; then everything must go on, and the books be right."""
        time.sleep(self.dice.uniform(0.05, 0.8))
        found, deadline = self.server.pids(target), time.monotonic() + _READY_SECONDS
        while not found and time.monotonic() < deadline:  # one that was just killed is started again; a busy machine takes its time
            time.sleep(0.1)
            found = self.server.pids(target)
        if not found:
            self.found(f"there is no {target} to kill")
            return
        pid = self.dice.choice(found)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while any(command_of(pid)):  # what dies may still do something; a dead one has no command, also while its parent has not looked
            time.sleep(0.001)
        begun, dead_at = time.monotonic(), datetime.now(UTC)
        self.outcome.points += 1
        self.outcome.killed[target] = self.outcome.killed.get(target, 0) + 1
        self.grows("charge")
        self.grows("payment")
        back = time.monotonic() - begun
        self.found(*(f"after {target} at point {self.outcome.points}: {fault}" for fault in self.server.faults()))
        proved = time.monotonic() - begun - back
        self.works(dead_at)  # last, for a new worker starts while the books are proved
        waited = time.monotonic() - begun - back - proved
        self.tell(
            f"killed {target} ({pid}); back after {back:.1f} s, proved in {proved:.1f} s, the worker {waited:.1f} s later;"
            f" {self.rows()} requests answered"
        )

    def works(self, since: datetime, within_seconds: float = _READY_SECONDS) -> None:
        """Wait until a worker has given a number to what happened after an instant: the payments that are answered since then are such events."""
        deadline = time.monotonic() + within_seconds
        while not self.server.has_numbered(self.customer_id, since):
            if self.outcome.stopped:
                return
            if time.monotonic() > deadline:
                self.found(f"no worker gives numbers any more, {within_seconds:.0f} s after point {self.outcome.points}")
                return
            time.sleep(0.02)

    def grows(self, kind: str) -> None:
        """Wait until a request of this kind is answered anew."""
        deadline, before = time.monotonic() + _READY_SECONDS, self.book.stat().st_size
        while time.monotonic() < deadline:
            time.sleep(0.05)
            with self.book.open(encoding="utf-8") as book:
                book.seek(before)
                if f'"kind": "{kind}"' in book.read():
                    return
            if self.outcome.stopped:
                return
        self.found(f"no {kind} is answered any more, {_READY_SECONDS:.0f} s after point {self.outcome.points}")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Have a server with the story, in a folder that is gone afterwards; what the tests set for their own database is put aside meanwhile."""
    aside = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith(("TALLYSTICK_", "DJANGO_"))}
    base = Path(tempfile.mkdtemp(prefix="tallystick-crash-"))
    base.chmod(0o711)
    (base / "data").mkdir(mode=0o711)
    try:
        server = Server(base / "data")
        try:
            yield server
        finally:
            server.close()
    finally:
        os.environ.update(aside)
        shutil.rmtree(base, ignore_errors=True)


def main() -> int:
    """Say what happened."""
    parser = argparse.ArgumentParser(prog="script/crash", description="Kill web, worker and database under load, and check that nothing is lost.")
    nightly = os.environ.get("TALLYSTICK_NIGHTLY") == "1"
    parser.add_argument("--points", type=int, default=200 if nightly else 20, help="how often to kill (default 20; 200 nightly)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with running() as server:
        crash = Crash(server, options.seed)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: crash.stop())
        outcome = crash.run(options.points)
    told = f"{outcome.points} points in {outcome.seconds} s; killed {outcome.killed}; answered {outcome.answered}.\n"
    told += "\n".join(outcome.wrong[:20]) or "Nothing is lost, nothing is there twice, and the books are right."
    sys.stdout.write((json.dumps(outcome.__dict__) if options.json else told) + "\n")
    return 1 if outcome.wrong else _STOPPED if outcome.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
