"""Switch to another customer, or between a customer and the operator's staff."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tallystick.interfaces.web import page, viewing
from tallystick.lib import errors, texts


@require_POST
@page.page(None)
def seat(request: page.Seen) -> HttpResponse:
    """Work in the seat of this customer; no customer is the staff seat. Raises NotFound."""
    wanted = request.POST.get("customer", "")
    if wanted and not wanted.isdecimal():
        raise errors.NotFound(texts.marked("There is no such customer."))
    viewing.take_seat(request, int(wanted) if wanted else None)
    return redirect("home")
