"""Set the operator's side up: legal entities with their number series, tax rates and bank accounts; staff; the four-eyes rule."""

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.tax_categories import TaxCategory
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import queries as invoices
from tallystick.domain.invoicing.rules import SeriesKind
from tallystick.domain.webhooks import queries as webhooks
from tallystick.domain.webhooks.rules import PRIVATE_TARGETS
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form, operator_logo
from tallystick.interfaces.web.pages.operator_customers import CurrencyField
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors

SERIES = {SeriesKind.INVOICE: gettext_lazy("Invoices"), SeriesKind.CREDIT_NOTE: gettext_lazy("Credit notes")}


CATEGORIES = [
    ("", gettext_lazy("Standard rate, or not subject to tax at 0 %")),
    (TaxCategory.ZERO_RATED, gettext_lazy("Zero rated")),
    (TaxCategory.EXEMPT, gettext_lazy("Exempt")),
    (TaxCategory.REVERSE_CHARGE, gettext_lazy("Reverse charge")),
    (TaxCategory.INTRA_COMMUNITY, gettext_lazy("Intra-community supply")),
    (TaxCategory.EXPORT, gettext_lazy("Export outside the EU")),
]


class PercentField(django_forms.RegexField):
    """A percentage as decimal text, such as 8.625."""

    def __init__(self, *, required: bool = True) -> None:
        """Read digits and one point only: what else a decimal may be written as is no rate."""
        super().__init__(
            r"^[0-9]{1,3}(\.[0-9]{1,6})?$",
            label=gettext_lazy("Percent"),
            required=required,
            help_text=gettext_lazy("Up to six decimals"),
            error_messages={"invalid": gettext_lazy("Enter a percentage such as 8.625.")},
        )


