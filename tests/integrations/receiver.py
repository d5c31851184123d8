"""Take webhooks on loopback as a customer's program would: keep what came, answer what the test wants."""

import http.server
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Came:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Listen on a port of the system's choice; `status` is answered to each message, `location` and `delay_seconds` where they are wanted."""

    status: int = 204
    location: str = ""
    delay_seconds: float = 0.0
    drips: bool = False
    came: list[Came] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start listening."""
        outer = self

        class Door(http.server.BaseHTTPRequestHandler):
            """Take one message."""

            def do_POST(self) -> None:
                """Keep it, then answer."""
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.came.append(Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                time.sleep(outer.delay_seconds)
                if outer.drips:
                    self._drip()
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("location", outer.location)
                self.end_headers()

            def _drip(self) -> None:
                """Write one byte at a time of a status line that does not end for ten seconds."""
                with suppress(OSError):
                    for _ in range(200):
                        self.wfile.write(b"H")
                        time.sleep(0.05)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                """Keep silent."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        """Tell the port."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Tell where messages go."""
        return f"http://127.0.0.1:{self.port}/hooks/tally?source=1"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
