"""Keep what a person chooses for themselves, in whatever seat: whether single keys act."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tallystick.domain.customers import operations as customers
from tallystick.interfaces.web import page


@page.page(None)
def preferences(request: page.Seen) -> HttpResponse:
    """Show one's own settings, or keep changed ones."""
    if request.method == "POST":
        customers.choose_shortcuts(viewer=request.viewer, shortcuts=request.POST.get("shortcuts") == "on")
        messages.success(request, _("Your settings are saved."))
        return redirect("preferences")
    return page.show(request, "web/preferences.html", dict)
