"""Ask View balance's statement with nothing around it: marks of what Django and our own code cost. Applications for granian."""

import hashlib
import threading
import urllib.parse
from http import HTTPStatus

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

django.setup()

from tallystick.domain.funds import keyed  # noqa: E402 - Django's apps must be ready before the domain is loaded
from tallystick.integrations.postgres import lanes  # noqa: E402 - as above
from tallystick.interfaces import wire  # noqa: E402 - as above

_local = threading.local()


def _body(key: bytes, query: str) -> bytes:
    """Run the statement, prepared, on the thread's own connection, for one; empty where there is no such key."""
    container = urllib.parse.parse_qs(query).get("container_id", ["0"])[0]
    lane = lanes.of_thread("bare", keyed.STATEMENTS)
    digest = hashlib.sha256(key).hexdigest().encode()
    row = lane.ask("balance", (b'{"\\\\x%s"}' % digest, b"{%d}" % int(container)))[0]
    return b"" if row[0] is None else b'{"balance":"%s"}' % (row[7] or b"")


async def application(scope: wire.Scope, _receive: wire.Receive, send: wire.Send) -> None:
    """Answer over ASGI."""
    if scope["type"] != "http":
        return
    body = _body(wire.header(scope, b"x-dc-devkey").encode(), scope["query_string"].decode())
    status = HTTPStatus.OK if body else HTTPStatus.FORBIDDEN
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


def _seen(request: HttpRequest) -> HttpResponse:
    body = _body(request.headers.get("X-DC-DEVKEY", "").encode(), request.META["QUERY_STRING"])
    return HttpResponse(body, content_type="application/json", status=HTTPStatus.OK if body else HTTPStatus.FORBIDDEN)


urlpatterns = [path("", _seen), path("services/v2/finance/balance", _seen)]
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], "bare"  # nothing of ours stands around the view
view = WSGIHandler()
