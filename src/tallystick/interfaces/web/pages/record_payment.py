"""Record money that arrived by transfer, cheque or otherwise, and split it over the customer's open invoices."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations
from tallystick.domain.payments.rules import Ask, Method, RecordRequest
from tallystick.interfaces.web import amounts, forms, page
from tallystick.interfaces.web.pages import operator_form, operator_suggesting, operator_words
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, ids, money

_METHODS = [
    (Method.BANK_TRANSFER.value, gettext_lazy("Bank transfer")),
    (Method.CHEQUE.value, gettext_lazy("Cheque")),
    (Method.OTHER.value, gettext_lazy("Other")),
]
MOST_INVOICES = 200


class Named(Protocol):
    """A division to choose."""

    id: int
    name: str


class RecordForm(operator_form.Form):
    """The payment as it stands on the bank's statement, and an amount for each invoice that it pays."""

    is_deposit = False

    method = django_forms.ChoiceField(label=gettext_lazy("How it arrived"), choices=_METHODS)
    amount = forms.AmountField(label=gettext_lazy("Amount received"))
    received_date = django_forms.DateField(
        label=gettext_lazy("Value date"), widget=django_forms.DateInput(attrs={"type": "date"}), help_text=gettext_lazy("As on the bank's statement")
    )
    reference = django_forms.CharField(
        label=gettext_lazy("The bank's reference"), max_length=140, help_text=gettext_lazy("A statement entry or cheque number; each is taken once")
    )
    division = django_forms.TypedChoiceField(label=gettext_lazy("A surplus belongs to"), coerce=int, empty_value=None, required=False)
    note = django_forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, currency: str, divisions: Sequence[Named], invoices: list[invoicing.InvoiceRow], **kwargs: Any) -> None:
        """Add a field for each open invoice."""
        super().__init__(*args, **kwargs)
        self.currency, self.invoices = currency, invoices
        amount = self.fields["amount"]
        amount.currency, amount.label = currency, _("Amount received, %(currency)s") % {"currency": currency}  # type: ignore[attr-defined]
        chosen = [("", _("last invoice's division")), *((division.id, division.name) for division in divisions)]
        self.fields["division"].choices = chosen  # type: ignore[attr-defined]
        for invoice in invoices:
            field = forms.AmountField(currency=currency, least_minor=0, required=False, label=invoice.number)
            field.widget.attrs["aria-label"] = _("Pays of %(number)s, %(currency)s") % {"number": invoice.number, "currency": currency}
            self.fields[field_of(invoice.id)] = field

    def clean(self) -> dict[str, Any]:
        """Refuse to give an invoice more than is open of it, or all of them more than arrived."""
        values = super().clean() or {}
        split_minor = 0
        for invoice in self.invoices:
            part_minor = values.get(field_of(invoice.id)) or 0
            split_minor += part_minor
            if part_minor > invoice.open_minor:
                self.add_error(field_of(invoice.id), _("Only %(open)s is open.") % {"open": money.text(invoice.open_minor, self.currency)})
        arrived_minor = values.get("amount")
        if arrived_minor is not None and split_minor > arrived_minor:
            self.add_error("amount", _("The invoices below take %(split)s, more than this.") % {"split": money.text(split_minor, self.currency)})
        return values

    @property
    def rows(self) -> list[tuple[invoicing.InvoiceRow, django_forms.BoundField]]:
        """Pair each invoice with its field."""
        return [(invoice, self[field_of(invoice.id)]) for invoice in self.invoices]

    @property
    def splits(self) -> list[Ask]:
        """List what goes where, in the order shown."""
        return [Ask(invoice.id, part_minor) for invoice in self.invoices if (part_minor := self.cleaned_data.get(field_of(invoice.id)))]


