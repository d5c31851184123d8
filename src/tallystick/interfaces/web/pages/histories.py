"""Show what moved the balance of a fund, and what was bought: newest first, paged by the last row seen, between two days."""

from datetime import date

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import histories as journal
from tallystick.domain.funds import queries as funds
from tallystick.interfaces.web import movements, page, places

_ROWS = 50


class SpanForm(django_forms.Form):
    """Two days of the address, both inclusive."""

    since = django_forms.DateField(label=_("From"), required=False, widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until = django_forms.DateField(label=_("To"), required=False, widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    before = django_forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=django_forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        """Refuse a range that ends before it starts."""
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if isinstance(since, date) and isinstance(until, date) and until < since:
            self.add_error("until", _("Choose a day that is not before the first."))
        return values


@page.page(Act.SEE_FINANCES)
def balance_start(request: page.Seen) -> HttpResponse:
    """Go to the balance history of the chosen or top-level division."""
    return places.send_on(request, "balance-history-division")


@page.page(Act.SEE_FINANCES)
def purchase_start(request: page.Seen) -> HttpResponse:
    """Go to the purchase history of the chosen or top-level division."""
    return places.send_on(request, "purchase-history-division")


@page.page(Act.SEE_FINANCES)
def balance_history(request: page.Seen, division_id: int) -> HttpResponse:
    """Show deposits, debits and adjustments with the balance after each."""
    return _history(request, division_id, "balance-history")


@page.page(Act.SEE_FINANCES)
def purchase_history(request: page.Seen, division_id: int) -> HttpResponse:
    """Show purchases and their refunds."""
    return _history(request, division_id, "purchase-history")


def _history(request: page.Seen, division_id: int, route: str) -> HttpResponse:
    where = places.of(request.viewer, division_id)
    form = SpanForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = journal.movements(
        viewer=request.viewer,
        division_id=division_id,
        narrowed=journal.MovementFilter(before=asked.get("before"), since=asked.get("since"), until=asked.get("until"), limit=_ROWS + 1),
    )
    shown = found[:_ROWS]
    kept = [row for row in shown if row.kind in movements.PURCHASES] if route == "purchase-history" else shown
    context = {
        "where": where,
        "currency": where.currency,
        "form": form,
        "route": route,
        "division_route": f"{route}-division",
        "purchases": route == "purchase-history",
        "figures": funds.figures(viewer=request.viewer, division_id=division_id),
        "movements": movements.tell(request.viewer, kept),
        "narrowed": bool(asked.get("since") or asked.get("until")),
        "older": _older(request.GET, shown[-1].transfer_id) if len(found) > _ROWS else "",
        "newest": reverse(f"{route}-division", kwargs={"division_id": division_id}) if asked.get("before") else "",
        "clear": reverse(f"{route}-division", kwargs={"division_id": division_id}),
    }
    return page.show(request, "web/history.html", lambda: context, status=200 if form.is_valid() else 422)


def _older(asked: QueryDict, last: int) -> str:
    following = asked.copy()
    following["before"] = str(last)
    return following.urlencode()