class EntityForm(operator_form.Form):
    """A company of the operator, as it stands on its documents."""

    name = django_forms.CharField(label=gettext_lazy("Legal name"), max_length=200)
    country = django_forms.CharField(label=gettext_lazy("Country"), max_length=2, help_text=gettext_lazy("Two letters, such as US"))
    address = django_forms.CharField(
        label=gettext_lazy("Address, as in the register"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=500
    )
    tax_number = django_forms.CharField(label=gettext_lazy("Tax number"), max_length=40, required=False)
    email = django_forms.EmailField(label=gettext_lazy("E-mail on documents"), required=False)
    time_zone = django_forms.CharField(
        label=gettext_lazy("Time zone"), max_length=60, initial="UTC", help_text=gettext_lazy("Such as America/New_York; its days are the due days")
    )


class RateForm(operator_form.Form):
    """A tax rate."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("As on invoices, such as Sales tax 8.625 %"))
    percent = PercentField()
    category = django_forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=CATEGORIES, help_text=gettext_lazy("What electronic invoices say of a rate of 0 %")
    )
    reason = django_forms.CharField(
        label=gettext_lazy("Reason on documents"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Why nothing is taxed, such as the article of a law. Left empty: the usual words."),
    )


class AccountForm(operator_form.Form):
    """A bank account into which customers pay."""

    currency = CurrencyField(label=gettext_lazy("Currency"), max_length=3)
    holder = django_forms.CharField(label=gettext_lazy("Account holder"), max_length=200)
    account = django_forms.CharField(label=gettext_lazy("Account number or IBAN"), max_length=64)
    bic = django_forms.CharField(label=gettext_lazy("BIC or routing number"), max_length=20, required=False)
    bank_name = django_forms.CharField(label=gettext_lazy("Bank"), max_length=200, required=False)


class SeriesForm(operator_form.Form):
    """How the numbers of one kind of document look."""

    pattern = django_forms.CharField(
        label=gettext_lazy("Pattern"), max_length=60, help_text=gettext_lazy("Such as INV-{year}-{number:05}; the counter goes on")
    )


@require_safe
@page.page(rules.Act.ADMINISTER)
def settings(request: page.Seen) -> HttpResponse:
    """Show the companies with what belongs to each, the staff, and the four-eyes rule."""
    return page.show(request, "operator/settings.html", lambda: _read(request.viewer))


def _read(viewer: rules.Viewer) -> dict[str, object]:
    entities = [
        {
            "entity": entity,
            "logo": operator_logo.shown(entity.logo_sha256),
            "rates": queries.tax_rates(legal_entity_id=entity.pk),
            "accounts": queries.bank_accounts(legal_entity_id=entity.pk),
            "series": _series(viewer, entity.pk),
        }
        for entity in queries.legal_entities()
    ]
    return {
        "entities": entities,
        "staff": queries.staff(),
        "four_eyes": queries.setting(name="four_eyes", default=True) is not False,
        "tolerances": queries.write_off_tolerances(viewer=viewer),
        "private_targets": webhooks.private_allowed(),
    }


def _series(viewer: rules.Viewer, legal_entity_id: int) -> list[tuple[str, str, str]]:
    """Give kind, its word and its pattern; the pattern is empty where no series was started."""
    patterns = {row.kind: row.pattern for row in invoices.series(viewer=viewer, legal_entity_id=legal_entity_id)}
    return [(kind.value, str(word), patterns.get(kind.value, "")) for kind, word in SERIES.items()]


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def create_entity(request: page.Seen) -> HttpResponse:
    """Add a company of the operator."""
    form = EntityForm(request.POST or None)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.create_legal_entity(viewer=request.viewer, **_given(form)),
        lambda: _done(_("The legal entity is there. Give it number series, a tax rate and a bank account.")),
        lambda: _about(_("Add a legal entity"), _("A company that sells to customers and issues invoices."), _("Add the legal entity")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def create_rate(request: page.Seen, legal_entity_id: int) -> HttpResponse:
    """Add a tax rate to a legal entity."""
    _known(legal_entity_id)
    form = RateForm(request.POST or None)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.create_tax_rate(viewer=request.viewer, legal_entity_id=legal_entity_id, **_given(form)),
        lambda: _done(_("The tax rate is there.")),
        lambda: _about(_("Add a tax rate"), _("A rate does not change once it is used: add the new one instead."), _("Add the rate")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER, recent=True)
def create_account(request: page.Seen, legal_entity_id: int) -> HttpResponse:
    """Add a bank account to a legal entity; it stands on invoices, so who does it proves who they are."""
    _known(legal_entity_id)
    form = AccountForm(request.POST or None)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.create_bank_account(viewer=request.viewer, legal_entity_id=legal_entity_id, **_given(form)),
        lambda: _done(_("The bank account is there. New invoices in its currency name it.")),
        lambda: _about(_("Add a bank account"), _("The latest account of a currency stands on new invoices."), _("Add the account")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ADMINISTER)
def set_series(request: page.Seen, legal_entity_id: int, kind: str) -> HttpResponse:
    """Start a number series, or change how its numbers look."""
    _known(legal_entity_id)
    if kind not in set(SeriesKind):
        raise errors.NotFound(_("There is no such series."))
    now = {one: pattern for one, _word, pattern in _series(request.viewer, legal_entity_id)}
    form = SeriesForm(request.POST or None, initial={"pattern": now.get(kind, "")})
    return operator_form.sheet(
        request,
        form,
        lambda: invoicing.set_series(
            viewer=request.viewer,
            legal_entity_id=legal_entity_id,
            kind=SeriesKind(kind),
            pattern=form.cleaned_data["pattern"],
            year=operator_form.today_of(queries.legal_entity(legal_entity_id=legal_entity_id)).year,
        ),
        lambda: _done(_("The series is set.")),
        lambda: _about(
            _("Number series: %(what)s") % {"what": SERIES[SeriesKind(kind)]},
            _("Numbers have no gaps. A pattern with a year starts at 1 with each year."),
            _("Save the series"),
        ),
    )


@require_POST
@page.page(rules.Act.ADMINISTER)
def four_eyes(request: page.Seen) -> HttpResponse:
    """Switch the four-eyes rule on or off, for an operator of one person."""
    wanted = request.POST.get("four_eyes") == "yes"
    operations.set_setting(viewer=request.viewer, name="four_eyes", value=wanted)
    messages.success(request, _("Nobody approves what they entered.") if wanted else _("People may approve what they entered themselves."))
    return redirect("operator-settings")


@require_POST
@page.page(rules.Act.ADMINISTER, recent=True)
def private_targets(request: page.Seen) -> HttpResponse:
    """Let webhooks go to private networks and this machine, or to public addresses only."""
    wanted = request.POST.get("private") == "yes"
    operations.set_setting(viewer=request.viewer, name=PRIVATE_TARGETS, value=wanted)
    said = _("Webhooks may go to private networks and to this machine.") if wanted else _("Webhooks go to public addresses only.")
    messages.success(request, said)
    return redirect("operator-settings")


def _known(legal_entity_id: int) -> None:
    """Let only a company pass that is there. Raises NotFound."""
    if legal_entity_id not in {entity.pk for entity in queries.legal_entities()}:
        raise errors.NotFound(_("There is no such legal entity."))


def _given(form: forms.Form) -> dict[str, str]:
    return {name: value for name, value in form.cleaned_data.items() if name != "form_key"}


def _done(sentence: str) -> tuple[str, str]:
    return reverse("operator-settings"), sentence


def _about(title: str, says: str, verb: str) -> Sheet:
    back = reverse("operator-settings")
    return Sheet(title=title, says=says, verb=verb, back=back, crumbs=(Crumb(_("Settings"), back),))
