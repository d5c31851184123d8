"""Do what `apart` asks for, in a process that does nothing else: `python -m tallystick.integrations.apart.answering`, with idle and longest seconds.

A request is a line {"call": "module:function", "told": {...}, "size": n} and n bytes; an answer is a line {"told": {...}, "size": n} and n bytes.
The function takes what was told and the bytes, and gives both. What it raises ends the process, and stands in the log.
"""

import importlib
import json
import os
import select
import signal
import sys

MOST_ANSWERS = 1000
"""After so many it ends, and the next request starts a new one: whatever its libraries kept is gone."""
_PATIENCE_SECONDS = 5


def main() -> int:
    """Answer requests until there are no more, or none for a while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose worker closes the pipe as it ends
    idle, longest = float(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not be taken for an answer
    for _ in range(MOST_ANSWERS):
        ready, _, _ = select.select([sys.stdin.buffer], [], [], idle)
        line = sys.stdin.buffer.readline() if ready else b""
        if not line:
            break
        asked = json.loads(line)
        content = sys.stdin.buffer.read(asked["size"])
        signal.alarm(longest + _PATIENCE_SECONDS)  # ends what hangs, even where nobody is left to kill it
        module, _, name = asked["call"].partition(":")
        told, made = getattr(importlib.import_module(module), name)(asked["told"], content)
        signal.alarm(0)
        try:
            answers.write(json.dumps({"told": told, "size": len(made)}, ensure_ascii=True).encode() + b"\n" + made)
            answers.flush()
        except BrokenPipeError:
            break  # whoever asked is gone
    return 0


if __name__ == "__main__":
    sys.exit(main())
