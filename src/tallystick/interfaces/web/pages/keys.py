"""Make API keys, show each once, revoke them; a key has at most the rights of who made it."""

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
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web import forms, page, places
from tallystick.lib import errors

_SENT = "sent_key_forms"
ACTS = (
    (Act.SEE_FINANCES.value, gettext_lazy("See balances, invoices and histories")),
    (Act.CHARGE.value, gettext_lazy("Charge orders and hold funds")),
    (Act.WRITE_ORDERS.value, gettext_lazy("Create purchase orders")),
    (Act.PAY.value, gettext_lazy("Pay and deposit")),
)


class KeyForm(forms.Form):
    """What a key is for, what it may do, and where."""

    name = django_forms.CharField(label=gettext_lazy("Which program will use it?"), max_length=200)
    acts = django_forms.MultipleChoiceField(
        label=gettext_lazy("It may"), choices=ACTS, widget=django_forms.CheckboxSelectMultiple, initial=[Act.SEE_FINANCES.value]
    )
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
    form = KeyForm(request.POST if request.method == "POST" else None)
    form.fields["divisions"].choices = [(place.id, place.name) for place in where.divisions]  # type: ignore[attr-defined]
    made = None
    if form.is_bound and form.is_valid() and _is_first(request, form):
        try:
            acts = [Act(name) for name in form.cleaned_data["acts"]]
            made = customers.issue_key(
                viewer=request.viewer, name=form.cleaned_data["name"], acts=acts, division_ids=form.cleaned_data["divisions"] or None
            )
        except errors.Refusal as refusal:
            form.refuse(refusal)
    return page.show(request, "web/keys.html", lambda: _shown(request, form, made), status=None if made is None else 201)


@require_POST
@page.page(Act.MANAGE_KEYS)
def revoke(request: page.Seen, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    customers.revoke_key(viewer=request.viewer, key_id=key_id, now=timezone.now())
    messages.success(request, _("The key is revoked. Programs that use it are refused from now on."))
    return redirect("keys")


def _is_first(request: page.Seen, form: KeyForm) -> bool:
    """Refuse the same form a second time: reloading the page that showed a key makes no other one."""
    sent = request.session.get(_SENT, [])
    if str(form.key) in sent:
        form.refuse(errors.Conflict(_("This form made its key already. Fill it in again for another one.")))
        return False
    request.session[_SENT] = [*sent[-20:], str(form.key)]
    return True


def _shown(request: page.Seen, form: KeyForm, made: customers.NewKey | None) -> dict[str, Any]:
    words = dict(ACTS)
    rows = [(key, [words.get(act, act) for act in key.acts]) for key in queries.keys(viewer=request.viewer)]
    return {"form": form, "made": made, "rows": rows}
