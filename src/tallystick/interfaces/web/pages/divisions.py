"""Show the tree of divisions; add one, rename one, close one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.interfaces.web import forms, page, places, words
from tallystick.lib import errors


class DivisionForm(forms.Form):
    """A new division's name and what it stands under."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    parent = django_forms.TypedChoiceField(label=gettext_lazy("Stands under"), coerce=int)


class NameForm(forms.Form):
    """A division's other name."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)


@dataclass(frozen=True, slots=True)
class Row:
    """One division of the list."""

    id: int
    name: str
    parent: str
    is_top: bool
    closed_at: datetime | None
    figures: Figures | None


@page.page(Act.SEE_FINANCES)
def divisions(request: page.Seen) -> HttpResponse:
    """Show the divisions in sight, closed ones last; an unrestricted administrator may add one."""
    with page.reading(request):
        where = places.of(request.viewer)
    form = DivisionForm(request.POST if request.method == "POST" else None)
    form.fields["parent"].choices = [(place.id, place.name) for place in where.divisions]  # type: ignore[attr-defined]
    if form.is_bound:
        rules.permit(request.viewer, Act.CHANGE_SETTINGS)
    if form.is_bound and form.is_valid():
        try:
            administration.create_division(viewer=request.viewer, parent_id=form.cleaned_data["parent"], name=form.cleaned_data["name"])
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The division %(name)s is open.") % {"name": form.cleaned_data["name"]})
            return redirect("divisions")
    return page.show(request, "web/divisions.html", lambda: _shown(request, where, form))


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(Act.CHANGE_SETTINGS)
def rename(request: page.Seen, division_id: int) -> HttpResponse:
    """Give a division another name; issued documents keep the old one."""
    with page.reading(request):
        division = queries.division(viewer=request.viewer, division_id=division_id)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": division.name})
    if form.is_bound and form.is_valid():
        try:
            administration.rename_division(viewer=request.viewer, division_id=division_id, name=form.cleaned_data["name"])
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The division is called %(name)s now.") % {"name": " ".join(form.cleaned_data["name"].split())})
            return redirect("divisions")
    return page.show(request, "web/division_rename.html", lambda: {"form": form, "division": division})


@require_POST
@page.page(Act.CHANGE_SETTINGS)
def close(request: page.Seen, division_id: int) -> HttpResponse:
    """Close a division; its money moves to the nearest open one above it. A refusal says what stands in the way."""
    try:
        administration.close_division(viewer=request.viewer, division_id=division_id, now=timezone.now())
    except errors.Conflict as refusal:
        messages.error(request, words.said(refusal.sentence))
    else:
        messages.success(request, _("The division is closed."))
    return redirect("divisions")


def _shown(request: page.Seen, where: places.Places, form: DivisionForm) -> dict[str, Any]:
    every = queries.divisions(viewer=request.viewer)
    names = {row.id: row.name for row in every}
    figures = funds.figures_by_division(viewer=request.viewer)
    rows = [Row(row.id, row.name, names.get(row.parent_id or 0, ""), row.parent_id is None, row.closed_at, figures.get(row.id)) for row in every]
    return {
        "where": where,
        "currency": where.currency,
        "form": form,
        "rows": sorted(rows, key=lambda row: row.closed_at is not None),
        "may_change": rules.permits(request.viewer, Act.CHANGE_SETTINGS),
    }
