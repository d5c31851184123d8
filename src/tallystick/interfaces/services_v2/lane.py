"""Answer View balance straight from the event loop: all that is asked within one turn of it is one look-up in the database."""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence

import psycopg

from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import lanes
from tallystick.interfaces import callers, wire
from tallystick.interfaces.services_v2 import answers
from tallystick.interfaces.services_v2 import balance as view
from tallystick.interfaces.services_v2.gate import admit

_KEY = b"x-dc-devkey"
_log = logging.getLogger(__name__)


def look_up(wanted: Sequence[keyed.Wanted]) -> list[keyed.Balance | None]:
    """Look up over the running thread's own connection."""
    return keyed.balances(ask=lanes.of_thread("keyed", keyed.STATEMENTS).ask, wanted=wanted)


_gathering = lanes.Gathering(look_up)


async def answer(key: str, query: str, address: Callable[[], str]) -> answers.Answer:
    """Answer for a key and a query, from an address."""
    if not key:
        return answers.MISSING_KEY
    asked = view.read(key=key, query=query)
    try:
        return view.answer(asked=asked, found=await _gathering.ask(asked.wanted), admit=admit, address=address)
    except psycopg.OperationalError:
        return answers.UNAVAILABLE
    except Exception:  # noqa: BLE001 - whoever asked a lane is answered in its words; nothing stands behind it that would
        _log.exception("View balance failed.")
        return answers.BROKEN


async def balance(scope: wire.Scope, _receive: wire.Receive, send: wire.Send) -> None:
    """Answer GET finance/balance."""
    key = b""
    for name, value in scope["headers"]:
        if name == _KEY:
            key = value
    found = await answer(key.decode("latin-1"), scope["query_string"].decode("latin-1"), functools.partial(callers.of_scope, scope))
    await wire.answer(send, found.status, found.body, "application/json", found.headers)


async def too_large(_scope: wire.Scope, send: wire.Send) -> None:
    """Refuse a body that is larger than any route takes, before it has come."""
    refused = answers.TOO_LARGE
    await wire.answer(send, refused.status, refused.body, "application/json", [("connection", "close")])


async def wrong_method(_scope: wire.Scope, _receive: wire.Receive, send: wire.Send) -> None:
    """Say that this path is read only."""
    refused = answers.wrong_method("GET")
    await wire.answer(send, refused.status, refused.body, "application/json", refused.headers)


LANES: Mapping[str, Mapping[str, wire.Lane]] = {"/services/v2/finance/balance": {"GET": balance}}
"""Path to method to lane; all other methods are wrong_method's."""
