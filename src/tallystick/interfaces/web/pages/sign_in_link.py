"""Sign in by a one-time link: the demo's, an invitation's, the first administrator's."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import load_backend, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tallystick.domain.customers import operations
from tallystick.interfaces.web import page
from tallystick.lib import errors

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_GET
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use the link up and sign its person in; a used or expired one says so. HEAD, as mail scanners send it, is refused and uses nothing."""
    try:
        person_id = operations.spend_sign_in_link(token=token, now=timezone.now())
    except errors.Refusal as refusal:
        return page.refused(request, refusal)
    person = load_backend(BACKEND).get_user(person_id)
    login(request, person, backend=BACKEND)
    record_authentication(request, person, method="link")
    return redirect("home")
