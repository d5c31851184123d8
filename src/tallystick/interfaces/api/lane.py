"""Take charges and holds straight from the event loop: check the key, run the route, word the answer."""

import asyncio
import concurrent.futures
import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import psycopg
from django.db import OperationalError, close_old_connections

from tallystick.interfaces import callers, wire
from tallystick.interfaces.api import access, charges, holds, problem, words
from tallystick.interfaces.api.exchange import Asked, Reply
from tallystick.lib import errors

_SMALL_BYTES = 64_000
_BATCH_BYTES = 8_000_000
_THREADS = 4
_threads = concurrent.futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="holds")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_log = logging.getLogger(__name__)
BROKEN = errors.Refusal("Something went wrong on our side, and we have been told. Send this again, with the same key.", code="internal_error")


@dataclass(frozen=True, slots=True)
class Route:
    """Say how a route is answered, and what it takes."""

    answer: Callable[[Asked], Awaitable[Reply]]
    resource: str
    most_bytes: int = _SMALL_BYTES
    has_own_keys: bool = False


class TooLarge(errors.Invalid):
    """Say that the body is larger than this route takes."""

    code = "body_too_large"


def _in_thread(act: Callable[[Asked], Reply]) -> Callable[[Asked], Awaitable[Reply]]:
    def run(asked: Asked) -> Reply:
        close_old_connections()
        try:
            return act(asked)
        finally:
            close_old_connections()

    async def answer(asked: Asked) -> Reply:
        return await asyncio.get_running_loop().run_in_executor(_threads, run, asked)

    return answer


_START = "/api/v1/"
_ROUTES = {
    ("charges",): Route(charges.charge, "charges"),
    ("charges", "batch"): Route(charges.batch, "charges", _BATCH_BYTES, has_own_keys=True),
    ("charges", "*", "refund"): Route(_in_thread(holds.refund), "refunds"),
    ("holds",): Route(_in_thread(holds.hold), "holds"),
    ("holds", "*", "capture"): Route(_in_thread(holds.capture), "holds"),
    ("holds", "*", "release"): Route(_in_thread(holds.release), "holds"),
}
_ID_PLACE = 1
_LONGEST_ROUTE = 3


def find(path: str) -> tuple[Route, str] | None:
    """Find the route of a path and the id in it, empty where it has none; None for a path that is not ours."""
    if not path.startswith(_START):
        return None
    parts = tuple(path[len(_START) :].split("/"))
    subject = parts[_ID_PLACE] if len(parts) == _LONGEST_ROUTE else ""
    route = _ROUTES.get((parts[0], "*", parts[-1]) if subject else parts)
    return None if route is None else (route, subject)


async def answer(scope: wire.Scope, receive: wire.Receive, send: wire.Send, route: Route, subject: str) -> None:
    """Answer one request of a route, refusals as problems. A caller who hangs up is answered by nobody."""
    own_id = request_id(wire.header(scope, b"x-request-id"))
    headers = [("x-request-id", own_id)]
    try:
        reply = await _reply(scope, receive, route, subject)
    except wire.Gone:
        return
    except errors.Refusal as refusal:
        await _refuse(send, refusal, scope["path"], headers)
        return
    except Exception:  # noqa: BLE001 - whoever asked a lane is answered in its words; nothing stands behind it that would
        _log.exception("POST %s failed, request %s", scope["path"], own_id)
        await _refuse(send, BROKEN, scope["path"], headers)
        return
    if reply.is_replay:
        headers.append(("idempotent-replayed", "true"))
    await wire.answer(send, reply.status, msgspec.json.encode(reply.content), "application/json", headers)


async def too_large(scope: wire.Scope, send: wire.Send) -> None:
    """Refuse a body that is larger than any route takes, before it has come."""
    headers = [("x-request-id", request_id(wire.header(scope, b"x-request-id"))), ("connection", "close")]
    await _refuse(send, TooLarge("The body is larger than what is taken."), scope["path"], headers)


async def _refuse(send: wire.Send, refusal: errors.Refusal, path: str, headers: list[tuple[str, str]]) -> None:
    status = problem.status(refusal)
    content = {**problem.shown(refusal), "instance": path, "request_id": headers[0][1]}
    await wire.answer(send, status, msgspec.json.encode(content), problem.CONTENT_TYPE, headers + _hints(status))


async def _reply(scope: wire.Scope, receive: wire.Receive, route: Route, subject: str) -> Reply:
    try:
        facts = access.identify(wire.header(scope, b"authorization"), address=callers.of_scope(scope))
        access.admit_charging(facts, route.resource)
        key = "" if route.has_own_keys else words.idempotency_key(wire.header(scope, b"idempotency-key"))
        words.check_content_type(wire.header(scope, b"content-type"))
        body = await wire.body(scope, receive, most_bytes=route.most_bytes)
        return await route.answer(Asked(facts, key, subject, body))
    except wire.TooLarge:
        raise TooLarge(f"Send at most {route.most_bytes} bytes.") from None
    except (psycopg.OperationalError, OperationalError):
        raise problem.Unavailable("The database does not answer for the moment. Send this again, with the same key.") from None


def _hints(status: int) -> list[tuple[str, str]]:
    return {401: [("www-authenticate", "Bearer")], 503: [("retry-after", "1")]}.get(status, [])


def request_id(sent: str) -> str:
    """Keep the request's own id where it is a plain one, else make one."""
    return sent if _REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())


def close() -> None:
    """Let running batches end, and close their connections."""
    charges.close()
