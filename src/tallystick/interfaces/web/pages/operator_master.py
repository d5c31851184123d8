"""Correct a customer's master record: what its next documents and mails say."""

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tallystick.domain.administration import operations
from tallystick.domain.administration import queries as administration
from tallystick.domain.customers import queries, rules
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_customers, operator_form
from tallystick.interfaces.web.pages.operator_changes import FIELDS
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.interfaces.web.pages.settings import recipients_of

_SAME = ("name", "currency", "terms_days", "locale", "address", "country", "vat_number", "billing_name", "billing_email", "version")


class MasterForm(operator_customers.PartyForm):
    """A customer as it is on file; `version` tells whether a colleague was quicker."""

    locale = django_forms.ChoiceField(label=FIELDS["locale"], choices=settings.LANGUAGES)
    recipients = django_forms.CharField(
        label=FIELDS["recipients"],
        widget=django_forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Addresses separated by commas"),
    )
    version = django_forms.IntegerField(widget=django_forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    field_order = ("name", "locale", "legal_entity", "currency", "tax_rate", "terms_days", "address", "country", "vat_number")

    def fix(self) -> None:
        """Say beside currency and legal entity that they are fixed; another value is refused by the operation."""
        for name in ("legal_entity", "currency"):
            self.fields[name].help_text = _("Fixed: something was posted, ordered or announced in it")
        self.fields["currency"].widget.attrs["readonly"] = True

    def clean_recipients(self) -> tuple[str, ...]:
        """Read the addresses, each checked."""
        return recipients_of(self.cleaned_data["recipients"])

    @property
    def record(self) -> operations.MasterRecord:
        """Give the valid form as the domain wants it."""
        given: dict[str, Any] = {name: self.cleaned_data[name] for name in operations.MasterRecord.__dataclass_fields__ if name in self.cleaned_data}
        given |= {"legal_entity_id": self.cleaned_data["legal_entity"], "tax_rate_id": self.cleaned_data["tax_rate"]}
        return operations.MasterRecord(**given | {"country": self.cleaned_data["country"].upper()})


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def change_customer(request: page.Seen, customer_id: int) -> HttpResponse:
    """Change the record; whoever was slower than a colleague is told, and keeps what was typed."""
    customer = queries.customer(viewer=request.viewer, customer_id=customer_id)
    first = {name: getattr(customer, name) for name in _SAME}
    first |= {"legal_entity": customer.legal_entity_id, "tax_rate": customer.tax_rate_id, "recipients": ", ".join(customer.recipients)}
    form = MasterForm(request.POST or None, initial=first)
    if administration.is_fixed(viewer=request.viewer, customer_id=customer_id):
        form.fix()
    here = reverse("operator-customer", args=[customer_id])
    changed: list[bool] = []
    return operator_form.sheet(
        request,
        form,
        lambda: changed.append(
            operations.change_customer(viewer=request.viewer, customer_id=customer_id, version=form.cleaned_data["version"], record=form.record)
        ),
        lambda: (
            here,
            _("The record is changed. Issued documents stay as they are.") if any(changed) else _("Nothing differs: nothing was changed."),
        ),
        lambda: Sheet(
            title=_("Correct %(name)s") % {"name": customer.name},
            says=_("What is written here stands on the next documents and mails. Issued documents are frozen and do not change."),
            verb=_("Save the record"),
            back=here,
            crumbs=(Crumb(_("Customers"), reverse("operator-customers")), Crumb(customer.name, here)),
        ),
    )
