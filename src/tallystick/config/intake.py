"""Take a request's body in whole before a thread is given to it, so that a slow sender holds no thread and a vast one is stopped early."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Refuse = Callable[[Message, Send], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]

LARGEST_BODY_BYTES = 13_000_000
"""A form with an attachment of 10 MB, and some room; settings.DATA_UPLOAD_MAX_MEMORY_SIZE judges what is inside."""

_TOO_LARGE = b"This is more than can be sent at once. An attachment may have 10 MB; go back and choose a smaller file."


async def answer(pages: Application, scope: Message, receive: Receive, send: Send, *, refuse: Refuse | None = None) -> None:
    """Answer one request by the pages, or refuse it for its size, in the words of the door that was asked (`refuse`) or a person's."""
    body = await _taken_in(scope, receive)
    await ((refuse or _refuse)(scope, send) if body is None else pages(scope, _once(body), send))


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


async def _refuse(_scope: Message, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
