"""Answer the question of an open page: how far the events have come."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tallystick.interfaces.web import live as marks

_GONE = 410


@require_GET
def live(_request: HttpRequest, token: str) -> HttpResponse:
    """Give the mark as plain text; 410 tells the page to ask no more."""
    found = marks.version(token)
    answer = HttpResponse(found or "", status=_GONE if found is None else 200, content_type="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
