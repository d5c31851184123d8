"""Read requests and send answers in ASGI's words, for the lanes in front of Django. Source: the ASGI specification, HTTP 2.4."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Lane = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS_OF_JSON = [("content-type", "application/json"), ("cache-control", "no-store")]


class TooLarge(Exception):
    """Say that a body is larger than this route takes."""


class Gone(Exception):
    """Say that whoever asked has hung up before the whole request came."""


def header(scope: Scope, wanted: bytes) -> str:
    """Find a header by its name in small letters; empty where it is missing. The last one counts."""
    found = b""
    for name, value in scope["headers"]:
        if name == wanted:
            found = value
    return found.decode("latin-1")


async def body(scope: Scope, receive: Receive, *, most_bytes: int) -> bytes:
    """Read a body of at most so many bytes, whatever its length claims to be. Raises TooLarge, Gone."""
    claimed = header(scope, b"content-length")
    if claimed.isdecimal() and int(claimed) > most_bytes:
        raise TooLarge
    parts: list[bytes] = []
    count, is_more = 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        count += len(parts[-1])
        if count > most_bytes:
            raise TooLarge
        is_more = message.get("more_body", False)
    return b"".join(parts)


async def answer(send: Send, status: int, content: bytes, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> None:
    """Send a whole answer; the server leaves the body out where the request was HEAD."""
    lines = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(content)), (b"cache-control", b"no-store")]
    lines += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})
