"""Answer in Django what the fast lane answers in front of it: the same functions, for a server without the lane and for unknown routes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import lanes
from tallystick.interfaces.services_v2 import answers
from tallystick.interfaces.services_v2.balance import view_balance
from tallystick.interfaces.services_v2.gate import admit


def _response(answer: answers.Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=dict(answer.headers))


@csrf_exempt
def balance(request: HttpRequest) -> HttpResponse:
    """Answer GET finance/balance."""
    if request.method not in {"GET", "HEAD"}:
        return _response(answers.wrong_method("GET"))
    ask = lanes.of_thread("keyed", keyed.STATEMENTS).ask
    return _response(view_balance(key=request.headers.get("X-DC-DEVKEY", ""), query=request.META.get("QUERY_STRING", ""), ask=ask, admit=admit))


@csrf_exempt
def no_route(_request: HttpRequest, **_path: str) -> HttpResponse:
    """Say that this face has no such route."""
    return _response(answers.NO_ROUTE)
