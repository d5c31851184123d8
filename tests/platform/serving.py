"""Start a server as a person does, in a process of its own, and end it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TALLYSTICK = [sys.executable, "-m", "tallystick.interfaces.cli.main"]
READY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Running:
    """Hold a server that is ready, and what it said."""

    process: subprocess.Popen[str]
    said: dict[str, Any]
    port: int

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            status: int = answer.status
            return status

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def environment() -> dict[str, str]:
    # the session's own database is not theirs
    return {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "DJANGO_"))}


def command(*words: str | Path, surroundings: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    asked = [*TALLYSTICK, *map(str, words)]
    return subprocess.run(asked, check=False, capture_output=True, text=True, env=surroundings or environment(), timeout=READY_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def server(folder: Path, *words: str) -> Iterator[Running]:
    port = free_port()
    asked = [*TALLYSTICK, "serve", "--json", "--data", str(folder), "--port", str(port), *words]
    process = subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stdout is not None
        yield Running(process, json.loads(process.stdout.readline()), port)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


def eventually(holds: Any, within_seconds: float = 20.0) -> bool:  # a function that may raise while it does not hold
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if holds():
                return True
        time.sleep(0.05)
    return False
