"""Serve the fake gateway on loopback: the calls of a merchant, the page of the person who pays, and switches for tests.

Switches (`POST /control/...`, JSON, same authorization as the calls): `payments {payment, number, expiry}` pays without a browser,
`chargebacks {payment, amount_minor?}`, `disputes-won {payment, amount_minor?}`, `late-failures {payment}`,
`redeliveries {payment, copies?, backwards?}` sends all messages of a payment again, `holds {}` keeps messages back,
`releases {copies?, backwards?}` lets them go, `outages {answers}` loses the next answers after doing what was asked.
`GET /control/deliveries` lists every try.
"""

import http.server
import socketserver
import threading
from dataclasses import dataclass, field

from tallystick.integrations.gateways.fake import book, delivery, requests

_LARGEST_CONCURRENCY = 32


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Answer on loopback with a bounded number of threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, world: "Running") -> None:
        """Bind, so that a taken port is known at once."""
        self.world = world
        self._places = threading.BoundedSemaphore(_LARGEST_CONCURRENCY)
        super().__init__(("127.0.0.1", port), requests.Requests)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Wait for a place before answering."""
        with self._places:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]


@dataclass
class Running(requests.World):
    """Hold a started gateway; `close` ends it."""

    server: _Server | None = field(default=None)

    @property
    def url(self) -> str:
        """Tell the address that it answers at."""
        return self.base_url

    def close(self) -> None:
        """Stop answering and delivering."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
        self.delivery.stop()


def start(*, port: int = 0, hook_url: str, secret: bytes, late_seconds: float = 1.0) -> Running:
    """Start the gateway in threads of this process; port 0 lets the system choose. Raises OSError where the port is taken."""
    sender = delivery.Delivery(hook_url, secret)
    wire = book.Wire(deliver=sender.deliver, later=sender.later, late_seconds=late_seconds)
    running = Running(delivery=sender, secret=secret, book=book.Book(wire, lambda: running.base_url))
    try:
        server = _Server(port, running)
    except OSError:
        sender.stop()
        raise
    running.server = server
    running.base_url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="fake-gateway", daemon=True).start()
    return running
