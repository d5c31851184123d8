"""Know where a program's request comes from, what kind of keys are made here, and remember when a key was last used, at no cost to the request."""

import collections
import concurrent.futures
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from django.conf import settings

from tallystick.domain.customers.operations import keys
from tallystick.domain.customers.rules import KeyMode, comes_from
from tallystick.integrations.postgres import lanes
from tallystick.interfaces import wire

_TOLD_SECONDS = 60.0
_MOST_TOLD = 100_000
_GATHERED_SECONDS = 1.0
_told: dict[str, float] = {}
_used: collections.deque[str] = collections.deque()
_hurry = threading.Event()
_thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="last-used")


def address(peer: str, forwarded: str) -> str:
    """Tell who asks: the peer, or, behind so many proxies of ours as the settings say, whom the farthest of them names."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if not proxies:
        return peer.strip("[]")
    named = [part.strip() for part in forwarded.split(",") if part.strip()]
    return named[-proxies].strip("[]") if len(named) >= proxies else ""


def of_scope(scope: wire.Scope) -> str:
    """Tell who asks over ASGI."""
    client = scope.get("client")
    return address(client[0] if client else "", wire.header(scope, b"x-forwarded-for"))


def may_call(networks: Sequence[str], scope: wire.Scope) -> bool:
    """Tell whether a key may be used from where this request comes; most keys may be used from everywhere, which costs nothing to see."""
    return not networks or comes_from(of_scope(scope), networks)


def key_mode() -> KeyMode:
    """Tell what kind of money keys made here move."""
    return KeyMode.TEST if settings.DEMO else KeyMode.LIVE


def note(key_id: str) -> None:
    """Remember that a key is used now: written once a minute, with all that were used in the same second, by a thread of its own."""
    now = time.monotonic()
    if _told.get(key_id, -_TOLD_SECONDS) + _TOLD_SECONDS < now:
        if len(_told) >= _MOST_TOLD:
            _told.clear()
        _told[key_id] = now
        _used.append(key_id)
        if len(_used) == 1:  # whoever comes first has them written
            _thread.submit(_tell)


def _tell() -> None:
    _hurry.wait(_GATHERED_SECONDS)
    used = []
    while _used:  # what comes after the last look is alone in the queue, and has itself written
        used.append(_used.popleft())
    try:
        with lanes.connect() as connection:
            keys.mark_used(connection=connection, key_ids=used, now=datetime.now(UTC))
    except psycopg.OperationalError:
        for key_id in used:
            _told.pop(key_id, None)  # told with its next use


def settled() -> None:
    """Wait until all that was noted is written: for tests, and for a server that stops."""
    _hurry.set()
    _thread.submit(lambda: None).result()
    _hurry.clear()
