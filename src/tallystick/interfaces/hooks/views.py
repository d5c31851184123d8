"""Take one message of a gateway. What it means is decided by the worker, from the stored copy, not here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tallystick.domain.payments import operations
from tallystick.integrations.gateways import http, protocol

_BAD_REQUEST = 400
_NOT_FOUND = 404
_TOO_LARGE = 413
_UNAVAILABLE = 503
_LARGEST_BYTES = 65_536


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Verify a message, keep it once, and say so at once; a doubled one is answered just the same."""
    try:
        gateway = http.from_settings(settings)
    except protocol.GatewayRefused:
        return HttpResponse("Card payments are not set up.", status=_UNAVAILABLE, content_type="text/plain")
    if provider != gateway.name:
        return HttpResponse("There is no such gateway.", status=_NOT_FOUND, content_type="text/plain")
    if len(request.body) > _LARGEST_BYTES:  # its length may not be announced; the server's intake has bounded it
        return HttpResponse("The message is too large.", status=_TOO_LARGE, content_type="text/plain")
    try:
        message = gateway.verify_message(request.headers, request.body)
    except protocol.MessageUntrusted as untrusted:
        return HttpResponse(str(untrusted), status=_BAD_REQUEST, content_type="text/plain")
    operations.store_message(provider=provider, message=message, body=request.body.decode(), now=timezone.now())
    return HttpResponse("Kept.", content_type="text/plain")
