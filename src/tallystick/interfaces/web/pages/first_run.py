"""Set an empty system up: the first company, its numbers, tax and bank account, and the first administrator, all or none.

Shown only while there is no legal entity, and only to who has the one-time token that the command line printed (its SHA-256 in
hexadecimal is the setting `first_run_token_sha256`).
"""

import hashlib
import hmac

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing.rules import SeriesKind
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_settings import AccountForm, EntityForm, PercentField
from tallystick.lib import errors

TOKEN_SETTING = "first_run_token_sha256"  # noqa: S105 - the name of a setting, not a secret
_INSTALLER = rules.Viewer(kind=rules.ViewerKind.STAFF, name="First run", staff_role=rules.StaffRole.ADMINISTRATOR)


class FirstRunForm(EntityForm, AccountForm):
    """Everything that has to be there before the first customer."""

    invoice_pattern = django_forms.CharField(label=gettext_lazy("Invoice numbers"), max_length=60, initial="INV-{year}-{number:05}")
    credit_note_pattern = django_forms.CharField(label=gettext_lazy("Credit note numbers"), max_length=60, initial="CN-{year}-{number:05}")
    rate_name = django_forms.CharField(
        label=gettext_lazy("Tax rate"), max_length=60, required=False, help_text=gettext_lazy("Such as VAT 19 %; empty for none")
    )
    percent = PercentField(required=False)
    person_name = django_forms.CharField(label=gettext_lazy("Your name"), max_length=200)
    person_email = django_forms.EmailField(label=gettext_lazy("Your e-mail"))
    field_order = (
        "name",
        "country",
        "address",
        "tax_number",
        "email",
        "time_zone",
        "invoice_pattern",
        "credit_note_pattern",
        "rate_name",
        "percent",
        "currency",
    )

    def part(self, *names: str) -> list[django_forms.BoundField]:
        """Give some of the fields, for one section of the page."""
        return [self[name] for name in names]

    @property
    def sections(self) -> list[tuple[str, str, str, list[django_forms.BoundField]]]:
        """Give the sections of the page: anchor, heading, sentence, fields."""
        return [
            (
                "company",
                _("Your company"),
                _("It stands on every document, as you write it here."),
                self.part("name", "country", "address", "tax_number", "email", "time_zone"),
            ),
            ("numbers", _("Numbers"), _("Without gaps, starting at 1 with each year."), self.part("invoice_pattern", "credit_note_pattern")),
            ("tax", _("Tax"), _("For what customers order and deposit. More rates can be added later."), self.part("rate_name", "percent")),
            (
                "bank",
                _("Bank account"),
                _("Where customers pay to; it stands on invoices."),
                self.part("currency", "holder", "account", "bic", "bank_name"),
            ),
            ("you", _("First administrator"), _("You are signed in when this page is done."), self.part("person_name", "person_email")),
        ]

    def clean(self) -> dict[str, object]:
        """Ask for the percentage where a rate is named."""
        values = super().clean() or {}
        if values.get("rate_name") and not values.get("percent"):
            self.add_error("percent", _("Enter the percentage of this rate."))
        return values


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, or set everything up and sign the administrator in."""
    if not _is_open(token):
        return render(request, "operator/first_run_closed.html", status=404)
    form = FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            link = _set_up(form)
        except errors.Refusal as refusal:
            form.refuse(_renamed(refusal))
        else:
            return redirect("sign-in-link", token=link)
    return render(request, "operator/first_run.html", {"form": form}, status=422 if form.is_bound else 200)


def _is_open(token: str) -> bool:
    """Tell whether nothing is set up yet and this is the token that was printed."""
    with scope.of(_INSTALLER):
        expected = queries.setting(name=TOKEN_SETTING)
        if queries.legal_entities() or not isinstance(expected, str):
            return False
    return hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), expected)


def _set_up(form: FirstRunForm) -> str:
    """Write everything in one transaction, take the token back, and give the administrator's one-time sign-in token."""
    given, now = form.cleaned_data, timezone.now()
    entity = {name: given[name] for name in ("name", "country", "address", "tax_number", "email", "time_zone")}
    account = {name: given[name] for name in ("currency", "holder", "account", "bic", "bank_name")}
    patterns = {SeriesKind.INVOICE: given["invoice_pattern"], SeriesKind.CREDIT_NOTE: given["credit_note_pattern"]}
    with scope.of(_INSTALLER):
        entity_id = operations.create_legal_entity(viewer=_INSTALLER, **entity)
        year = operator_form.today_of(queries.legal_entity(legal_entity_id=entity_id)).year
        for kind, pattern in patterns.items():
            try:
                invoicing.set_series(viewer=_INSTALLER, legal_entity_id=entity_id, kind=kind, pattern=pattern, year=year)
            except errors.Invalid as refusal:
                raise errors.Invalid(refusal.sentence, code=refusal.code, field=f"{kind}_pattern") from refusal
        if given["rate_name"]:
            operations.create_tax_rate(viewer=_INSTALLER, legal_entity_id=entity_id, name=given["rate_name"], percent=given["percent"])
        operations.create_bank_account(viewer=_INSTALLER, legal_entity_id=entity_id, **account)
        person_id = operations.add_person(viewer=_INSTALLER, email=given["person_email"], name=given["person_name"])
        operations.set_staff(viewer=_INSTALLER, person_id=person_id, role=rules.StaffRole.ADMINISTRATOR)
        operations.set_setting(viewer=_INSTALLER, name=TOKEN_SETTING, value="")
        return operations.issue_sign_in_link(viewer=_INSTALLER, person_id=person_id, now=now)


def _renamed(refusal: errors.Refusal) -> errors.Refusal:
    """Send what is said about a person's address to this page's own field."""
    return errors.Invalid(refusal.sentence, code=refusal.code, field="person_email") if refusal.field == "email" else refusal
