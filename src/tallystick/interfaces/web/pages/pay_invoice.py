"""Pay invoices: all ticked on opening, part amounts in the row, the outcome always in sight; then a review that names every invoice.

The page asks and the server reckons: the bar's figures come from `outcome`. Nothing here decides that money arrived.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments.rules import Ask, Method, PaymentRequest
from tallystick.interfaces.web import forms, gateway, page, places, selection
from tallystick.interfaces.web.pages import payment as payment_page
from tallystick.lib import errors, ids

_NOT_KEPT = {"csrfmiddlewaretoken", "back"}
_DUE = {"overdue": -1, "week": 7, "month": 30}


class PayForm(forms.Form):
    """The part of the form that is not rows: the method and the token."""

    method = django_forms.ChoiceField(
        choices=[(method.value, method.value) for method in (Method.CARD, Method.BANK_TRANSFER, Method.UNAPPLIED_CREDIT, Method.BALANCE)]
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What the page stands on: places, figures and the open invoices of the filter."""

    where: places.Places
    figures: Figures
    rows: list[invoicing.OpenInvoice]

    @property
    def pays_from_balance(self) -> bool:
        """Tell whether the balance may pay: something owed is open, and the balance is positive (law 7)."""
        return self.figures.balance_minor > 0 and any(row.kind == "amount_owed" for row in self.rows)


@page.page(Act.PAY)
def start(request: page.Seen) -> HttpResponse:
    """Open on the top-level division; a named invoice opens on its own division."""
    asked = request.GET.get("invoice", "")
    if asked:
        found = invoicing.invoice(viewer=request.viewer, invoice_id=ids.parse("inv", asked))
        return redirect(reverse("pay-invoice-division", kwargs={"division_id": found.division_id}) + f"?invoice={asked}")
    return places.send_on(request, "pay-invoice-division")


@page.page(Act.PAY)
def pay_invoice(request: page.Seen, division_id: int) -> HttpResponse:
    """Show every unpaid invoice ticked, or come back from the review with what was ticked."""
    return page.show(request, "web/pay_invoice.html", lambda: _opened(request, division_id))


@require_POST
@page.page(Act.PAY)
def outcome(request: page.Seen, division_id: int) -> HttpResponse:
    """Answer the bar's figures and the marks of the rows for what is ticked now; changes nothing."""
    return page.show(request, "web/pay_outcome.html", lambda: _posted(request, division_id), status=200)


@require_POST
@page.page(Act.PAY)
def review(request: page.Seen, division_id: int) -> HttpResponse:
    """Show what will be paid, by name and amount; or the page again, with what needs a second look."""
    if "back" in request.POST:
        return page.show(request, "web/pay_invoice.html", lambda: _posted(request, division_id), status=200)
    if _wrong(request, division_id):
        return page.show(request, "web/pay_invoice.html", lambda: _reviewed(request, division_id), status=422)
    return _review(request, division_id)


@require_POST
@page.page(Act.PAY)
def pay(request: page.Seen, division_id: int) -> HttpResponse:
    """Start the payment: by card on the gateway's page, by transfer with a reference, by credit or balance at once."""
    form = PayForm(request.POST)
    if not form.is_valid() or _wrong(request, division_id):
        return page.show(request, "web/pay_invoice.html", lambda: _reviewed(request, division_id), status=422)
    with page.reading(request):
        chosen = selection.posted(_work(request.viewer, division_id, request.POST).rows, request.POST)
    wish = PaymentRequest(
        invoices=[Ask(invoice_id, amount_minor) for invoice_id, amount_minor in selection.by_id(chosen).items()],
        method=Method(form.cleaned_data["method"]),
        idempotency_key=f"page-{form.key}",
        division_id=division_id,
        return_url=request.build_absolute_uri(reverse("payment-return", kwargs={"key": form.key})),
    )
    try:
        started = payments.start_payment(viewer=request.viewer, request=wish, now=timezone.now(), gateway=gateway.wanted_for(wish.method))
    except errors.Refusal as refusal:
        form.refuse(refusal)
        blocking = refusal.facts.get("payment_id", "")
        return page.show(
            request,
            "web/pay_invoice.html",
            lambda: {**_posted(request, division_id), "form": form, "blocking": blocking},
            status=page.status_of(refusal),
        )
    payment_page.remember(request, form.key, started.payment_id)
    return redirect(started.redirect_url) if started.redirect_url else redirect("payment", payment_id=started.payment_id)


