"""Start everything on one folder, keep it running, and end it in order when told."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from tallystick.integrations.postgres import cluster
from tallystick.interfaces.cli import children, greeting, place

_LEAST_FREE_BYTES = 200_000_000
_LOOK_SECONDS = 0.25
_READY_SECONDS = 90
_LEAVING_SECONDS = 12.0
_OURS = [sys.executable, "-m", "tallystick.interfaces.cli.main"]


class _Told(BaseException):
    """Carry a signal out of whatever is being waited for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where to listen and what to begin with."""
    parser.add_argument("--port", type=int, default=8010, help="the web server's port on 127.0.0.1 (default 8010)")
    parser.add_argument("--json", action="store_true", help="print one JSON object when ready, nothing else")
    parser.add_argument("--demo", action="store_true", help="tell the demo's story into an empty system and run a fake card gateway")
    parser.add_argument("--empty", action="store_true", help="no story: a system to set up")
    parser.add_argument("--database-url", help="an own PostgreSQL 18, as a role that may create roles and databases")


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Raises Unusable."""
    chosen = place.Place(options.data)
    with chosen.alone():
        _check_port(options.port, was_killed=bool(chosen.note()))
        _check_disk(chosen)
        place.files()
        if options.database_url:
            chosen.use_database_url(options.database_url)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _tell)
        return _Serving(chosen, options).run()


def _tell(*_: object) -> None:
    # a second signal must not cut the orderly end short
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise _Told


def _check_port(port: int, *, was_killed: bool) -> None:
    """See that the port is free; the web server of a supervisor that was killed just now gets a moment to leave. Raises Unusable."""
    place.check_port(port)
    problem = _refused(port)
    deadline = time.monotonic() + _LEAVING_SECONDS
    while was_killed and problem and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        problem = _refused(port)
    if problem:
        raise place.Unusable(f"Port {port} can not be used: {(problem.strerror or 'refused').lower()}. Choose another one with --port.") from problem


def _refused(port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            return problem
    return None


def _check_disk(chosen: place.Place) -> None:
    if shutil.disk_usage(chosen.folder).free < _LEAST_FREE_BYTES:
        raise place.Unusable(f"The disk of {chosen.folder} is full: less than {_LEAST_FREE_BYTES // 1_000_000} MB are free.")


class _Serving:
    """Hold what runs for one folder."""

    def __init__(self, chosen: place.Place, options: argparse.Namespace) -> None:
        self._place = chosen
        self._options = options
        self._demo = options.demo and not options.empty
        self._url = f"http://127.0.0.1:{options.port}"
        self._cluster = cluster.Cluster(chosen.folder)
        self._children: list[children.Child] = []

    def run(self) -> int:
        """Start, keep running, and end in order: who uses the database before the database."""
        try:
            environment = self._open()
            facts = self._start(environment)
            greeting.greet(facts, folder=self._place.folder, as_json=self._options.json)
            self._keep()
        except _Told:
            pass
        finally:
            for child in reversed(self._children):
                child.stop()
            self._cluster.stop()
            (self._place.folder / "server.json").unlink(missing_ok=True)
        return 0

    def _open(self) -> dict[str, str]:
        (self._place.folder / "static").mkdir(exist_ok=True)
        where = self._place.open_database(self._cluster)
        gateway_port = _free_port() if self._demo else 0
        mail_port = _free_port() if self._demo else 0
        note = self._place.write_note(
            url=self._url,
            gateway_url=f"http://127.0.0.1:{gateway_port}" if gateway_port else "",
            demo="1" if self._demo else "",
            mail_port=str(mail_port) if mail_port else "",
            **{name: value for name, value in where.items() if name.startswith("database_")},
        )
        if gateway_port:
            hook, secret = f"{self._url}/hooks/plain", str(self._place.gateway_secret_file)
            fake = [sys.executable, "-m", "tallystick.integrations.gateways.fake", "--port", str(gateway_port)]
            self._add("gateway", [*fake, "--hook-url", hook, "--secret-file", secret], {})
        if mail_port:
            sink = [sys.executable, "-m", "tallystick.integrations.mail.sink", "--port", str(mail_port)]
            self._add("mailbox", [*sink, "--folder", str(self._place.mailbox)], {})
        return self._place.environment(note)

    def _start(self, environment: dict[str, str]) -> greeting.Facts:
        # the web processes load while the database is prepared; nobody is told of them before both are ready
        self._add("web", [*_OURS, "web", "--port", str(self._options.port)], _without_owner(environment))
        told = self._prepare(environment)
        if told.pop("cut_off", False):
            print("tallystick: The demo's story was cut off when it was told; it is told anew.", file=sys.stderr)
            self._place.remake_database(self._cluster)
            told = self._prepare(environment)
        self._add("worker", [*_OURS, "work", "--data", str(self._place.folder)], environment)
        self._await_web()
        return self._facts(told, environment.get("TALLYSTICK_GATEWAY_URL", ""))

    def _prepare(self, environment: dict[str, str]) -> dict[str, Any]:
        command = [*_OURS, "prepare", "--data", str(self._place.folder), *(["--story"] if self._demo else [])]
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            check=False,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            preexec_fn=children.end_with_parent,  # nobody may go on telling behind the back of the next start
        )
        if done.returncode:
            raise place.Unusable("The database could not be made ready; the reason stands above.")
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]

    def _facts(self, told: dict[str, Any], gateway_url: str) -> greeting.Facts:
        links = {email: greeting.address(self._url, link) for email, link in told.get("sign_in_tokens", {}).items()}
        return greeting.Facts(
            url=self._url,
            gateway_url=gateway_url,
            sign_in_links=links,
            api_keys=told.get("api_keys", {}),
            customer_ids=told.get("customer_ids", {}),
            division_ids=told.get("division_ids", {}),
            mailbox_url=f"{self._url}/mailbox/" if self._demo else "",
            first_run=greeting.address(self._url, told["first_run"]) if "first_run" in told else "",
        )

    def _add(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        child = children.Child(name, command, environment)
        child.start()
        self._children.append(child)

    def _await_web(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self._url}/sign-in/", timeout=5):  # noqa: S310 - our own address
                    return
            except urllib.error.HTTPError as problem:
                raise place.Unusable(f"The web server answers with {problem.code}; the reason stands above.") from problem
            except OSError:
                time.sleep(0.05)
                self._tend()
        raise place.Unusable(f"The web server did not answer within {_READY_SECONDS} seconds.")

    def _keep(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            self._tend()

    def _tend(self) -> None:
        before = self._cluster.server
        if before is not None and not self._cluster.alive():
            print("tallystick: PostgreSQL ended; starting it again.", file=sys.stderr)
            try:
                self._cluster.start()
            except cluster.ClusterFailed as problem:
                print(f"tallystick: {problem}", file=sys.stderr)
                time.sleep(1.0)
        for child in self._children:
            child.tend()


def _without_owner(environment: dict[str, str]) -> dict[str, str]:
    """Keep the owner's password from the processes that strangers talk to."""
    return {**environment, "TALLYSTICK_OWNER_PASSWORD": ""}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
