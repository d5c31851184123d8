"""Have heavy work done by a process of its own, which ends when nothing was asked of it for a while: its libraries take memory only while they are used.

It gets no secret of the environment and no way to the database, speaks with nobody but us, and dies with us. Never called inside a transaction.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

LONGEST_SECONDS = 60.0
"""So long may one answer take; then the process is killed."""
IDLE_SECONDS = 20
"""So long after its last answer the process ends, and its memory is free again."""
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG")
"""What the process gets of the environment: no secret, no way to the database."""
_ANSWERING = "tallystick.integrations.apart.answering"

type Answer = tuple[dict[str, Any], bytes]


class UnavailableError(Exception):
    """Tell that the process died twice or did not answer in time: nothing is known of the work, which is asked again later."""


class Apart:
    """Speak with one such process; ask one at a time."""

    def __init__(self, *, passed_on: Sequence[str] = ()) -> None:
        """Start nothing yet; `passed_on` names what the process gets of the environment besides."""
        self._lock = threading.Lock()
        self._names = (*_PASSED_ON, *passed_on)
        self._process: subprocess.Popen[bytes] | None = None
        self._late = threading.Event()

    def ask(self, call: str, told: Mapping[str, Any], content: bytes = b"") -> Answer:
        """Call "module:function" there with what is told and bytes, and give what it gives. Raises UnavailableError.

        A process that ended since the last time, as it does when idle, or was killed, is started again once and asked again; one that takes too long is not.
        """
        request = json.dumps({"call": call, "told": told, "size": len(content)}, ensure_ascii=True).encode() + b"\n" + content
        with self._lock:
            for _try in range(2):
                answer = self._answer(request)
                if answer is not None:
                    return answer
                if self._late.is_set():
                    break
        raise UnavailableError(f"The process that does {call} does not answer.")

    @property
    def pid(self) -> int | None:
        """Name the process, if there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _answer(self, request: bytes) -> Answer | None:
        """Ask once; nothing where the process died or was killed for its slowness."""
        child = self._running()
        assert child.stdin is not None, "started with pipes"
        assert child.stdout is not None, "started with pipes"
        self._late.clear()
        watch = threading.Timer(LONGEST_SECONDS, self._too_late, [child])
        watch.daemon = True
        watch.start()
        try:
            child.stdin.write(request)
            child.stdin.flush()
            line = child.stdout.readline()
            head = json.loads(line) if line.endswith(b"\n") else None
            content = child.stdout.read(head["size"]) if head else b""
        except OSError:
            head, content = None, b""
        finally:
            watch.cancel()
        if head and len(content) == head["size"]:
            return head["told"], content
        self._end()
        return None

    def _too_late(self, child: subprocess.Popen[bytes]) -> None:
        self._late.set()
        child.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it ended by itself
        if self._process is None:
            environment = {name: os.environ[name] for name in self._names if name in os.environ}
            command = [sys.executable, "-m", _ANSWERING, str(IDLE_SECONDS), str(int(LONGEST_SECONDS))]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own module
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(OSError):  # what was not taken any more
                self._process.communicate()
            self._process = None


DRAWING = Apart()
"""The one of this process that draws documents and writes PDF; it starts nothing before the first of them."""
