"""Make API keys, show each once, rotate and revoke them; a key has at most the rights of who made it."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web import keying, page, places


class KeyForm(keying.KeyForm):
    """What a key is for, what it may do, where, from where, and for how long."""

    divisions = django_forms.TypedMultipleChoiceField(
        label=gettext_lazy("Restricted to"),
        coerce=int,
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all divisions"),
    )


@page.page(Act.MANAGE_KEYS, recent=True)
def keys(request: page.Seen) -> HttpResponse:
    """List the keys; a new one is shown on the answer of its making, and never again."""
    with page.reading(request):
        where = places.of(request.viewer)
    form = _form(request, where)
    made = None
    if form.is_bound and form.is_valid():
        terms = keying.terms(form, now=timezone.now(), division_ids=tuple(form.cleaned_data["divisions"]) or None)
        made = keying.once(request, form, lambda: customers.make_key(viewer=request.viewer, name=form.cleaned_data["name"], terms=terms))
    if made is None:
        return page.show(request, "web/keys.html", lambda: _shown(request, form, None))
    return page.show(request, "web/keys.html", lambda: _shown(request, _form(request, where, is_new=True), made), status=201)


@require_POST
@page.page(Act.MANAGE_KEYS, recent=True)
def rotate(request: page.Seen, key_id: UUID) -> HttpResponse:
    """Make a key in place of another, and show it this once; the old one goes on for the time that was chosen."""
    with page.reading(request):
        where = places.of(request.viewer)
        queries.key(viewer=request.viewer, key_id=key_id)
    asked = keying.RotationForm(request.POST)
    made = keying.rotated(request, asked, key_id)
    if made is None:
        messages.error(request, keying.refused(asked))
        return redirect("keys")
    return page.show(request, "web/keys.html", lambda: _shown(request, _form(request, where, is_new=True), made), status=201)


@require_POST
@page.page(Act.MANAGE_KEYS)
def revoke(request: page.Seen, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    customers.revoke_key(viewer=request.viewer, key_id=key_id, now=timezone.now())
    messages.success(request, _("The key is revoked. Programs that use it are refused from now on."))
    return redirect("keys")


def _form(request: page.Seen, where: places.Places, *, is_new: bool = False) -> KeyForm:
    form = KeyForm(request.POST if request.method == "POST" and not is_new else None)
    form.fields["divisions"].choices = [(place.id, place.name) for place in where.divisions]  # type: ignore[attr-defined]
    return form


def _shown(request: page.Seen, form: KeyForm, made: customers.NewKey | None) -> dict[str, Any]:
    return {
        "form": form,
        "made": made,
        "overlaps": keying.OVERLAPS,
        "offered": keying.offered(form, lambda scope: _offers(request.viewer, scope)),
        "rows": keying.rows(queries.keys(viewer=request.viewer), now=timezone.now()),
    }


def _offers(viewer: rules.Viewer, scope: str) -> bool:
    return all(rules.permits(viewer, act) for act in rules.acts_of([scope]) - {Act.CHARGE})
