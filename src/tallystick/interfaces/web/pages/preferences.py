"""Keep what a person chooses for themselves, in whatever seat: the language, and whether single keys act."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from tallystick.domain.customers import operations as customers
from tallystick.interfaces.web import page
from tallystick.lib import errors


@page.page(None)
def preferences(request: page.Seen) -> HttpResponse:
    """Show one's own settings, or keep changed ones."""
    if request.method == "POST":
        wanted = request.POST.get("language")
        if wanted is None:
            customers.choose_shortcuts(viewer=request.viewer, shortcuts=request.POST.get("shortcuts") == "on")
        else:
            _speak(request, wanted)
        messages.success(request, _("Your settings are saved."))
        return redirect("preferences")
    return page.show(request, "web/preferences.html", lambda: {"languages": settings.LANGUAGES})


def _speak(request: page.Seen, wanted: str) -> None:
    if wanted and wanted not in dict(settings.LANGUAGES):
        raise errors.Invalid(_("There is no such language."), field="language")
    customers.choose_language(viewer=request.viewer, language=wanted)
    if wanted:
        translation.activate(wanted)  # the word that it is kept is said in it already
