"""List the transfers that customers announced, and record the money of one when it arrives."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import announcements, operations, queries
from tallystick.domain.payments.rules import UNSETTLED, Method, State
from tallystick.interfaces.web import page
from tallystick.interfaces.web.pages import operator_form, operator_words, record_payment
from tallystick.lib import errors, money

_SHOWN = ("waiting", "ended")


class AnnouncedForm(record_payment.RecordForm):
    """The arrived money of an announced transfer; a deposit pays no invoices, it gets one of its own."""

    def __init__(self, *args: Any, payment: queries.PaymentFacts, **kwargs: Any) -> None:
        """Leave out what a deposit does not need."""
        super().__init__(*args, **kwargs)
        self.is_deposit = payment.is_deposit
        if self.is_deposit:
            del self.fields["division"]

    def clean(self) -> dict[str, Any]:
        """Refuse to leave open which invoices the money pays where there are some."""
        values = super().clean()
        if self.invoices and not any(values.get(record_payment.field_of(invoice.id)) for invoice in self.invoices) and not self.errors:
            self.add_error(None, _("Enter below which invoices this pays. What they do not take becomes unapplied credit."))
        return values


@require_safe
@page.page(rules.Act.SEE_ALL)
def announced(request: page.Seen) -> HttpResponse:
    """List the announced transfers, oldest first: each leads to recording it."""
    return page.show(request, "operator/announced.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    shown, looked_for = operator_words.chosen(request, "show", _SHOWN), operator_words.searched(request)
    rows = announcements.announced(viewer=request.viewer, show=shown, search=looked_for, before=operator_words.before(request, "pay"))
    words = {"waiting": _("Waiting"), "ended": _("Withdrawn or lapsed")}
    return {
        "rows": rows,
        "currency": operator_words.one_currency(row.currency for row in rows),
        "older": operator_words.older(request, "pay", rows[-1].id if len(rows) == announcements.PAGE else None),
        "choices": operator_words.choices("show", words, shown, {"q": looked_for}),
        "show": shown,
        "looked_for": looked_for,
        "may_record": rules.permits(request.viewer, rules.Act.ENTER),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def record(request: page.Seen, payment_id: uuid.UUID) -> HttpResponse:
    """Record the money of an announced transfer, filled in as it was announced; what arrived is what counts."""
    found = queries.payment(viewer=request.viewer, payment_id=payment_id)
    if found.method != Method.BANK_TRANSFER:
        raise errors.NotFound(_("There is no such announced transfer."))
    if request.method != "POST" and State(found.state) not in UNSETTLED:
        messages.info(request, _("The money of %(reference)s is recorded already.") % {"reference": found.reference})
        return redirect("operator-payment", payment_id=payment_id)
    customer = customers.customer(viewer=request.viewer, customer_id=found.customer_id)
    form, invoices = _form(request, found)
    note = _("Its invoice is issued and paid.") if found.is_deposit else ""
    answer = record_payment.recorded(request, form, lambda: record_payment.asked(form, found.customer_id, payment_id), note)
    return answer or page.show(
        request,
        "operator/record_payment.html",
        lambda: {
            "form": form,
            "customer": customer,
            "open_minor": sum(invoice.open_minor for invoice in invoices),
            "currency": found.currency,
            "announced": found,
            "outcome": None
            if found.is_deposit
            else record_payment.outcome_of(form.data if form.is_bound else form.initial, invoices, found.currency),
            "notices": _notices(request.viewer, found, invoices),
        },
    )


def _form(request: page.Seen, found: queries.PaymentFacts) -> tuple[AnnouncedForm, list[invoicing.InvoiceRow]]:
    """Fill the form in as announced, as far as it is still open; *Suggest* and *Spread* fill another amount in."""
    customer = customers.customer(viewer=request.viewer, customer_id=found.customer_id)
    divisions = [one for one in customers.divisions(viewer=request.viewer, customer_id=found.customer_id) if one.closed_at is None]
    invoices = [] if found.is_deposit else _open(request.viewer, found)
    parts = {part.invoice_id: part.amount_minor for part in found.asked}
    first: dict[str, object] = {
        "amount": money.text(found.amount_minor, found.currency),
        "method": found.method,
        "received_date": operator_form.today_of(customer),
        "division": found.division_id,
    }
    for invoice in invoices:
        part_minor = min(parts.get(invoice.id, 0), invoice.open_minor)
        first[record_payment.field_of(invoice.id)] = money.text(part_minor, found.currency) if part_minor else ""
    filled = record_payment.fill_in(request, invoices, found.currency)
    first = filled.typed if filled else first
    bound = None if filled else request.POST or None
    form = AnnouncedForm(bound, initial=first, payment=found, currency=found.currency, divisions=divisions, invoices=invoices)
    return form, invoices


def _open(viewer: rules.Viewer, found: queries.PaymentFacts) -> list[invoicing.InvoiceRow]:
    """List the announced invoices that are still open first, then the customer's other open ones."""
    named = [invoicing.invoice(viewer=viewer, invoice_id=part.invoice_id) for part in found.asked]
    rest = invoicing.open_invoices(viewer=viewer, customer_id=found.customer_id, limit=record_payment.MOST_INVOICES)
    known = {invoice.id for invoice in named}
    return [*(invoice for invoice in named if invoice.open_minor), *(invoice for invoice in rest if invoice.id not in known)]


def _notices(viewer: rules.Viewer, found: queries.PaymentFacts, invoices: list[invoicing.InvoiceRow]) -> list[str]:
    """Say what happened since the announcement that whoever records should know."""
    said = []
    if found.state != State.STARTED:
        said.append(_("This announcement was withdrawn or has lapsed. Money that arrived counts all the same."))
    rivals = announcements.twice(viewer=viewer, payment_id=found.id)
    if rivals:
        said.append(_("%(others)s is announced for the same invoices. Compare the bank's reference.") % {"others": ", ".join(rivals)})
    still = {invoice.id for invoice in invoices}
    closed = [part.number for part in found.asked if part.invoice_id not in still]
    if closed:
        said.append(_("Nothing is open of %(numbers)s any more.") % {"numbers": ", ".join(closed)})
    return said


@require_POST
@page.page(rules.Act.ENTER)
def withdraw(request: page.Seen, payment_id: uuid.UUID) -> HttpResponse:
    """Take a transfer off the list that will not come."""
    operations.withdraw_transfer(viewer=request.viewer, payment_id=payment_id)
    messages.success(request, _("It is off the list. Money that comes all the same can still be recorded."))
    return redirect("operator-announced")
