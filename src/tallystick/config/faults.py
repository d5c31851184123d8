"""Word what fails outside of every view as the door that was asked words its refusals: JSON for programs, a page for people."""

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from tallystick.interfaces.api import views as api
from tallystick.interfaces.services_v2 import views as services


def broken(request: HttpRequest) -> HttpResponseBase:
    """Answer 500."""
    if request.path.startswith("/api/v1/"):
        return api.failed(request)
    return services.failed(request) if request.path.startswith("/services/v2/") else defaults.server_error(request)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400: a host that is not ours, a form of too many fields."""
    if request.path.startswith("/api/v1/"):
        return api.unreadable(request)
    return services.unreadable(request) if request.path.startswith("/services/v2/") else defaults.bad_request(request, exception)
