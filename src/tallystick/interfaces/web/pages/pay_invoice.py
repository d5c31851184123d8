"""Pay invoices: all ticked on opening, part amounts in the row, the outcome always in sight; then a review that names every invoice.

The page asks and the server reckons: the bar's figures come from `outcome`. Nothing here decides that money arrived.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from tallystick.domain.customers.rules import Act
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments.rules import MOST_INVOICES, Ask, Method, PaymentRequest
from tallystick.interfaces import gateway
from tallystick.interfaces.web import forms, page, places, selection, ticking, unpaid
from tallystick.interfaces.web.pages import payment as payment_page
from tallystick.lib import errors, ids

_NOT_KEPT = {"csrfmiddlewaretoken", "back", "typing", "reviewed"}


class PayForm(forms.Form):
    """The part of the form that is not rows: the method and the token."""

    method = django_forms.ChoiceField(
        choices=[(method.value, method.value) for method in (Method.CARD, Method.BANK_TRANSFER, Method.UNAPPLIED_CREDIT, Method.BALANCE)],
        error_messages={"invalid_choice": gettext_lazy("Your company's settings do not allow this method of payment. Choose another.")},
    )

    def allow(self, methods: Sequence[str]) -> None:
        """Leave only the methods that the customer's settings allow."""
        field = self.fields["method"]
        field.choices = [(value, label) for value, label in field.choices if value in methods]  # type: ignore[attr-defined]


@page.page(Act.PAY)
def start(request: page.Seen) -> HttpResponse:
    """Open on the top-level division, or on all of them; a named invoice opens on its own division."""
    asked = request.GET.get("invoice", "")
    if asked:
        found = invoicing.invoice(viewer=request.viewer, invoice_id=ids.parse("inv", asked))
        return redirect(reverse("pay-invoice-division", kwargs={"division_id": found.division_id}) + f"?invoice={asked}")
    if request.GET.get("division", "") == unpaid.EVERY:
        here = places.of(request.viewer).here
        return redirect(reverse("pay-invoice-division", kwargs={"division_id": here.id}) + f"?of={unpaid.EVERY}")
    return places.send_on(request, "pay-invoice-division")


@page.page(Act.PAY)
def pay_invoice(request: page.Seen, division_id: int) -> HttpResponse:
    """Show every unpaid invoice ticked, or come back from the review with what was ticked."""
    return page.show(request, "web/pay_invoice.html", lambda: _opened(request, division_id))


@require_POST
@page.page(Act.PAY)
def outcome(request: page.Seen, division_id: int) -> HttpResponse:
    """Answer the bar's figures and the marks of the rows for what is ticked now; changes nothing."""
    typing = request.POST.get("typing", "")
    return page.show(request, "web/pay_outcome.html", lambda: _posted(request, division_id, typing=typing), status=200)


@require_POST
@page.page(Act.PAY)
def review(request: page.Seen, division_id: int) -> HttpResponse:
    """Show what will be paid, by name and amount; or the page again: on the way back, with other rows, with all or nothing ticked, with what is wrong."""
    back = request.POST.get("back", "")
    if back:
        return page.show(request, "web/pay_invoice.html", lambda: _posted(request, division_id, turn=back), status=200)
    with page.reading(request):
        shown = _reviewed(request, division_id)
        if _is_wrong(shown):
            return page.show(request, "web/pay_invoice.html", lambda: shown, status=422)
        return page.show(request, "web/pay_review.html", lambda: shown, status=200)


