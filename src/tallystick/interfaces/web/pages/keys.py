"""Make API keys, show each once, rotate and revoke them; a key has at most the rights of who made it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.rules import Act, Right
from tallystick.interfaces import callers
from tallystick.interfaces.web import forms, page, places
from tallystick.lib import errors

_SENT = "sent_key_forms"
NAMES = {
    "balance": gettext_lazy("Balance"),
    "purchase_orders": gettext_lazy("Purchase orders"),
    "invoices": gettext_lazy("Invoices"),
    "payments": gettext_lazy("Payments"),
    "deposits": gettext_lazy("Deposits"),
    "charges": gettext_lazy("Charges"),
    "holds": gettext_lazy("Holds"),
    "refunds": gettext_lazy("Refunds"),
    "transfers": gettext_lazy("Transfers"),
    "unapplied_credit": gettext_lazy("Unapplied credit"),
    "statements": gettext_lazy("Statements"),
    "divisions": gettext_lazy("Divisions"),
    "customers": gettext_lazy("Settings"),
    "users": gettext_lazy("Users"),
    "keys": pgettext_lazy("API keys", "Keys"),
    "events": gettext_lazy("Audit log"),
    "webhooks": gettext_lazy("Webhooks"),
    "imports": gettext_lazy("Imports"),
}
"""A word for each resource of `rules.RESOURCES`."""
LIFETIMES = ((0, gettext_lazy("Never expires")), (30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("365 days")))
OVERLAPS = (
    (0, gettext_lazy("The old key ends at once")),
    (24, gettext_lazy("It works for another day")),
    (168, gettext_lazy("It works for another week")),
)
"""Hours in which both keys work, and how a page says it."""


class KeyForm(forms.Form):
    """What a key is for, what it may do, where, from where, and for how long."""

    name = django_forms.CharField(label=gettext_lazy("Which program will use it?"), max_length=200)
    scopes = django_forms.MultipleChoiceField(
        label=gettext_lazy("It may"), choices=[(one, one) for one in rules.SCOPES], initial=[f"balance:{Right.READ}", f"invoices:{Right.READ}"]
    )
    divisions = django_forms.TypedMultipleChoiceField(
        label=gettext_lazy("Restricted to"),
        coerce=int,
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all divisions"),
    )
    lifetime = django_forms.TypedChoiceField(label=gettext_lazy("Valid for"), choices=LIFETIMES, required=False)
    networks = django_forms.CharField(
        label=gettext_lazy("Usable from"),
        required=False,
        max_length=4000,
        widget=django_forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("Addresses such as 192.0.2.7 or 192.0.2.0/24, one a line. Empty: from everywhere."),
    )


class RotationForm(forms.Form):
    """How long the old key goes on beside the new one."""

    overlap = django_forms.TypedChoiceField(choices=OVERLAPS, coerce=int)


@page.page(Act.MANAGE_KEYS, recent=True)
def keys(request: page.Seen) -> HttpResponse:
    """List the keys; a new one is shown on the answer of its making, and never again."""
    with page.reading(request):
        where = places.of(request.viewer)
    form = _form(request, where)
    made = None
    if form.is_bound and form.is_valid():
        made = _once(request, form, lambda: customers.make_key(viewer=request.viewer, name=form.cleaned_data["name"], terms=_terms(form)))
    return page.show(request, "web/keys.html", lambda: _shown(request, form, made), status=None if made is None else 201)


@require_POST
@page.page(Act.MANAGE_KEYS, recent=True)
def rotate(request: page.Seen, key_id: UUID) -> HttpResponse:
    """Make a key in place of another, and show it this once; the old one goes on for the time that was chosen."""
    with page.reading(request):
        where = places.of(request.viewer)
        queries.key(viewer=request.viewer, key_id=key_id)
    asked, made = RotationForm(request.POST), None
    if asked.is_valid():
        overlap = timedelta(hours=asked.cleaned_data["overlap"])
        made = _once(request, asked, lambda: customers.rotate_key(viewer=request.viewer, key_id=key_id, overlap=overlap, now=timezone.now()))
    if made is None:
        messages.error(request, next((str(each[0]) for each in asked.errors.values()), ""))
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


def _terms(form: KeyForm) -> customers.KeyTerms:
    typed = form.cleaned_data
    days = int(typed["lifetime"] or 0)
    return customers.KeyTerms(
        scopes=tuple(typed["scopes"]),
        division_ids=tuple(typed["divisions"]) or None,
        networks=tuple(typed["networks"].split()),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
        mode=callers.key_mode(),
    )


def _once(request: page.Seen, form: forms.Form, make: Callable[[], customers.NewKey]) -> customers.NewKey | None:
    """Make a key, but not for a form that was sent before: reloading the page that showed a key makes no other one."""
    sent = request.session.get(_SENT, [])
    try:
        if str(form.key) in sent:
            raise errors.Conflict(_("This form made its key already. Fill it in again for another one."))
        made = make()
    except errors.NotFound:
        raise
    except errors.Refusal as refusal:
        form.refuse(refusal)
        return None
    request.session[_SENT] = [*sent[-20:], str(form.key)]
    return made


def _shown(request: page.Seen, form: KeyForm, made: customers.NewKey | None) -> dict[str, Any]:
    now = timezone.now()
    chosen = set(form["scopes"].value() or ())
    offered = [
        (name, word, [(f"{name}:{right}", f"{name}:{right}" in chosen, _offers(request.viewer, f"{name}:{right}")) for right in Right])
        for name, word in NAMES.items()
    ]
    return {
        "form": form,
        "made": made,
        "overlaps": OVERLAPS,
        "offered": [each for each in offered if any(may for *_, may in each[2])],
        "rows": [(key, key.expires_at is not None and key.expires_at <= now, uuid4()) for key in queries.keys(viewer=request.viewer)],
    }


def _offers(viewer: rules.Viewer, scope: str) -> bool:
    return all(rules.permits(viewer, act) for act in rules.acts_of([scope]) - {Act.CHARGE})