def _work(viewer: rules.Viewer, division_id: int, asked: QueryDict) -> Work:
    where = places.of(viewer, division_id)
    every = invoicing.open_invoices(viewer=viewer)
    counts: dict[int, int] = {}
    for row in every:
        counts[row.division_id] = counts.get(row.division_id, 0) + 1
    noted = [
        replace(place, note=ngettext("%(n)d unpaid", "%(n)d unpaid", counts.get(place.id, 0)) % {"n": counts.get(place.id, 0)})
        for place in where.divisions
    ]
    rows = [
        row for row in every if (row.division_id == division_id or not where.customer.separate_funds) and _matches(row, asked, timezone.localdate())
    ]
    figures = funds.figures(viewer=viewer, division_id=division_id)
    return Work(replace(where, divisions=noted), figures, rows)


def _matches(row: invoicing.OpenInvoice, asked: QueryDict, today: date) -> bool:
    """Tell whether a row passes the filters of the address."""
    sought, due, on = asked.get("q", "").strip().casefold(), asked.get("due", ""), asked.get("on", "")
    if sought and not any(sought in text.casefold() for text in (row.number, row.purchase_order_number, row.original_number)):
        return False
    if on and row.due_date.isoformat() != on:
        return False
    return row.due_date < today if due == "overdue" else due not in _DUE or row.due_date <= today + timedelta(days=_DUE[due])


def _opened(request: page.Seen, division_id: int) -> dict[str, Any]:
    work = _work(request.viewer, division_id, request.GET)
    first = "card" if work.rows else ""
    return _shown(work, selection.opening(work.rows, request.GET.get("invoice", "")), PayForm(initial={"method": first}), request.GET)


def _posted(request: page.Seen, division_id: int) -> dict[str, Any]:
    work = _work(request.viewer, division_id, request.POST)
    return _shown(work, selection.posted(work.rows, request.POST), PayForm(request.POST), request.POST)


def _reviewed(request: page.Seen, division_id: int) -> dict[str, Any]:
    """Give the page with its complaints: rows that are wrong, nothing ticked, invoices that were paid meanwhile."""
    shown = _posted(request, division_id)
    missing = selection.gone(shown["work"].rows, request.POST)
    if missing:
        shown["form"].add_error(
            None, ngettext("%(n)d ticked invoice is not open any more.", "%(n)d ticked invoices are not open any more.", missing) % {"n": missing}
        )
    if not shown["chosen"].ticked and not shown["chosen"].wrong:
        shown["form"].add_error(None, _("No invoice is ticked. Tick what you want to pay."))
    shown["form"].is_valid()
    return shown


def _shown(work: Work, chosen: selection.Selection, form: PayForm, asked: QueryDict) -> dict[str, Any]:
    method = form["method"].value() or "card"
    return {
        "work": work,
        "where": work.where,
        "currency": work.where.currency,
        "chosen": chosen,
        "form": form,
        "method": method,
        "after": chosen.after(work.figures, from_balance=method == Method.BALANCE),
        "open_minor": sum(row.open_minor for row in work.rows),
        "today": timezone.localdate(),
        "asked": asked,
        "kept": [{"name": name, "values": asked.getlist(name)} for name in asked if name not in _NOT_KEPT],
        "create_address": reverse("order-create") + f"?division={ids.public('div', work.where.here.id)}",
        "clear_address": reverse("pay-invoice-division", kwargs={"division_id": work.where.here.id}),
    }


def _wrong(request: page.Seen, division_id: int) -> bool:
    with page.reading(request):
        shown = _reviewed(request, division_id)
    return bool(shown["chosen"].wrong or shown["form"].errors)


def _review(request: page.Seen, division_id: int) -> HttpResponse:
    return page.show(request, "web/pay_review.html", lambda: _posted(request, division_id), status=200)