@require_POST
@page.page(Act.PAY)
def pay(request: page.Seen, division_id: int) -> HttpResponse:
    """Start the payment: by card on the gateway's page, by transfer with a reference, by credit or balance at once."""
    with page.reading(request):
        shown = _reviewed(request, division_id)
        form: PayForm = shown["form"]
        if request.POST.get("reviewed", shown["sum"]) != shown["sum"]:
            form.add_error(None, _("The unpaid invoices changed after your review. Look again at what you pay."))
        if _is_wrong(shown):
            return page.show(request, "web/pay_invoice.html", lambda: shown, status=422)
    wish = PaymentRequest(
        invoices=[Ask(invoice_id, amount_minor) for invoice_id, amount_minor in selection.by_id(shown["paid"]).items()],
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


def _opened(request: page.Seen, division_id: int) -> dict[str, Any]:
    work = unpaid.load(request.viewer, division_id, request.GET, today=timezone.localdate())
    request.unpaid_count = work.whole
    chosen = ticking.opening(request.viewer, work, request.GET.get("invoice", ""))
    return _shown(work, chosen, _form(work, None))


def _form(work: unpaid.Unpaid, sent: QueryDict | None) -> PayForm:
    """Make the form with the methods of the customer's settings; the one they choose at first where this page offers it."""
    form = PayForm(sent, initial={"method": work.first_method})
    form.allow(work.methods)
    return form


def _posted(request: page.Seen, division_id: int, *, typing: str = "", turn: str = "") -> dict[str, Any]:
    work = unpaid.load(request.viewer, division_id, request.POST, today=timezone.localdate())
    request.unpaid_count = work.whole
    chosen = ticking.posted(request.viewer, work, request.POST, typing=typing, turn=turn)
    kept = [{"name": name, "values": request.POST.getlist(name)} for name in request.POST if name not in _NOT_KEPT]
    return {**_shown(work, chosen, _form(work, request.POST)), "kept": kept}


def _reviewed(request: page.Seen, division_id: int) -> dict[str, Any]:
    """Give the page with every row that would be paid, and with its complaints: rows that are wrong, too many or none ticked, some paid meanwhile."""
    shown = _posted(request, division_id)
    form: PayForm = shown["form"]
    work, chosen = shown["work"], shown["chosen"]
    missing = ticking.gone(request.viewer, work, request.POST)
    if missing:
        form.add_error(
            None, ngettext("%(n)d ticked invoice is not open any more.", "%(n)d ticked invoices are not open any more.", missing) % {"n": missing}
        )
    if not chosen.count and not chosen.wrong:
        form.add_error(None, _("No invoice is ticked. Tick what you want to pay."))
    if chosen.count > MOST_INVOICES:
        form.add_error(
            None,
            _("One payment takes at most %(most)s invoices; %(count)s are ticked. Narrow the list, or untick some.")
            % {"most": f"{MOST_INVOICES:,}", "count": f"{chosen.count:,}"},
        )
        return {**shown, "paid": [], "sum": ""}
    form.is_valid()
    paid = ticking.every_row(request.viewer, work, chosen, most=MOST_INVOICES)
    return {**shown, "paid": paid, "sum": _sum(paid)}


def _sum(paid: Sequence[selection.Row]) -> str:
    """Say in short what is paid: how many, how much, and of which invoices."""
    digest = hashlib.sha256("".join(f"{row.invoice.id} {row.amount_minor} " for row in paid).encode()).hexdigest()
    return f"{len(paid)} {sum(row.amount_minor for row in paid)} {digest[:16]}"


def _is_wrong(shown: dict[str, Any]) -> bool:
    return bool(shown["chosen"].wrong or shown["form"].errors)


def _shown(work: unpaid.Unpaid, chosen: selection.Selection, form: PayForm) -> dict[str, Any]:
    method = form["method"].value() or work.first_method
    outlooks = work.outlooks(chosen, method)
    return {
        "work": work,
        "where": work.where,
        "currency": work.where.currency,
        "chosen": chosen,
        "form": form,
        "method": method,
        "outlooks": outlooks,
        "after": None if work.of_all else outlooks[0].after,
        "balances_minor": sum(outlook.after.balance_minor for outlook in outlooks),
        "today": timezone.localdate(),
        "asked": work.narrowed,
        "every": unpaid.EVERY,
        "create_address": reverse("order-create") + f"?division={ids.public('div', work.where.here.id)}",
        "clear_address": reverse("pay-invoice-division", kwargs={"division_id": work.where.here.id}) + (f"?of={unpaid.EVERY}" if work.of_all else ""),
    }
