"""Ask for another credit limit or credit rule of a customer, and decide on what another asked for."""

import uuid

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tallystick.domain.customers import queries, rules
from tallystick.domain.funds import operations
from tallystick.domain.funds import queries as funds
from tallystick.interfaces.web import page, words
from tallystick.interfaces.web.pages import operator_customers, operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors, money


class CreditForm(operator_form.Form):
    """The limit and rule wished for, and why."""

    limit = django_forms.CharField(label=gettext_lazy("Credit limit"), max_length=20, required=False, help_text=gettext_lazy("Empty means unlimited"))
    rule = django_forms.ChoiceField(label=gettext_lazy("Credit rule"), choices=operator_customers.RULES, help_text=operator_customers.RULE_HINT)
    reason = django_forms.CharField(label=gettext_lazy("Reason"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=500)

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        """Read the limit in the customer's currency."""
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["limit"].label = _("Credit limit, %(currency)s") % {"currency": currency}

    def clean_limit(self) -> int | None:
        """Read the limit; nothing is unlimited. Raises ValidationError."""
        try:
            return operator_customers.limit_of(self.cleaned_data["limit"], self.currency)
        except errors.Invalid as refusal:
            raise django_forms.ValidationError(words.said(refusal.sentence), code=refusal.code) from refusal


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def request_credit_terms(request: page.Seen, customer_id: int) -> HttpResponse:
    """Ask for another limit or rule; nothing changes before another person approves."""
    customer = queries.customer(viewer=request.viewer, customer_id=customer_id)
    exposure = funds.exposures(viewer=request.viewer, customer_ids=[customer_id])[customer_id]
    in_force = next((terms for terms in funds.terms_history(viewer=request.viewer, customer_id=customer_id) if terms.state == "approved"), None)
    first = {
        "limit": "" if exposure.limit_minor is None else money.text(exposure.limit_minor, customer.currency),
        "rule": in_force.rule if in_force else rules.CreditRule.CONSUMPTION,
    }
    form = CreditForm(request.POST or None, initial=first, currency=customer.currency)
    here = reverse("operator-customer", args=[customer_id])
    return operator_form.sheet(
        request,
        form,
        lambda: operations.request_terms(
            viewer=request.viewer,
            customer_id=customer_id,
            limit_minor=form.cleaned_data["limit"],
            rule=rules.CreditRule(form.cleaned_data["rule"]),
            reason=form.cleaned_data["reason"],
        ),
        lambda: (here, _("The change waits for another person's approval.")),
        lambda: Sheet(
            title=_("Limit and credit rule of %(name)s") % {"name": customer.name},
            says=_("Another person approves the change. It takes effect at once then; nothing that is posted is undone."),
            verb=_("Request the change"),
            back=here,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(customer.name, here)),
        ),
    )


@require_POST
@page.page(rules.Act.APPROVE)
def approve_credit_terms(request: page.Seen, customer_id: int, terms_id: uuid.UUID) -> HttpResponse:
    """Put the wished limit and rule in force."""
    four_eyes = queries.setting(name="four_eyes", default=True) is not False
    operations.approve_terms(viewer=request.viewer, customer_id=customer_id, terms_id=terms_id, four_eyes=four_eyes)
    messages.success(request, _("Approved. The limit and rule are in force."))
    return redirect("operator-customer", customer_id=customer_id)


@require_POST
@page.page(rules.Act.APPROVE)
def decline_credit_terms(request: page.Seen, customer_id: int, terms_id: uuid.UUID) -> HttpResponse:
    """Turn the wish down."""
    operations.decline_terms(viewer=request.viewer, customer_id=customer_id, terms_id=terms_id)
    messages.success(request, _("Declined. Nothing changed."))
    return redirect("operator-customer", customer_id=customer_id)
