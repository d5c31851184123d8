"""Start the demo as a newcomer does, on a folder and port of its own, and stop it again."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ENDS_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """Hold what the server said when it was ready, and its folder."""

    url: str
    gateway_url: str
    customer_ids: dict[str, int]
    division_ids: dict[str, int]
    api_keys: dict[str, str]
    sign_in_links: dict[str, str]
    folder: Path


@contextmanager
def demo(**settings: str) -> Iterator[Served]:
    """Serve the demo for a block, with settings of ours where there are any."""
    folder = Path(tempfile.mkdtemp(prefix="tallystick-stories-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user where the tests run as root
    # the other tests' settings would reach this server through its environment
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "DJANGO_"))} | settings
    words = [sys.executable, "-m", "tallystick.interfaces.cli.main", "serve", "--demo", "--data", str(folder), "--port", str(_free_port()), "--json"]
    with (
        (folder / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(words, env=plain, stdout=subprocess.PIPE, stderr=log, text=True) as running,
    ):
        assert running.stdout is not None, "the output is piped"
        try:
            said = running.stdout.readline()
            assert said, f"the server did not start: {(folder / 'log').read_text(encoding='utf-8')}"
            yield _read(json.loads(said), folder)
        finally:
            running.terminate()
            running.wait(_ENDS_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


def _read(told: dict[str, Any], folder: Path) -> Served:
    return Served(folder=folder, **{name: told[name] for name in ("url", "gateway_url", "customer_ids", "division_ids", "api_keys", "sign_in_links")})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
