"""Make keys for the operator's own programs, show each once, rotate and revoke them; a key has the role of a member of staff, at most."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web import keying, page
from tallystick.interfaces.web.pages.operator_people import STAFF_ROLES

_OF_CUSTOMERS = frozenset(name for name, act in rules.RESOURCES.items() if act is Act.CHARGE and name != "refunds")
"""What takes a customer's key: nobody of the operator's charges."""


class KeyForm(keying.KeyForm):
    """What a key is for, whose role it has, what it may do, from where, and for how long."""

    person = django_forms.TypedChoiceField(
        label=gettext_lazy("Acts as"), coerce=int, help_text=gettext_lazy("It may what this colleague's role may, and ends when they stop.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(Act.ADMINISTER, recent=True)
def keys(request: page.Seen) -> HttpResponse:
    """List the operator's keys; a new one is shown on the answer of its making, and never again."""
    form = _form(request)
    made = None
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        terms = keying.terms(form, now=timezone.now())
        made = keying.once(
            request,
            form,
            lambda: operations.make_operator_key(viewer=request.viewer, person_id=typed["person"], name=typed["name"], terms=terms),
        )
    if made is None:
        return page.show(request, "operator/keys.html", lambda: _shown(request, form, None))
    return page.show(request, "operator/keys.html", lambda: _shown(request, _form(request, is_new=True), made), status=201)


@require_POST
@page.page(Act.ADMINISTER, recent=True)
def rotate(request: page.Seen, key_id: UUID) -> HttpResponse:
    """Make a key in place of another, and show it this once; the old one goes on for the time that was chosen."""
    with page.reading(request):
        queries.key(viewer=request.viewer, key_id=key_id)  # customers' keys are not on this page
    asked = keying.RotationForm(request.POST)
    made = keying.rotated(request, asked, key_id)
    if made is None:
        messages.error(request, keying.refused(asked))
        return redirect("operator-keys")
    return page.show(request, "operator/keys.html", lambda: _shown(request, _form(request, is_new=True), made), status=201)


@require_POST
@page.page(Act.ADMINISTER)
def revoke(request: page.Seen, key_id: UUID) -> HttpResponse:
    """End a key of the operator's at once."""
    with page.reading(request):
        queries.key(viewer=request.viewer, key_id=key_id)
    operations.revoke_key(viewer=request.viewer, key_id=key_id, now=timezone.now())
    messages.success(request, _("The key is revoked. Programs that use it are refused from now on."))
    return redirect("operator-keys")


def _form(request: page.Seen, *, is_new: bool = False) -> KeyForm:
    form = KeyForm(request.POST if request.method == "POST" and not is_new else None, initial={"person": request.viewer.person_id})
    with page.reading(request):
        staff = [one for one in queries.staff() if one.is_active]
    roles = dict(STAFF_ROLES)
    form.fields["person"].choices = [(one.person_id, f"{one.person.name}, {roles[one.role]}") for one in staff]  # type: ignore[attr-defined]
    return form


def _shown(request: page.Seen, form: KeyForm, made: operations.NewKey | None) -> dict[str, Any]:
    found = queries.keys(viewer=request.viewer)
    people = {one.person_id: one.person.name for one in queries.staff()}
    return {
        "form": form,
        "made": made,
        "overlaps": keying.OVERLAPS,
        "shows_makers": True,
        "offered": keying.offered(form, lambda scope: scope.partition(":")[0] not in _OF_CUSTOMERS),
        "rows": keying.rows(found, now=timezone.now(), people=people, makers=queries.key_makers(viewer=request.viewer)),
    }
