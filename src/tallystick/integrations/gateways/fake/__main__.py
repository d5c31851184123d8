"""Run the fake gateway until it is told to stop."""

import argparse
import json
import pathlib
import signal
import sys
import threading

from tallystick.integrations.gateways.fake import server


def main(arguments: list[str] | None = None) -> int:
    """Start, say where, and wait for SIGTERM or SIGINT; faults of the caller are one sentence and exit code 2."""
    parser = argparse.ArgumentParser(prog="fake-gateway", description="A card gateway for demonstrations and tests. No money moves.")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--hook-url", default="", help="where signed messages go")
    parser.add_argument("--secret-file", type=pathlib.Path, required=True, help="the secret shared with the merchant, at least 16 letters")
    parser.add_argument("--late-seconds", type=float, default=5.0, help="how long after the payment a chargeback comes")
    parser.add_argument("--json", action="store_true", help="print one JSON object when ready")
    options = parser.parse_args(arguments)
    try:
        secret = options.secret_file.read_bytes().strip()
        if len(secret) < len("sixteen letters!") or not secret.isascii():
            return _refuse(f"The secret in {options.secret_file} must be at least 16 ASCII letters.")
        running = server.start(port=options.port, hook_url=options.hook_url, secret=secret, late_seconds=options.late_seconds)
    except OSError as broken:
        return _refuse(f"The fake gateway can not start: {broken}.")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    # only now: who reads it may end the command at once
    print(json.dumps({"url": running.url}) if options.json else f"Fake gateway at {running.url}", flush=True)  # noqa: T201 - a command speaks
    stopped.wait()
    running.close()
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command speaks
    return 2


if __name__ == "__main__":
    sys.exit(main())
