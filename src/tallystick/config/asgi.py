"""Compose the one application that the server runs: the fast lanes in front, everything else to Django (ADR 0008)."""

import functools
import os
from typing import Any

import django
from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler

from tallystick.config import env, intake

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
django.setup()

from tallystick.interfaces import wire  # noqa: E402 - Django's apps must be ready before the domain is loaded
from tallystick.interfaces.api import lane as api  # noqa: E402 - as above
from tallystick.interfaces.services_v2 import gate  # noqa: E402 - as above
from tallystick.interfaces.services_v2 import lane as services  # noqa: E402 - as above

_THREADS = 4
_TOO_LARGE = (("/api/v1/", api.too_large), ("/services/v2/", services.too_large))
gate.limit(env.text("TALLYSTICK_RATE_LIMIT", "1000/180,100/5"), processes=env.number("TALLYSTICK_WEB_PROCESSES", 2))


@functools.cache
def _pages() -> Any:  # noqa: ANN401 - the adapter names every message of ASGI by a type of its own
    """Load Django's pages, once, at the server's start."""
    django_handler: Any = WSGIHandler()  # its answer is an iterable of bytes, which its stub does not say
    return WSGIMiddleware(django_handler, workers=_THREADS)


async def application(scope: wire.Scope, receive: wire.Receive, send: wire.Send) -> None:
    """Answer one connection: a lane where there is one for path and method, else Django in one of its threads."""
    if scope["type"] == "http":
        path, method = scope["path"], scope["method"]
        methods = services.LANES.get(path)
        if methods is not None and method != "HEAD":  # Django knows how to leave a body out
            await methods.get(method, services.wrong_method)(scope, receive, send)
            return
        found = api.find(path) if method == "POST" else None
        if found is not None:
            await api.answer(scope, receive, send, *found)
            return
        refuse = next((words for start, words in _TOO_LARGE if path.startswith(start)), None)
        await intake.answer(_pages(), scope, receive, send, refuse=refuse)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: wire.Receive, send: wire.Send) -> None:
    """Say that we are up, which needs nothing: connections open when first asked; and close them at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            api.close()
            gate.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        _pages()
        await send({"type": "lifespan.startup.complete"})
