"""List the payments of all customers, show where one went, and reverse what bounced."""

import uuid

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.payments import announcements, operations, queries
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form, operator_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import money

_SHOWN = ("all", "settled", "started", "failed", "reversed")


class ReversalForm(operator_form.Form):
    """What bounced: how much, the bank's reference for it, and why."""

    amount = forms.AmountField(label=gettext_lazy("Amount that went back"))
    reference = django_forms.CharField(label=gettext_lazy("The bank's reference"), max_length=140, help_text=gettext_lazy("Each is taken once"))
    reason = django_forms.CharField(label=gettext_lazy("Reason"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=500)


@require_safe
@page.page(rules.Act.SEE_ALL)
def payments(request: page.Seen) -> HttpResponse:
    """List payments, newest first."""
    return page.show(request, "operator/payments.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    shown, looked_for = operator_words.chosen(request, "show", _SHOWN), operator_words.searched(request)
    words = {"all": _("All"), "settled": _("Received"), "started": _("On its way"), "failed": _("Failed"), "reversed": _("Reversed")}
    customer_id = operator_words.customer(request)
    rows = queries.payments(
        viewer=request.viewer, show=shown, search=looked_for, before=operator_words.before(request, "pay"), customer_id=customer_id
    )
    return {
        "rows": rows,
        "currency": operator_words.one_currency(row.currency for row in rows),
        "older": operator_words.older(request, "pay", rows[-1].id if len(rows) == queries.PAGE else None),
        "choices": operator_words.choices(
            "show", words, shown, {"q": looked_for, "customer": request.GET.get("customer", "") if customer_id else ""}
        ),
        "show": shown,
        "looked_for": looked_for,
        "customer": customers.customer(viewer=request.viewer, customer_id=customer_id) if customer_id else None,
        "announced": announcements.waiting_count(viewer=request.viewer),
        "may_record": rules.permits(request.viewer, rules.Act.ENTER),
    }


@require_safe
@page.page(rules.Act.SEE_ALL)
def payment(request: page.Seen, payment_id: uuid.UUID) -> HttpResponse:
    """Show one payment: where it went, and what came back of it."""
    return page.show(
        request,
        "operator/payment.html",
        lambda: {
            "payment": queries.payment(viewer=request.viewer, payment_id=payment_id),
            "may_record": rules.permits(request.viewer, rules.Act.ENTER),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def reverse_payment(request: page.Seen, payment_id: uuid.UUID) -> HttpResponse:
    """Take a bounced payment back, whole or part."""
    found = queries.payment(viewer=request.viewer, payment_id=payment_id)
    stands = found.settled_minor - found.reversed_minor
    form = ReversalForm(request.POST or None, initial={"amount": money.text(stands, found.currency)})
    form.fields["amount"].currency = found.currency  # type: ignore[attr-defined]
    here = reverse("operator-payment", args=[payment_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.reverse_payment(
            viewer=request.viewer,
            payment_id=payment_id,
            amount_minor=form.cleaned_data["amount"],
            reference=form.cleaned_data["reference"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
        lambda: (here, _("The payment is reversed. Its invoices are open again.")),
        lambda: Sheet(
            title=_("Reverse %(reference)s") % {"reference": found.reference},
            says=_(
                "A chargeback or a returned transfer. Surplus goes back first, then the invoices it paid, last first; what no longer can be taken becomes a correction invoice."
            ),
            verb=_("Reverse the payment"),
            back=here,
            crumbs=(Crumb(_("Payments"), reverse("operator-payments")), Crumb(found.reference, here)),
            harm=True,
        ),
    )
