"""Keep the chosen theme in a cookie; the server writes it into the page, so that nothing flashes."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tallystick.interfaces.web import shell

_YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Put the theme on and go back to where one was."""
    wanted = request.POST.get("theme", "")
    back = request.POST.get("next", "/")
    answer = HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")
    if wanted in shell.THEMES:
        answer.set_cookie(shell.THEME_COOKIE, wanted, max_age=_YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(shell.THEME_COOKIE, samesite="Lax")
    return answer
