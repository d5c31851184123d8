"""Serve the pages and the APIs by HTTP: two processes that share one port."""

import argparse
import fcntl
import gc
import importlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tallystick.interfaces.cli import children, place

WORKERS = 2
_TURN_SECONDS = 0.0005
"""How long a thread that works beside the event loop may keep it waiting: Python's 5 ms are half of what View balance may take at its slowest."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where to listen."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop. Raises Unusable."""
    _check(options.host, options.port)
    place.files()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
    _collect()
    _load()
    # the processes that serve are forks of this one: none may outlive it and keep its port
    os.register_at_fork(after_in_child=children.end_with_parent)
    Granian(
        "tallystick.config.rsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        workers=WORKERS,
        websockets=False,
        backlog=2048,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
    ).serve()
    return 0


def _load() -> None:
    """Load the program before the processes that serve are forked off, so that they share its memory; nothing of it opens a connection."""
    for name in ("tallystick.config.rsgi", "tallystick.config.urls"):
        importlib.import_module(name)  # not above: the settings are read once everything is laid out
    gc.freeze()
    sys.setswitchinterval(_TURN_SECONDS)


def _collect() -> None:
    """Lay out style sheets and scripts, compressed and named by their hash, before anybody serves them; one at a time. Raises Unusable."""
    named = os.environ.get("TALLYSTICK_STATIC")
    if not named:
        raise place.Unusable("There is no place for style sheets and scripts. Name a folder by TALLYSTICK_STATIC.")
    folder = Path(named)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "collecting").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
            done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    except OSError as problem:
        raise place.Unusable(
            f"{folder} can not be written: {(problem.strerror or 'refused').lower()}. Name another folder by TALLYSTICK_STATIC."
        ) from problem
    if done.returncode:
        raise place.Unusable(f"Style sheets and scripts can not be laid out in {folder}: {done.stderr.strip().splitlines()[-1]}")


def _check(host: str, port: int) -> None:
    """See that somebody may listen there, before two processes try in vain for ever. Raises Unusable."""
    place.check_port(port)
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # as those will who serve: one more web server may share the port
                probe.setsockopt(socket.SOL_SOCKET, option, 1)
            probe.bind(address)
    except OSError as problem:
        raise place.Unusable(
            f"{host}:{port} can not be used: {(problem.strerror or 'refused').lower()}. Choose others with --host and --port."
        ) from problem
