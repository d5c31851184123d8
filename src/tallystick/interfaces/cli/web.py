"""Serve the pages and the APIs by HTTP: two processes that share one port."""

import argparse
import os
import socket

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tallystick.interfaces.cli import children, place

WORKERS = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe where to listen."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop. Raises Unusable."""
    _check(options.host, options.port)
    place.files()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
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