@require_safe
@page.page(rules.Act.ENTER)
def choose_payer(request: page.Seen) -> HttpResponse:
    """Ask whose money arrived."""
    looked_for = operator_words.searched(request)
    return page.show(
        request,
        "operator/choose_customer.html",
        lambda: {
            "title": _("Record a payment"),
            "says": _("Whose money arrived?"),
            "route": "record-payment-of",
            "looked_for": looked_for,
            "rows": customers.customers(viewer=request.viewer, text=looked_for),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def record_payment(request: page.Seen, customer_id: int) -> HttpResponse:
    """Record the payment; *Suggest* and *Spread* fill the invoices in, and record nothing."""
    customer = customers.customer(viewer=request.viewer, customer_id=customer_id)
    divisions = [one for one in customers.divisions(viewer=request.viewer, customer_id=customer_id) if one.closed_at is None]
    invoices = invoicing.open_invoices(viewer=request.viewer, customer_id=customer_id, limit=MOST_INVOICES)
    filled = fill_in(request, invoices, customer.currency)
    first = filled.typed if filled else {"received_date": operator_form.today_of(customer)}
    form = RecordForm(None if filled else request.POST or None, initial=first, currency=customer.currency, divisions=divisions, invoices=invoices)
    answer = recorded(request, form, lambda: asked(form, customer_id))
    if answer:
        return answer
    return page.show(
        request,
        "operator/record_payment.html",
        lambda: {
            "form": form,
            "customer": customer,
            "open_minor": sum(invoice.open_minor for invoice in invoices),
            "currency": customer.currency,
            "suggested": filled.says if filled else "",
            "outcome": outcome_of(first if filled else request.POST, invoices, customer.currency),
        },
    )


@require_POST
@page.page(rules.Act.ENTER)
def outcome(request: page.Seen, customer_id: int) -> HttpResponse:
    """Say what the typed payment would do: what invoices get, what becomes unapplied credit, which part is wrong. Nothing is recorded."""

    def read() -> dict[str, object]:
        customer = customers.customer(viewer=request.viewer, customer_id=customer_id)
        invoices = invoicing.open_invoices(viewer=request.viewer, customer_id=customer_id, limit=MOST_INVOICES)
        return {"outcome": outcome_of(request.POST, invoices, customer.currency), "currency": customer.currency}

    return page.show(request, "operator/parts/payment_outcome.html", read)


def recorded(request: page.Seen, form: RecordForm, asks: Callable[[], RecordRequest], note: str = "") -> HttpResponse | None:
    """Record what a valid form says, once, and lead to the payment; `note` is said beside what the money did."""
    made: list[uuid.UUID] = []
    return operator_form.sent(
        request,
        form,
        lambda: made.append(operations.record_payment(viewer=request.viewer, request=asks(), now=timezone.now())),
        lambda: (reverse("operator-payment", args=[made[-1]]), f"{_said(form)} {note}".rstrip()),
    )


def asked(form: RecordForm, customer_id: int, payment_id: uuid.UUID | None = None) -> RecordRequest:
    """Give the valid form as the domain wants it; `payment_id` is the announcement that it settles."""
    values = form.cleaned_data
    return RecordRequest(
        customer_id=customer_id,
        method=Method(values["method"]),
        amount_minor=values["amount"],
        splits=form.splits,
        reference=values["reference"],
        received_date=values["received_date"],
        division_id=values.get("division"),
        note=values["note"],
        idempotency_key=str(form.key),
        payment_id=payment_id,
    )


def _said(form: RecordForm) -> str:
    """Say what was done with the money: what the invoices got, what is unapplied credit."""
    arrived_minor, currency = form.cleaned_data["amount"], form.currency
    surplus_minor = arrived_minor - sum(ask.amount_minor for ask in form.splits)
    said = _("%(amount)s %(currency)s recorded.") % {"amount": tally.written(arrived_minor, currency), "currency": currency}
    if surplus_minor and not form.is_deposit:
        said += " " + _("%(amount)s %(currency)s of it is unapplied credit.") % {
            "amount": tally.written(surplus_minor, currency),
            "currency": currency,
        }
    return said


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as typed, with the invoices filled in, and why they were."""

    typed: dict[str, object]
    says: str


def fill_in(request: page.Seen, invoices: list[invoicing.InvoiceRow], currency: str) -> Filled | None:
    """Fill the arrived amount in as asked by a button, None where none was pressed; an amount that can not be read fills nothing in."""
    pressed = {"suggest", "spread", "reckon"} & set(request.POST)
    if not pressed:
        return None
    typed: dict[str, object] = {name: value for name, value in request.POST.items() if name not in pressed}
    amount_minor = _minor(typed.get("amount"), currency)
    if "reckon" in pressed:
        return Filled(typed, "")
    if not amount_minor:
        return Filled(typed, _("Enter the amount that arrived first."))
    if "spread" in pressed:
        parts, says = operator_suggesting.spread(amount_minor, invoices), ""
    else:
        found = operator_suggesting.suggest(str(typed.get("reference", "")), amount_minor, invoices)
        parts, says = found.parts, found.says
    for invoice in invoices:
        typed[field_of(invoice.id)] = amounts.typed(parts[invoice.id], currency, grouped=False) if invoice.id in parts else ""
    return Filled(typed, says)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a payment would do, in minor units: what arrived (None while it can not be read), what invoices take, what is left; wrong parts by field."""

    arrived_minor: int | None
    split_minor: int
    count: int
    wrong: list[tuple[str, str]]

    @property
    def left_minor(self) -> int:
        """Tell what becomes unapplied credit; below zero, by how much the invoices take too much."""
        return (self.arrived_minor or 0) - self.split_minor

    @property
    def missing_minor(self) -> int:
        """Tell by how much the invoices take more than arrived."""
        return max(0, -self.left_minor)


def outcome_of(typed: Mapping[str, object], invoices: Sequence[invoicing.InvoiceRow], currency: str) -> Outcome:
    """Reckon it from the fields as they were typed."""
    split_minor, count = 0, 0
    wrong: list[tuple[str, str]] = []
    for invoice in invoices:
        name = field_of(invoice.id)
        written = str(typed.get(name, "")).strip()
        part_minor = _minor(written, currency)
        said = ""
        if written and part_minor is None:
            said = _("Enter an amount such as 12.50.")
        elif part_minor and part_minor > invoice.open_minor:
            said = _("Only %(open)s is open.") % {"open": money.text(invoice.open_minor, currency)}
        wrong.append((name, said))
        split_minor += part_minor or 0
        count += bool(part_minor)
    return Outcome(_minor(typed.get("amount"), currency), split_minor, count, wrong)


def _minor(written: object, currency: str) -> int | None:
    """Read a typed amount; None where it is none."""
    try:
        return forms.minor_of(str(written or ""), currency)
    except errors.Invalid:
        return None


def field_of(invoice_id: uuid.UUID) -> str:
    """Name the field that holds an invoice's part."""
    return ids.public("inv", invoice_id)
