"""Let the reader of an alert say no to more of them, without signing in: by the link in the mail, or the mail program's own button.

Source: RFC 8058 (the button posts to the address of List-Unsubscribe; a GET, as mail scanners send it, changes nothing).
"""

import uuid
from http import HTTPStatus

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tallystick.domain.mail import operations
from tallystick.lib import errors
from tallystick.reactions.mailing.sending import SALT


@csrf_exempt  # the link itself is the proof: mail programs post it without having seen a page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on a GET, stop on a POST; a link that is not ours is told so."""
    try:
        customer_id, written = signing.loads(token, salt=SALT)
        mail_id = uuid.UUID(hex=written)
    except (signing.BadSignature, ValueError, TypeError):
        return _shown(request, {"is_wrong": True}, HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        return _shown(request, {})
    try:
        address = operations.stop_alerts(customer_id=customer_id, mail_id=mail_id, now=timezone.now())
    except errors.NotFound:
        return _shown(request, {"is_wrong": True}, HTTPStatus.NOT_FOUND)
    return _shown(request, {"address": address})


def _shown(request: HttpRequest, values: dict[str, object], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return render(request, "web/mail_stop.html", values, status=status)
