"""Answer in Django what the fast lane answers in front of it: the same functions, for a server without the lane and for unknown routes."""

import psycopg
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.interfaces import callers
from tallystick.interfaces.services_v2 import answers, lane
from tallystick.interfaces.services_v2 import balance as view
from tallystick.interfaces.services_v2.gate import admit


def _response(answer: answers.Answer) -> HttpResponse:
    return HttpResponse(
        answer.body, status=answer.status, content_type="application/json", headers={"Cache-Control": "no-store", **dict(answer.headers)}
    )


def _address(request: HttpRequest) -> str:
    return callers.address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


@csrf_exempt
def balance(request: HttpRequest) -> HttpResponse:
    """Answer GET finance/balance."""
    if request.method not in {"GET", "HEAD"}:
        return _response(answers.wrong_method("GET"))
    key = request.headers.get("X-DC-DEVKEY", "")
    if not key:
        return _response(answers.MISSING_KEY)
    asked = view.read(key=key, query=request.META.get("QUERY_STRING", ""))
    try:
        return _response(view.answer(asked=asked, found=lane.look_up([asked.wanted])[0], admit=admit, address=lambda: _address(request)))
    except psycopg.OperationalError:
        return _response(answers.UNAVAILABLE)


@csrf_exempt
def no_route(_request: HttpRequest, **_path: str) -> HttpResponse:
    """Say that this face has no such route."""
    return _response(answers.NO_ROUTE)


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer a request that failed where no view expected it; Django has logged it."""
    return _response(answers.BROKEN)


def unreadable(_request: HttpRequest) -> HttpResponse:
    """Refuse a request that Django found wrong before any view saw it."""
    return _response(answers.UNREADABLE)
