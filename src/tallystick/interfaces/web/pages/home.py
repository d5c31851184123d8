"""Start: send everyone to the page they work on."""

from django.http import HttpResponse
from django.shortcuts import redirect

from tallystick.domain.customers import rules
from tallystick.interfaces.web import page


@page.page(None)
def home(request: page.Seen) -> HttpResponse:
    """Go to the work queue, to the overview, or to one's own sign-in where the role has no finance work."""
    if request.viewer.kind is rules.ViewerKind.STAFF:
        return redirect("queue")
    return redirect("overview" if rules.permits(request.viewer, rules.Act.SEE_FINANCES) else "mfa_index")
