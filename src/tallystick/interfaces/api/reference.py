"""Show the OpenAPI document of /api/v1 as a page, which needs no key."""

import functools

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tallystick.interfaces import reference
from tallystick.interfaces.api import openapi


@functools.cache
def _text() -> str:
    return reference.worded(openapi.text(), title="Tallystick API", document_name="openapi")


@require_safe
def page(_request: HttpRequest) -> HttpResponse:
    """Show the page, which is the same for everybody."""
    return HttpResponse(_text(), headers={"Cache-Control": "public, max-age=300"})
