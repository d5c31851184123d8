"""Deposit funds: an amount and a method, a review with its tax, then the card page or a transfer's reference."""

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import queries as payments_asked
from tallystick.domain.payments import rules
from tallystick.domain.payments.rules import DepositRequest, Method
from tallystick.interfaces import gateway
from tallystick.interfaces.web import forms, page, places, selection
from tallystick.interfaces.web.pages import payment as payment_page
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, money

_METHODS: dict[str, str | Promise] = {Method.CARD.value: _("Card"), Method.BANK_TRANSFER.value: _("Bank transfer")}


class DepositForm(forms.Form):
    """How much the balance shall rise by, and how it is paid."""

    amount = forms.AmountField(help_text=_("Net; tax, where there is any, is shown before you pay."))
    method = django_forms.ChoiceField(label=_("How will you pay?"))

    def __init__(self, *args: Any, currency: str, methods: Sequence[str], first: str, **kwargs: Any) -> None:
        """Read the amount in the customer's currency; of the methods those that its settings allow, `first` chosen where it is one."""
        super().__init__(*args, **kwargs)
        self.allowed = [method for method in _METHODS if method in methods]
        self.fields["method"].choices = [(method, _METHODS[method]) for method in self.allowed]  # type: ignore[attr-defined]
        self.fields["method"].initial = first if first in self.allowed else self.allowed[0]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["amount"].label = _("Amount to add to the balance, %(currency)s") % {"currency": currency}


@page.page(Act.PAY)
def start(request: page.Seen) -> HttpResponse:
    """Go to the deposit page of the chosen or top-level division."""
    return places.send_on(request, "deposit-division")


@page.page(Act.PAY)
def deposit(request: page.Seen, division_id: int) -> HttpResponse:
    """Ask for amount and method; `step=parts` reckons while one types, `step=review` shows what it costs, `step=pay` starts it."""
    with page.reading(request):
        where = places.of(request.viewer, division_id)
    form = DepositForm(
        request.POST if request.method == "POST" else None,
        currency=where.currency,
        methods=where.customer.payment_methods,
        first=where.customer.default_method,
    )
    step = request.POST.get("step", "")
    if step == "parts":
        return page.show(request, "web/deposit_parts.html", lambda: {**_shown(request, where, form), "said": True}, status=200)
    if form.is_bound and form.is_valid() and step == "pay":
        answer = _start(request, form, division_id)
        if answer is not None:
            return answer
    reviewing = form.is_bound and form.is_valid() and step == "review"
    return page.show(request, "web/deposit_review.html" if reviewing else "web/deposit.html", lambda: _shown(request, where, form))


def _start(request: page.Seen, form: DepositForm, division_id: int) -> HttpResponse | None:
    wish = DepositRequest(
        division_id=division_id,
        amount_minor=form.cleaned_data["amount"],
        method=Method(form.cleaned_data["method"]),
        idempotency_key=f"page-{form.key}",
        return_url=request.build_absolute_uri(reverse("payment-return", kwargs={"key": form.key})),
    )
    try:
        started = payments.start_deposit(viewer=request.viewer, request=wish, now=timezone.now(), gateway=gateway.wanted_for(wish.method))
    except errors.Refusal as refusal:
        form.refuse(refusal)
        return None
    payment_page.remember(request, form.key, started.payment_id)
    return redirect(started.redirect_url) if started.redirect_url else redirect("payment", payment_id=started.payment_id)


def _shown(request: page.Seen, where: places.Places, form: DepositForm) -> dict[str, Any]:
    figures = funds.figures(viewer=request.viewer, division_id=where.here.id)
    # a new form is without a token until it is sent, and the parts are asked for before
    amount_minor = (form.cleaned_data.get("amount") or 0) if form.is_bound and not form.errors.get("amount") else 0
    rate = customers.tax_rate(tax_rate_id=where.customer.tax_rate_id)
    percent = invoicing.millionths(rate.percent) if rate else 0
    parts = rules.deposit_for(net_minor=amount_minor, taxed_debt_minor=figures.taxed_debt_minor, percent_millionths=percent)
    return {
        "where": where,
        "currency": where.currency,
        "form": form,
        "method": form["method"].value() or form.fields["method"].initial,
        "methods": form.allowed,
        "figures": figures,
        "parts": parts,
        "percent": tally.quantity(rate.percent) if rate and rate.percent else "",
        "after": figures.after(balance_minor=amount_minor),
        "wrong": _wrong(request, form, where.currency),
        "open": payments_asked.open_deposits(viewer=request.viewer, division_id=where.here.id) if request.method == "GET" else [],
        "today": timezone.localdate(),
    }


def _wrong(request: page.Seen, form: DepositForm, currency: str) -> str:
    """Say what is wrong with the amount; while it is typed only what cannot become right any more."""
    if not form.is_bound or not form.errors.get("amount"):
        return ""
    typed = str(form["amount"].value() or "")
    is_typing = request.POST.get("typing", "") == form["amount"].id_for_label
    may_be = is_typing and selection.may_become_right(typed, currency=currency, most_minor=money.LARGEST_MINOR)
    return "" if may_be else str(form.errors["amount"][0])
