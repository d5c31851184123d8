"""Answer in Django the paths below /api/v1 that neither the lane nor a resource takes, and what failed outside of them."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.interfaces.api import lane
from tallystick.interfaces.api.framework import replies
from tallystick.lib import errors


@csrf_exempt
def no_route(request: HttpRequest, **_path: str) -> HttpResponse:
    """Say that there is no such route, or that it takes POST only."""
    if lane.find(request.path) is not None:
        return wrong_method(request, ["POST"])
    return _headed(request, replies.refused(request, errors.NotFound("There is no such route.", code="route_not_found")))


def wrong_method(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    """Say which methods a route takes; what can be got can be asked for its headers alone."""
    taken = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})
    refusal = errors.Refusal(f"This route takes {', '.join(taken)} only.", code="method_not_allowed")
    answer = _headed(request, replies.refused(request, refusal))
    answer.headers["Allow"] = ", ".join(taken)
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed outside of every view; Django has logged it."""
    return _headed(request, replies.refused(request, lane.BROKEN))


def unreadable(request: HttpRequest) -> HttpResponse:
    """Refuse a request that Django found wrong before any view saw it."""
    return _headed(request, replies.refused(request, errors.Invalid("The request cannot be read.", code="body_malformed")))


def _headed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    answer.headers["X-Request-Id"] = replies.request_id(request)
    answer.headers["Cache-Control"] = "no-store"
    return answer
