"""Post one message to an address that a customer named: resolved once, every answer judged, connected to just that, in bounded time.

A name that resolves to one forbidden address is refused whole, because the next look-up may choose another. The connection goes to the
address that was judged, with the name in Host and in TLS, so that nothing is resolved a second time. Redirects are answers like any other.
"""

import http.client
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tallystick.lib import networks

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
_MOST_ADDRESSES = 3
_MOST_BODY_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}
_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolving")

type Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell how an attempt ended: a status of the receiver, or why there is none (`error`)."""

    status: int | None
    error: str
    milliseconds: int


class _Refused(Exception):
    """Say why nothing was sent."""


def post(*, url: str, headers: Mapping[str, str], body: bytes, private_allowed: bool, resolve: Resolve | None = None) -> Outcome:
    """Send the message and tell what came of it; never raises for what the other side does. The answer's body is not kept."""
    began = time.monotonic()
    try:
        status, error = _exchange(url, headers, body, _addresses(url, private_allowed, resolve or _resolved)), ""
    except _Refused as refused:
        status, error = None, str(refused)
    except ssl.SSLError as broken:
        status, error = None, f"TLS: {broken.reason or broken}"
    except TimeoutError:
        status, error = None, "No answer in time."
    except (OSError, http.client.HTTPException, ValueError) as broken:
        status, error = None, f"{type(broken).__name__}: {broken}"
    return Outcome(status, error[:300], round((time.monotonic() - began) * 1000))


def _addresses(url: str, private_allowed: bool, resolve: Resolve) -> list[str]:  # noqa: FBT001 - the operator's setting, passed on
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or (parts.scheme == "http" and not private_allowed):
        raise _Refused("The address is not one of https.")
    found = resolve(parts.hostname, parts.port or _PORTS[parts.scheme])
    allowed = {networks.Reach.PUBLIC, networks.Reach.PRIVATE} if private_allowed else {networks.Reach.PUBLIC}
    if not found:
        raise _Refused("The name has no address.")
    if any(networks.reach(address) not in allowed for address in found):
        raise _Refused("The name leads to an address that may not be called.")
    return found[:_MOST_ADDRESSES]


def _resolved(host: str, port: int) -> list[str]:
    """Ask the system's resolver, for so long and no longer: it knows no deadline of its own."""
    asked: Future[list[str]] = _resolvers.submit(
        lambda: list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    )
    try:
        return asked.result(timeout=CONNECT_SECONDS)
    except TimeoutError as slow:
        raise _Refused("The name was not resolved in time.") from slow
    except (socket.gaierror, UnicodeError) as unknown:
        raise _Refused("The name has no address.") from unknown


def _exchange(url: str, headers: Mapping[str, str], body: bytes, addresses: list[str]) -> int:
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname, "judged before"
    port = parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=CONNECT_SECONDS)
    connection.default_port = _PORTS[parts.scheme]  # Host names a port only where it is another one
    with _connected(addresses, port) as opened, _ended_in_time(opened):
        try:
            connection.sock = _secured(opened, parts.hostname) if parts.scheme == "https" else opened
            path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("POST", path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            with suppress(OSError, http.client.HTTPException, ValueError):
                answer.read(_MOST_BODY_BYTES)  # what is not read would be a reset to the other side
            return answer.status
        finally:
            connection.close()


def _connected(addresses: list[str], port: int) -> socket.socket:
    """Connect to the first address that answers, none of which is resolved again."""
    failed: OSError = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as unreachable:
            failed = unreachable
    raise failed


def _secured(opened: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(opened, server_hostname=host)


@contextmanager
def _ended_in_time(opened: socket.socket) -> Iterator[None]:
    """End a connection that drips on: a time for each read alone would let it last for ever. The end looks like the other side's."""
    other = opened.dup()  # of the same connection; TLS takes the first one over

    def end() -> None:
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(TOTAL_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        other.close()
