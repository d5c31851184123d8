"""Tell a load balancer that this process answers: nothing is looked up, nobody is asked who they are."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def up(_request: HttpRequest) -> HttpResponse:
    """Answer 200; whether the database, the worker and the mail are well stands on the page Health and in `tallystick doctor`."""
    return HttpResponse("up\n", content_type="text/plain")
