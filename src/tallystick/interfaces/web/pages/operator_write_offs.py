"""Decide on write-offs that another person asked for, and set the tolerance of a currency."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as known
from tallystick.domain.customers import rules
from tallystick.domain.invoicing import operations, queries
from tallystick.interfaces.web import page
from tallystick.interfaces.web.forms import AmountField
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.interfaces.web.pages.operator_invoices import ReasonForm
from tallystick.lib import money


class ToleranceForm(operator_form.Form):
    """How much of an invoice one approver writes off alone."""

    amount = AmountField(label=gettext_lazy("Tolerance for each invoice"), least_minor=0)


@require_POST
@page.page(rules.Act.APPROVE, recent=True)
def approve(request: page.Seen, write_off_id: uuid.UUID) -> HttpResponse:
    """Post a write-off that another person asked for."""
    done = operations.approve_write_off(viewer=request.viewer, write_off_id=write_off_id, now=timezone.now())
    messages.success(request, _("Approved: %(amount)s %(currency)s are written off.") % _amount(done.amount_minor, done.currency))
    return redirect("operator-invoice", invoice_id=done.invoice_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.APPROVE)
def decline(request: page.Seen, write_off_id: uuid.UUID) -> HttpResponse:
    """Turn a write-off down, with a word why."""
    asked = queries.write_off(viewer=request.viewer, write_off_id=write_off_id)
    form = ReasonForm(request.POST or None)
    back = reverse("operator-invoice", args=[asked.invoice_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.decline_write_off(viewer=request.viewer, write_off_id=write_off_id, text=form.cleaned_data["reason"], now=timezone.now()),
        lambda: (back, _("Declined. Nothing is posted.")),
        lambda: Sheet(
            title=_("Decline the write-off on %(number)s") % {"number": asked.invoice_number},
            says=_("%(who)s asked for it: %(why)s") % {"who": asked.requested_by_name, "why": asked.reason},
            verb=_("Decline"),
            back=back,
            crumbs=(Crumb(_("Credit notes and refunds"), reverse("operator-refunds")), Crumb(asked.invoice_number, back)),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def tolerance(request: page.Seen, currency: str) -> HttpResponse:
    """Set how much of an invoice in a currency one approver writes off alone."""
    money.exponent(currency)
    form = ToleranceForm(request.POST or None, initial={"amount": money.text(known.write_off_tolerance(currency=currency), currency)})
    form.fields["amount"].currency = currency  # type: ignore[attr-defined]
    back = reverse("operator-settings")
    return operator_form.sheet(
        request,
        form,
        lambda: customers.set_write_off_tolerance(viewer=request.viewer, currency=currency, amount_minor=form.cleaned_data["amount"]),
        lambda: (back, _("The tolerance is set.")),
        lambda: Sheet(
            title=_("Tolerance of write-offs, %(currency)s") % {"currency": currency},
            says=_("More than that is a bad debt, which another person approves. Zero lets nobody write off alone."),
            verb=_("Save"),
            back=back,
            crumbs=(Crumb(_("Settings"), back),),
        ),
    )


def _amount(minor: int, currency: str) -> dict[str, str]:
    return {"amount": money.text(minor, currency), "currency": currency}
