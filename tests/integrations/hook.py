"""Receive gateway messages as the hook door does: verify, keep, answer."""

import http.server
import threading
import time
from collections.abc import Callable

from tallystick.integrations.gateways import protocol


class Hook:
    """Listen on loopback and keep what came, in order of arrival; `failures` counts answers of 503 still to give."""

    def __init__(self) -> None:
        """Start listening; `verify` is set once the gateway is known."""
        self.came: list[protocol.Message] = []
        self.refused = 0
        self.failures = 0
        self.verify: Callable[[dict[str, str], bytes], protocol.Message] | None = None
        outer = self

        class Receiver(http.server.BaseHTTPRequestHandler):
            """Take one message."""

            def do_POST(self) -> None:
                """Verify and keep the message."""
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(outer.take(dict(self.headers.items()), body))
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Keep silent."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Tell where messages go."""
        return f"http://127.0.0.1:{self._server.server_port}/hooks/plain"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Keep a message that is signed rightly; tell the status."""
        if self.failures > 0:
            self.failures -= 1
            return 503
        assert self.verify is not None
        try:
            self.came.append(self.verify(headers, body))
        except protocol.MessageUntrusted:
            self.refused += 1
            return 400
        return 200

    def wait(self, count: int) -> list[protocol.Message]:
        """Give the messages once so many came, or fail after five seconds."""
        until = time.monotonic() + 5
        while len(self.came) < count:
            assert time.monotonic() < until, f"only {[message.kind.value for message in self.came]} came"
            time.sleep(0.01)
        return list(self.came)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
