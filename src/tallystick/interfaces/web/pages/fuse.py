"""Set a division's spending fuse, and close it when it has opened; staff close anybody's."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import operations, queries
from tallystick.domain.funds.operations import fusing
from tallystick.interfaces.web import amounts, forms, page, places
from tallystick.lib import errors


class FuseForm(forms.Form):
    """What may be spent within an hour; both empty is no fuse."""

    amount = forms.AmountField(label=gettext_lazy("Amount"), required=False)
    count = django_forms.IntegerField(label=gettext_lazy("Charges and holds"), required=False, min_value=1, max_value=fusing.MOST_CHARGES)


@page.page(Act.SEE_FINANCES)
def fuse(request: page.Seen, division_id: int) -> HttpResponse:
    """Show a division's fuse; an unrestricted administrator sets it."""
    with page.reading(request):
        where = places.of(request.viewer, division_id)
        found = queries.fuse(viewer=request.viewer, division_id=division_id)
    amount_minor, count = (found.amount_minor, found.count) if found else (None, None)
    now = {"amount": "" if amount_minor is None else amounts.typed(amount_minor, where.currency), "count": count}
    form = FuseForm(request.POST if request.method == "POST" else None, initial=now)
    form.fields["amount"].currency = where.currency  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        try:
            limits = {"amount_minor": form.cleaned_data["amount"], "count": form.cleaned_data["count"]}
            operations.set_fuse(viewer=request.viewer, division_id=division_id, **limits)
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The spending fuse is set.") if any(limits.values()) else _("The division has no spending fuse."))
            return redirect("fuse", division_id=division_id)
    return page.show(request, "web/fuse.html", lambda: _shown(request, where, form))


def _shown(request: page.Seen, where: places.Places, form: FuseForm) -> dict[str, Any]:
    return {
        "where": where,
        "currency": where.currency,
        "form": form,
        "fuse": queries.fuse(viewer=request.viewer, division_id=where.here.id),
        "may_change": rules.permits(request.viewer, Act.CHANGE_SETTINGS),
        "may_close": rules.permits(request.viewer, Act.PAY),
    }


@require_POST
@page.page(Act.PAY)
def close(request: page.Seen, division_id: int) -> HttpResponse:
    """Let the division spend again."""
    operations.close_fuse(viewer=request.viewer, division_id=division_id, now=timezone.now())
    messages.success(request, _("The spending fuse is closed: the division can spend again."))
    return redirect("fuse", division_id=division_id)


@require_POST
@page.page(Act.APPROVE)
def close_for_customer(request: page.Seen, customer_id: int, division_id: int) -> HttpResponse:
    """Let a customer's division spend again, from the work queue."""
    operations.close_fuse(viewer=request.viewer, division_id=division_id, now=timezone.now(), customer_id=customer_id)
    messages.success(request, _("The spending fuse is closed: the division can spend again."))
    return redirect("queue")
