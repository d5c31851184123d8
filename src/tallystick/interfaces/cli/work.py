"""Run one worker: it numbers events and does what follows them."""

import argparse
import signal
import threading

from tallystick.interfaces.cli import place
from tallystick.reactions import worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: a worker has no options of its own."""
    del parser


def run(options: argparse.Namespace) -> int:
    """Work until told to stop; what is being done is finished first. Raises Unusable."""
    del options
    place.files()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run(stop)
    return 0
