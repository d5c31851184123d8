"""Sign in by a one-time link: the demo's, an invitation's, the first administrator's."""

from http import HTTPStatus

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.contrib.auth import load_backend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tallystick.domain.customers import operations
from tallystick.interfaces.web import page
from tallystick.lib import errors

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@require_GET
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use the link up and sign its person in; a used or expired one says so. HEAD, as mail scanners send it, is refused and uses nothing.

    Who has an authenticator app or a passkey is asked for it here too: a link stands for a password, never for both.
    """
    if not _may_try(request, dry_run=True):
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        person_id = operations.spend_sign_in_link(token=token, now=timezone.now())
    except errors.Refusal as refusal:
        _may_try(request, dry_run=False)  # only what was no link counts
        return page.refused(request, refusal)
    person = load_backend(BACKEND).get_user(person_id)
    if person is None:
        return page.refused(request, errors.NotAllowed(_("Your access has ended. Ask an administrator of your company."), code="person_inactive"))
    if request.user.is_authenticated and request.user.pk != person_id:
        request.session.flush()  # nothing of who sat here before is the next one's
    record_authentication(request, person, method="link")
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url="/"))
    return answer


def _may_try(request: HttpRequest, *, dry_run: bool) -> bool:
    usage = ratelimit.consume(request, app="allauth.account", action="sign_in_link", dry_run=dry_run, limit_get=True)
    return usage is not None
