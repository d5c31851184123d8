"""Keep the customer's finance settings: when to be told of a low balance, who is billed, separate division funds."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web import amounts, forms, page, places
from tallystick.lib import errors

METHODS = [
    ("card", gettext_lazy("Card")),
    ("bank_transfer", gettext_lazy("Bank transfer")),
    ("unapplied_credit", gettext_lazy("Unapplied credit")),
    ("balance", gettext_lazy("Account balance")),
]


class SettingsForm(forms.Form):
    """The settings that one sends together."""

    notify_below = forms.AmountField(
        label=gettext_lazy("Mail when the balance falls below"), required=False, least_minor=0, help_text=gettext_lazy("Empty: no mail")
    )
    vat_number = django_forms.CharField(label=gettext_lazy("VAT or GST number"), required=False, max_length=30)
    billing_name = django_forms.CharField(label=gettext_lazy("Billing contact"), required=False, max_length=200)
    billing_email = django_forms.EmailField(label=gettext_lazy("Their e-mail"), required=False)
    recipients = django_forms.CharField(
        label=gettext_lazy("Also mail invoices to"), required=False, max_length=2000, help_text=gettext_lazy("Addresses separated by commas")
    )
    payment_methods = django_forms.MultipleChoiceField(
        label=gettext_lazy("Allowed methods of payment"),
        choices=METHODS,
        widget=django_forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Allow card, bank transfer or both: without them no money could come in.")},
    )
    default_method = django_forms.ChoiceField(label=gettext_lazy("Chosen at first"), choices=METHODS)
    version = django_forms.IntegerField(widget=django_forms.HiddenInput)

    def clean_recipients(self) -> tuple[str, ...]:
        """Read the addresses, each checked."""
        return recipients_of(self.cleaned_data["recipients"])


def recipients_of(written: str) -> tuple[str, ...]:
    """Read mail addresses separated by commas, semicolons or lines. Raises ValidationError for the first that is none."""
    found = [part.strip() for part in written.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
    for address in found:
        try:
            django_forms.EmailField().clean(address)
        except django_forms.ValidationError as problem:
            raise django_forms.ValidationError(_("%(address)s is not a mail address.") % {"address": address[:80]}) from problem
    return tuple(found)


@page.page(Act.CHANGE_SETTINGS)
def settings(request: page.Seen) -> HttpResponse:
    """Show the settings, or keep changed ones; who was slower than a colleague is told."""
    with page.reading(request):
        where = places.of(request.viewer)
    form = _form(request, where)
    if form.is_bound and form.is_valid():
        try:
            customers.change_settings(viewer=request.viewer, draft=_draft(form))
        except errors.Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("settings")
    return page.show(request, "web/settings.html", lambda: {"where": where, "currency": where.currency, "form": form})


@require_POST
@page.page(Act.CHANGE_SETTINGS)
def separate_funds(request: page.Seen) -> HttpResponse:
    """Switch separate division funds on or off; money moves as the specification says, none is lost."""
    wanted = request.POST.get("separate") == "on"
    if administration.switch_separate_funds(viewer=request.viewer, separate=wanted):
        messages.success(
            request, _("Every division has funds of its own now.") if wanted else _("All funds are together at the top-level division now.")
        )
    return redirect("settings")


def _form(request: page.Seen, where: places.Places) -> SettingsForm:
    customer = where.customer
    threshold = customer.notify_below_minor
    initial: dict[str, Any] = {
        name: getattr(customer, name) for name in ("vat_number", "billing_name", "billing_email", "payment_methods", "default_method", "version")
    }
    initial |= {
        "recipients": ", ".join(customer.recipients),
        "notify_below": "" if threshold is None else amounts.typed(threshold, customer.currency, grouped=False),
    }
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["notify_below"].currency = customer.currency  # type: ignore[attr-defined]
    return form


def _draft(form: SettingsForm) -> customers.SettingsDraft:
    sent = form.cleaned_data
    return customers.SettingsDraft(
        version=sent["version"],
        notify_below_minor=sent["notify_below"],
        vat_number=sent["vat_number"],
        billing_name=sent["billing_name"],
        billing_email=sent["billing_email"],
        recipients=sent["recipients"],
        payment_methods=tuple(sent["payment_methods"]),
        default_method=sent["default_method"],
    )
