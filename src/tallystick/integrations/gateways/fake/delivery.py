"""Deliver signed messages to the hook, again and again with growing pauses, and by the tests' wish held back, doubled or turned round."""

import heapq
import http.client
import itertools
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from tallystick.integrations.gateways import messages, protocol

TRIES = 10
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 30.0
_TIMEOUT_SECONDS = 10.0
_LARGEST_QUEUE = 20_000


@dataclass(slots=True)
class Delivered:
    """Note one try: the hook's status, or 0 where it gave none."""

    message_id: str
    kind: str
    status: int


class Delivery:
    """Run one thread that does things when they are due; messages are one such thing."""

    def __init__(self, hook_url: str, secret: bytes) -> None:
        """Begin to deliver to `hook_url`; an empty one delivers nothing."""
        self.tries: list[Delivered] = []
        self._hook = urllib.parse.urlsplit(hook_url)
        self._secret = secret
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._held: list[protocol.Message] | None = None
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="fake-gateway-delivery", daemon=True)
        self._thread.start()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after so many seconds; beyond the bound of the queue it is dropped."""
        with self._changed:
            if len(self._due) < _LARGEST_QUEUE:
                heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), act))
                self._changed.notify()

    def deliver(self, message: protocol.Message, copies: int = 1) -> None:
        """Send a message so many times, or keep it while messages are held."""
        with self._changed:
            if self._held is not None:
                self._held.extend([message] * copies)
                return
        for _ in range(copies):
            self.later(0, lambda: self._send(message, 1))

    def hold(self) -> None:
        """Keep messages back until `release`."""
        with self._changed:
            self._held = [] if self._held is None else self._held

    def release(self, *, backwards: bool = False, copies: int = 1) -> int:
        """Send what was held, last first where `backwards`; tell how many."""
        with self._changed:
            held, self._held = self._held or [], None
        for message in reversed(held) if backwards else held:
            self.deliver(message, copies)
        return len(held) * copies

    def stop(self) -> None:
        """End the thread; what is not delivered is lost, as when a gateway's queue is lost."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(timeout=_TIMEOUT_SECONDS + 1)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and (not self._due or self._due[0][0] > time.monotonic()):
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._stopped:
                    return
                _, _, act = heapq.heappop(self._due)
            act()

    def _send(self, message: protocol.Message, attempt: int) -> None:
        """Post one message; try again later unless the hook took it."""
        if not self._hook.hostname:
            return
        status = self._post(message)
        self.tries.append(Delivered(message.message_id, message.kind.value, status))
        del self.tries[:-_LARGEST_QUEUE]
        taken = 200 <= status < 300  # noqa: PLR2004 - the statuses that say so
        if not taken and attempt < TRIES:
            pause = min(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS)
            self.later(pause, lambda: self._send(message, attempt + 1))

    def _post(self, message: protocol.Message) -> int:
        body = messages.encode(message)
        headers = messages.headers(self._secret, message.message_id, body, timestamp=int(time.time()))
        kind = http.client.HTTPSConnection if self._hook.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._hook.hostname or "", self._hook.port, timeout=_TIMEOUT_SECONDS)
        try:
            target = (self._hook.path or "/") + (f"?{self._hook.query}" if self._hook.query else "")
            connection.request("POST", target, body=body, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
