"""Make a page of a function: who asks, whether they may, in whose scope it reads, and how a refusal is answered.

How to write a page (`pages/<page>.py`, its template `templates/web/<page>.html`, staff pages in `templates/operator/`):

    @page.page(rules.Act.PAY)                      # sign-in needed, the act permitted, GET and HEAD inside scope.of(request.viewer)
    def deposit(request: page.Seen, division_id: int) -> HttpResponse:
        form = DepositForm(request.POST or None)   # forms.Form: typed values kept, `form_key` is the idempotency token
        if request.method == "POST" and form.is_valid():
            try:
                operations.start_deposit(viewer=request.viewer, ..., now=timezone.now())   # opens its own scope
            except errors.Refusal as refusal:
                form.refuse(refusal)               # field and sentence go to the form; without a field to the summary
            else:
                return redirect("payment", payment_id=...)
        return page.show(request, "web/deposit.html", lambda: {"form": form, ...})

`page.show` renders inside the viewer's scope (it joins the one of a GET and opens one after a POST), so put every query that the
page needs into the function given to it. `timezone.localdate()` is the day of the viewer's legal entity, and shown instants are in its zone.
A form with errors answers 422. Ids in addresses are read by path converters:
`<div:division_id>`, `<inv:invoice_id>`, `<po:purchase_order_id>`, `<pay:payment_id>`, `<cus:customer_id>`, `<usr:person_id>`, `<key:key_id>`.
A refusal that the page does not catch becomes the page of its kind by `STATUSES`. `recent=True` asks for the password again
when the last proof of identity is older than allauth's timeout (refunds, bank details, keys).
"""

import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Concatenate, cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tallystick.domain.customers import rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web import forms, live, second_factor, viewing
from tallystick.lib import errors, texts

STATUSES: Mapping[type[errors.Refusal], tuple[int, str]] = {
    errors.NotFound: (404, "web/refused/not_found.html"),
    errors.NotAllowed: (403, "web/refused/not_allowed.html"),
    errors.InsufficientFunds: (409, "web/refused/conflict.html"),
    errors.Conflict: (409, "web/refused/conflict.html"),
    errors.Invalid: (422, "web/refused/conflict.html"),
}
"""Kind of refusal to status and page, narrowest first."""

_READS = ("GET", "HEAD")
_OF_CUSTOMERS = ("/finances/", "/account/")


class Seen(HttpRequest):
    """A request whose viewer is known; a page that has counted the unpaid invoices in sight leaves `unpaid_count` for the rail."""

    viewer: rules.Viewer
    seat: viewing.Seat
    unpaid_count: int
    mark: live.Mark | None


type View[**P] = Callable[Concatenate[Seen, P], HttpResponseBase]
type Answer = Callable[..., HttpResponseBase]


def page[**P](act: rules.Act | None, *, recent: bool = False) -> Callable[[View[P]], Answer]:
    """Make a page that needs this act; None is for every signed-in person with a seat.

    `recent` asks for a fresh proof of identity first.
    """

    def make(unguarded: View[P]) -> Answer:
        view = cast("View[P]", reauthentication_required(unguarded)) if recent else unguarded

        @functools.wraps(view)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("sign-in"))
            try:
                seen = _seen(request)
                if second_factor.is_missing(cast("AbstractBaseUser", seen.user), seen.viewer):
                    return _unstored(_to_second_factor(seen))
                _permit(seen, act)
                if request.method in _READS:
                    with scope.of(seen.viewer):
                        seen.mark = live.mark(seen, seen.viewer)  # first of all: what happens while the page is read shows later
                        return _unstored(view(seen, *args, **kwargs))
                return _unstored(view(seen, *args, **kwargs))
            except errors.Refusal as refusal:
                return _unstored(refused(request, refusal))

        return answer

    return make


def show(request: Seen, template: str, context: Callable[[], Mapping[str, Any]], *, status: int | None = None) -> HttpResponse:
    """Read and render inside the viewer's scope; the status is 422 when a form in the context has errors."""
    with scope.of(request.viewer):
        values = dict(context())
        wrong = any(isinstance(value, forms.Form) and value.is_bound and value.errors for value in values.values())
        return render(request, template, values, status=status or (422 if wrong else 200))


def reading(request: Seen) -> AbstractContextManager[None]:
    """Open (or join) the viewer's scope, for what a POST must read before it decides."""
    return scope.of(request.viewer)


def status_of(refusal: errors.Refusal) -> int:
    """Tell the status of a refusal's kind."""
    return next(found for kind, (found, _) in STATUSES.items() if isinstance(refusal, kind))


def refused(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    """Answer a refusal that no form could show, with the page and status of its kind."""
    status, template = next(found for kind, found in STATUSES.items() if isinstance(refusal, kind))
    seen = getattr(request, "viewer", None)
    if seen is None:
        return render(request, template, {"refusal": refusal}, status=status)
    with scope.of(seen):
        return render(request, template, {"refusal": refusal}, status=status)


def _unstored(answer: HttpResponseBase) -> HttpResponseBase:
    """Keep the answer out of caches, so that the back button after paying or signing out shows nothing stale."""
    answer.headers.setdefault("Cache-Control", "private, no-store")
    return answer


def _to_second_factor(request: Seen) -> HttpResponse:
    messages.warning(request, _("Staff sign in with an authenticator app or a passkey. Add one to go on."))
    return redirect("mfa_index")


def _seen(request: HttpRequest) -> Seen:
    """Put viewer and seat on the request. Raises NotAllowed where the person has no seat."""
    if any("\x00" in value for _, values in request.GET.lists() for value in values):
        raise errors.NotFound(texts.marked("There is nothing at this address."))  # PostgreSQL takes no NUL, and no link of ours has one
    seen = cast("Seen", request)
    seen.seat = viewing.seat_of(request)
    seen.viewer = seen.seat.viewer
    return seen


def _permit(seen: Seen, act: rules.Act | None) -> None:
    if act is not None:
        rules.permit(seen.viewer, act)
    if seen.viewer.customer_id is None and seen.path.startswith(_OF_CUSTOMERS):
        raise errors.NotAllowed(texts.marked("This page belongs to a customer's people. What you look for stands under the operator's pages."))
