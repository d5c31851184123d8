"""List the customers with their limits and exposure, show one, and open a new one."""

from dataclasses import dataclass

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import queries as invoicing
from tallystick.interfaces.web import amounts, drawing, page, words
from tallystick.interfaces.web.pages import operator_changes, operator_form, operator_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors, money

RULES = [
    (rules.CreditRule.CONSUMPTION.value, gettext_lazy("Consumption")),
    (rules.CreditRule.ALL_UNPAID.value, gettext_lazy("All unpaid")),
]
RULE_HINT = gettext_lazy("Consumption leaves unpaid purchase-order invoices out of the limit; all unpaid counts every one")
PAGE = 50
_MUCH, _ALL = 80, 100
"""Percent of a limit."""


class CurrencyField(django_forms.CharField):
    """A currency by its three letters."""

    def clean(self, value: str | None) -> str:
        """Read the letters in either case. Raises ValidationError for what is no currency."""
        code = str(super().clean(value)).upper()
        try:
            money.exponent(code)
        except errors.Invalid as refusal:
            raise django_forms.ValidationError(_("Enter a currency such as USD."), code=refusal.code) from refusal
        return code


class PartyForm(operator_form.Form):
    """What a new and a corrected customer have in common: who it is, who sells to it, and where its invoices go."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=200)
    legal_entity = django_forms.TypedChoiceField(label=gettext_lazy("Buys from"), coerce=int)
    currency = CurrencyField(
        label=gettext_lazy("Currency"), max_length=3, help_text=gettext_lazy("Three letters, such as USD; fixed once something is posted")
    )
    tax_rate = django_forms.TypedChoiceField(label=gettext_lazy("Tax on orders and deposits"), coerce=int, empty_value=None, required=False)
    terms_days = django_forms.IntegerField(label=gettext_lazy("Payment terms, days"), min_value=0, max_value=30, initial=30)
    address = django_forms.CharField(
        label=gettext_lazy("Billing address"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=500, required=False
    )
    country = django_forms.RegexField(
        r"^[A-Za-z]{2}$", label=gettext_lazy("Country"), max_length=2, required=False, help_text=gettext_lazy("Two letters, such as US")
    )
    vat_number = django_forms.CharField(label=gettext_lazy("VAT or GST number"), max_length=40, required=False)
    billing_name = django_forms.CharField(label=gettext_lazy("Billing contact"), max_length=200, required=False)
    billing_email = django_forms.EmailField(label=gettext_lazy("Their e-mail"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the legal entities and their rates."""
        super().__init__(*args, **kwargs)
        entities = queries.legal_entities()
        rates = [(rate.pk, f"{rate.name}, {entity.name}") for entity in entities for rate in queries.tax_rates(legal_entity_id=entity.pk)]
        self.fields["legal_entity"].choices = [(entity.pk, entity.name) for entity in entities]  # type: ignore[attr-defined]
        self.fields["tax_rate"].choices = [("", _("none")), *rates]  # type: ignore[attr-defined]
        self.fields["country"].error_messages["invalid"] = _("Enter the two letters of the country, such as US.")


class CustomerForm(PartyForm):
    """A new customer: also how far it may go below zero."""

    limit = django_forms.CharField(
        label=gettext_lazy("Credit limit"), initial="0.00", max_length=20, required=False, help_text=gettext_lazy("Empty means unlimited")
    )
    rule = django_forms.ChoiceField(label=gettext_lazy("Credit rule"), choices=RULES, help_text=RULE_HINT)
    separate_funds = django_forms.BooleanField(label=gettext_lazy("Every division has funds of its own"), required=False)
    field_order = (
        "name",
        "legal_entity",
        "currency",
        "tax_rate",
        "limit",
        "rule",
        "terms_days",
        "separate_funds",
        "address",
        "country",
        "vat_number",
    )

    def clean(self) -> dict[str, object]:
        """Read the limit in the customer's own currency."""
        values = super().clean() or {}
        currency = values.get("currency")
        if currency is not None:
            try:
                values["limit"] = limit_of(values.get("limit", ""), str(currency))
            except errors.Invalid as refusal:
                self.add_error("limit", words.said(refusal.sentence))
        return values

    @property
    def draft(self) -> operations.CustomerDraft:
        """Give the valid form as the domain wants it."""
        given = dict(self.cleaned_data)
        return operations.CustomerDraft(
            legal_entity_id=given["legal_entity"],
            limit_minor=given["limit"],
            rule=rules.CreditRule(given["rule"]),
            tax_rate_id=given["tax_rate"],
            **{
                name: given[name]
                for name in ("name", "currency", "terms_days", "separate_funds", "address", "vat_number", "billing_name", "billing_email")
            },
            country=given["country"].upper(),
        )


