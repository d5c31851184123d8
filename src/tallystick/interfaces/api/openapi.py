"""Serve the OpenAPI document of /api/v1, and a page of it that people read; both need no key."""

import functools
import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.interfaces.api import door, lane_document, views
from tallystick.interfaces.api.framework import document


@functools.cache
def text() -> str:
    """Write the document as it is served and kept."""
    return json.dumps(document.complete(door.api, lane_document.PATHS, lane_document.schemas()), indent=1, default=str) + "\n"


@csrf_exempt
def served(request: HttpRequest) -> HttpResponse:
    """Give the document."""
    if request.method not in {"GET", "HEAD"}:
        return views.wrong_method(request, ["GET"])
    return HttpResponse(text(), content_type="application/json", headers={"Cache-Control": "public, max-age=300"})
