"""Run the demo's mail server until it is told to stop."""

import argparse
import pathlib
import signal
import sys
import threading

from tallystick.integrations.mail.sink import server


def main(arguments: list[str] | None = None) -> int:
    """Start, say where, and wait for SIGTERM or SIGINT; a port that is taken is one sentence and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="mailbox", description="A mail server for demonstrations and tests, on this machine only. It brings nothing anywhere."
    )
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="where mails are kept")
    options = parser.parse_args(arguments)
    try:
        running = server.start(port=options.port, folder=options.folder)
    except OSError as broken:
        print(f"The mailbox can not start: {broken}.", file=sys.stderr)  # noqa: T201 - a command speaks
        return 2
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    print(f"Mailbox at 127.0.0.1:{running.port}", flush=True)  # noqa: T201 - a command speaks
    stopped.wait()
    running.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