def limit_of(written: str, currency: str) -> int | None:
    """Read a credit limit; nothing written means unlimited. Raises Invalid."""
    plain = amounts.plain(written, currency)
    return money.parse(plain, currency, field="limit") if plain else None


@require_safe
@page.page(rules.Act.SEE_ALL)
def customers(request: page.Seen) -> HttpResponse:
    """List the customers by name."""
    return page.show(request, "operator/customers.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    looked_for = operator_words.searched(request)
    rows = queries.customers(viewer=request.viewer, text=looked_for, after=operator_words.after_name(request), limit=PAGE)
    exposures = funds.exposures(viewer=request.viewer, customer_ids=[row.id for row in rows])
    return {
        "rows": [(row, exposures.get(row.id), _use(exposures.get(row.id))) for row in rows],
        "currency": operator_words.one_currency(row.currency for row in rows),
        "older": operator_words.next_name(request, rows[-1].name, rows[-1].id) if len(rows) == PAGE else "",
        "looked_for": looked_for,
        "requested": _requested(request.viewer),
        "may_open": rules.permits(request.viewer, rules.Act.ADMINISTER),
    }


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a credit limit is in use: its share as a bar of the whole, in percent as a word, and how near the limit that is."""

    width: str
    percent: int
    mark: str


def _use(exposure: funds.Exposure | None) -> Use | None:
    """Reckon it; None where there is no limit to be used."""
    if exposure is None or not exposure.limit_minor:
        return None
    percent = exposure.in_use_minor * 100 // exposure.limit_minor
    mark = "over" if percent > _ALL else "much" if percent >= _MUCH else "mark-own"
    return Use(drawing.stretch(0, min(exposure.in_use_minor, exposure.limit_minor), exposure.limit_minor)[1], percent, mark)


def _requested(viewer: rules.Viewer) -> list[tuple[object, object]]:
    """Pair each change of limit or rule that waits with its customer's name."""
    waiting = funds.requested_terms(viewer=viewer)
    return [(terms, queries.customer(viewer=viewer, customer_id=terms.customer_id)) for terms in waiting]


@require_safe
@page.page(rules.Act.SEE_ALL)
def customer(request: page.Seen, customer_id: int) -> HttpResponse:
    """Show one customer: figures, divisions, limit and rule, users."""
    return page.show(request, "operator/customer.html", lambda: _read(request.viewer, customer_id))


def _read(viewer: rules.Viewer, customer_id: int) -> dict[str, object]:
    found = queries.customer(viewer=viewer, customer_id=customer_id)
    figures = funds.figures_by_division(viewer=viewer, customer_id=customer_id)
    divisions = queries.divisions(viewer=viewer, customer_id=customer_id)
    names = {division.id: division.name for division in divisions}
    due = invoicing.summary_by_division(viewer=viewer, today=operator_form.today_of(found), customer_id=customer_id)
    return {
        "customer": found,
        "entity": queries.legal_entity(legal_entity_id=found.legal_entity_id),
        "rate": queries.tax_rate(tax_rate_id=found.tax_rate_id),
        "top": figures[divisions[0].id],
        "exposure": funds.exposures(viewer=viewer, customer_ids=[customer_id])[customer_id],
        "divisions": [(division, figures[division.id], due.get(division.id), names.get(division.parent_id or 0, "")) for division in divisions],
        "terms": funds.terms_history(viewer=viewer, customer_id=customer_id),
        "rules": dict(RULES),
        "changes": operator_changes.differences(viewer, customer_id),
        "users": [
            (user, ", ".join(names.get(one, "") for one in user.division_ids or [])) for user in queries.users(viewer=viewer, customer_id=customer_id)
        ],
        "may_enter": rules.permits(viewer, rules.Act.ENTER),
        "may_approve": rules.permits(viewer, rules.Act.APPROVE),
        "may_administer": rules.permits(viewer, rules.Act.ADMINISTER),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def create_customer(request: page.Seen) -> HttpResponse:
    """Open a customer with its top-level division and first limit."""
    form = CustomerForm(request.POST or None)
    made: list[int] = []
    answer = operator_form.sent(
        request,
        form,
        lambda: made.append(administration.create_customer(viewer=request.viewer, draft=form.draft).customer_id),
        lambda: (
            reverse("operator-customer", args=[made[-1]]),
            _("%(name)s is a customer now. Invite its users next.") % {"name": form.cleaned_data["name"]},
        ),
    )
    if answer:
        return answer
    back = reverse("operator-customers")
    about = Sheet(
        title=_("Create a customer"),
        says=_("An organization that buys on account. Its top-level division is made with it and bears its name."),
        verb=_("Create the customer"),
        back=back,
        crumbs=(Crumb(_("Customers"), back),),
    )
    return page.show(request, "operator/form.html", lambda: {"form": form, "sheet": about})
