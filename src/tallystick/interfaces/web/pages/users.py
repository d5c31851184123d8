"""Show who works for the customer; invite, change role and divisions, end access."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import Act, CustomerRole
from tallystick.interfaces.web import forms, page, places, words
from tallystick.lib import errors, texts

ROLES = tuple((role.value, words.ROLES[role]) for role in CustomerRole)


class AccessForm(forms.Form):
    """A role and divisions; none chosen means unrestricted."""

    role = django_forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES, initial=CustomerRole.FINANCE_MANAGER.value)
    divisions = django_forms.TypedMultipleChoiceField(
        label=gettext_lazy("Restricted to"),
        coerce=int,
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all divisions"),
    )


class InviteForm(AccessForm):
    """An invitation: whom, and as what."""

    email = django_forms.EmailField(label=gettext_lazy("E-mail"))
    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    field_order = ("email", "name", "role", "divisions")


@page.page(Act.MANAGE_USERS)
def users(request: page.Seen) -> HttpResponse:
    """List the users and invite a new one."""
    form = _offer(InviteForm(request.POST if request.method == "POST" else None), request)
    if form.is_bound and form.is_valid():
        try:
            person_id = customers.add_person(viewer=request.viewer, email=form.cleaned_data["email"], name=form.cleaned_data["name"])
            _give(request, person_id, form, is_active=True)
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                _("%(name)s is invited: “Forgot your password?” on the sign-in page sets the first password.") % {"name": form.cleaned_data["name"]},
            )
            return redirect("users")
    return page.show(request, "web/users.html", lambda: _shown(request, form))


@page.page(Act.MANAGE_USERS)
def user(request: page.Seen, person_id: int) -> HttpResponse:
    """Change a user's role and divisions, or end the access."""
    with page.reading(request):
        found = next((one for one in queries.users(viewer=request.viewer) if one.person_id == person_id), None)
    if found is None:
        raise errors.NotFound(texts.marked("There is no such user."))
    initial = {"role": found.role.value, "divisions": found.division_ids or []}
    form = _offer(AccessForm(request.POST if request.method == "POST" else None, initial=initial), request)
    if form.is_bound and form.is_valid():
        try:
            _give(request, person_id, form, is_active="end" not in request.POST)
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The access of %(name)s is changed.") % {"name": found.name})
            return redirect("users")
    return page.show(request, "web/user.html", lambda: {"form": form, "user_shown": found, "own": found.person_id == request.viewer.person_id})


def _give(request: page.Seen, person_id: int, form: AccessForm, *, is_active: bool) -> None:
    customer_id = request.viewer.customer_id
    assert customer_id is not None, "staff have pages of their own"
    chosen = form.cleaned_data["divisions"] or None
    role = CustomerRole(form.cleaned_data["role"])
    customers.set_membership(viewer=request.viewer, customer_id=customer_id, person_id=person_id, role=role, division_ids=chosen, is_active=is_active)


def _offer[F: AccessForm](form: F, request: page.Seen) -> F:
    with page.reading(request):
        where = places.of(request.viewer)
    form.fields["divisions"].choices = [(place.id, place.name) for place in where.divisions]  # type: ignore[attr-defined]
    return form


def _shown(request: page.Seen, form: InviteForm) -> dict[str, Any]:
    names = {row.id: row.name for row in queries.divisions(viewer=request.viewer)}
    roles = dict(ROLES)
    every = queries.users(viewer=request.viewer)
    return {
        "form": form,
        "rows": [(one, roles[one.role.value], ", ".join(names.get(number, "") for number in one.division_ids or [])) for one in every],
    }
