"""Keep the processes of a server: start them, start again what dies, and end them with us, whatever ends us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_SOON_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 30.0


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent is gone: kill -9 of a supervisor leaves no web server behind on the port."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Child:
    """Keep one process running."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Describe the process; nothing is started yet."""
        self.name = name
        self._command = list(command)
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Name the process, None where it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it; its standard output goes to standard error, because standard output is for the one who asked."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends its children in order
            preexec_fn=end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )

    def tend(self) -> bool:
        """Start it again if it died, after a pause that grows while it keeps dying; tell whether it had died."""
        if self._process is None or self._process.poll() is None:
            return False
        lived = time.monotonic() - self._started
        self._deaths = self._deaths + 1 if lived < _SOON_SECONDS else 0
        if self._deaths and lived < min(2.0 ** (self._deaths - 1) * 0.2, _LONGEST_PAUSE_SECONDS):
            self._deaths -= 1
            return False
        print(f"tallystick: {self.name} ended with {self._process.returncode}; starting it again.", file=sys.stderr)
        self.start()
        return True

    def stop(self, *, within_seconds: float = 15.0) -> None:
        """Tell it to end, wait, and end it by force where it does not."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(within_seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
