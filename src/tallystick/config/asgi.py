"""Answer requests: what programs send by the thousand on a fast lane, everything else by Django in a small pool of threads.

Pages are synchronous code on connections that stay open, one for each thread and role: measured faster than any asynchronous driver.
A body is taken in whole before a thread is given to it, so that a slow sender holds no thread.
"""

import multiprocessing
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from tallystick.interfaces.cli import children

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]

THREADS = 4
LARGEST_BODY_BYTES = 13_000_000
"""A form with an attachment of 10 MB, and some room; settings.DATA_UPLOAD_MAX_MEMORY_SIZE judges what is inside."""

_TOO_LARGE = b"This is more than can be sent at once. An attachment may have 10 MB; go back and choose a smaller file."

_pages = cast("Application", WSGIMiddleware(cast("Any", get_wsgi_application()), workers=THREADS))
FAST_LANE: dict[tuple[str, str], Application] = {}

if multiprocessing.parent_process() is not None:
    # in a process of the web server: do not outlive it and keep its port
    children.end_with_parent()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer one request."""
    lane = FAST_LANE.get((scope.get("method", ""), scope.get("path", "")))
    if lane is not None:
        await lane(scope, receive, send)
    elif scope["type"] != "http":
        await _pages(scope, receive, send)
    else:
        body = await _taken_in(scope, receive)
        await (_refuse(send) if body is None else _pages(scope, _once(body), send))


async def _taken_in(scope: Message, receive: Receive) -> bytes | None:
    """Take the whole body in; None where it is too large, as soon as that is known."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not announced.isdigit() or int(announced) > LARGEST_BODY_BYTES:
        return None
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= LARGEST_BODY_BYTES:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return None if size > LARGEST_BODY_BYTES else b"".join(parts)


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
