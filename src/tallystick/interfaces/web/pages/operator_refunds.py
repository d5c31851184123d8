"""Decide on credit notes and refunds, and pay unapplied credit back or use it on invoices."""

import uuid

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import queries as invoices
from tallystick.domain.payments import operations, queries
from tallystick.domain.payments.rules import Ask, Method, PaymentRequest, RefundRequest
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.interfaces.web.pages.operator_invoices import ReasonForm
from tallystick.lib import errors, money


class RefundForm(ReasonForm):
    """Unapplied credit to be paid back to a bank account."""

    amount = forms.AmountField(label=gettext_lazy("Amount"))
    account = django_forms.CharField(label=gettext_lazy("Bank account that gets the money"), max_length=140)
    field_order = ("amount", "account", "reason")


@require_safe
@page.page(rules.Act.SEE_ALL)
def refunds(request: page.Seen) -> HttpResponse:
    """List what waits for a decision, what is on its way, and where unapplied credit lies."""
    return page.show(
        request,
        "operator/refunds.html",
        lambda: {
            "notes": invoices.credit_notes(viewer=request.viewer, state="requested"),
            "write_offs": invoices.write_offs(viewer=request.viewer, state="requested"),
            "refunds": _named(request.viewer),
            "unapplied": queries.unapplied_credit(viewer=request.viewer),
            "may_ask": rules.permits(request.viewer, rules.Act.ENTER),
            "may_decide": rules.permits(request.viewer, rules.Act.APPROVE),
        },
    )


def _named(viewer: rules.Viewer) -> list[tuple[object, str]]:
    """Pair each refund with its customer's name."""
    rows = queries.refunds(viewer=viewer)
    names = invoices.customer_names({row.customer_id for row in rows})
    return [(row, names[row.customer_id]) for row in rows]


@require_POST
@page.page(rules.Act.APPROVE, recent=True)
def approve_credit_note(request: page.Seen, credit_note_id: uuid.UUID) -> HttpResponse:
    """Post a credit note that another person asked for."""
    with page.reading(request):
        asked = invoices.credit_note(viewer=request.viewer, credit_note_id=credit_note_id)
        today = operator_form.today_of(customers.customer(viewer=request.viewer, customer_id=asked.customer_id))
    note = invoicing.approve_credit_note(viewer=request.viewer, credit_note_id=credit_note_id, today=today, now=timezone.now())
    messages.success(request, _("Approved: credit note %(number)s is issued.") % {"number": note.number})
    return redirect("operator-invoice", invoice_id=note.invoice_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.APPROVE)
def decline_credit_note(request: page.Seen, credit_note_id: uuid.UUID) -> HttpResponse:
    """Turn a credit note down, with a word why."""
    note = invoices.credit_note(viewer=request.viewer, credit_note_id=credit_note_id)
    form = ReasonForm(request.POST or None)
    back = reverse("operator-invoice", args=[note.invoice_id])
    return operator_form.sheet(
        request,
        form,
        lambda: invoicing.decline_credit_note(
            viewer=request.viewer, credit_note_id=credit_note_id, text=form.cleaned_data["reason"], now=timezone.now()
        ),
        lambda: (back, _("Declined. Nothing is posted.")),
        lambda: Sheet(
            title=_("Decline the credit note on %(number)s") % {"number": note.invoice_number},
            says=_("%(who)s asked for it: %(why)s") % {"who": note.requested_by_name, "why": note.reason},
            verb=_("Decline"),
            back=back,
            crumbs=(Crumb(_("Credit notes and refunds"), reverse("operator-refunds")), Crumb(note.invoice_number, back)),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER, recent=True)
def request_refund(request: page.Seen, customer_id: int, division_id: int) -> HttpResponse:
    """Ask for unapplied credit to be paid back; another person approves it."""
    customer = customers.customer(viewer=request.viewer, customer_id=customer_id)
    _refuse_closed(request.viewer, customer_id, division_id)
    unapplied_minor = funds.figures(viewer=request.viewer, division_id=division_id, customer_id=customer_id).unapplied_minor
    form = RefundForm(request.POST or None, initial={"amount": money.text(unapplied_minor, customer.currency)})
    form.fields["amount"].currency = customer.currency  # type: ignore[attr-defined]
    back = reverse("operator-refunds")
    return operator_form.sheet(
        request,
        form,
        lambda: operations.request_refund(viewer=request.viewer, request=_wish(customer_id, division_id, form), now=timezone.now()),
        lambda: (back, _("The refund waits for another person's approval.")),
        lambda: Sheet(
            title=_("Refund unapplied credit of %(name)s") % {"name": customer.name},
            says=_("There are %(amount)s %(currency)s. The money leaves when another person has approved it.")
            % {"amount": money.text(unapplied_minor, customer.currency), "currency": customer.currency},
            verb=_("Request the refund"),
            back=back,
            crumbs=(Crumb(_("Credit notes and refunds"), back),),
        ),
    )


def _refuse_closed(viewer: rules.Viewer, customer_id: int, division_id: int) -> None:
    """Let only an open division's credit be refunded or used. Raises NotFound, Conflict."""
    division = customers.division(viewer=viewer, division_id=division_id, customer_id=customer_id)
    if division.closed_at is not None:
        raise errors.Conflict(_("%(name)s is closed. Its unapplied credit went to the division above it.") % {"name": division.name})


def _wish(customer_id: int, division_id: int, form: RefundForm) -> RefundRequest:
    given = form.cleaned_data
    return RefundRequest(
        customer_id=customer_id,
        division_id=division_id,
        amount_minor=given["amount"],
        reason=given["reason"],
        account=given["account"],
        idempotency_key=str(form.key),
    )


@require_POST
@page.page(rules.Act.ENTER)
def use_credit(request: page.Seen, customer_id: int, division_id: int) -> HttpResponse:
    """Use a division's unapplied credit on its customer's open invoices, oldest due first."""
    _refuse_closed(request.viewer, customer_id, division_id)
    left_minor = funds.figures(viewer=request.viewer, division_id=division_id, customer_id=customer_id).unapplied_minor
    asks = []
    for invoice in invoices.open_invoices(viewer=request.viewer, customer_id=customer_id):
        part_minor = min(left_minor, invoice.open_minor)
        if part_minor:
            asks.append(Ask(invoice.id, part_minor))
        left_minor -= part_minor
    asked = PaymentRequest(invoices=asks, method=Method.UNAPPLIED_CREDIT, division_id=division_id, idempotency_key=str(uuid.uuid4()))
    payment = operations.use_unapplied_credit(viewer=request.viewer, customer_id=customer_id, request=asked, now=timezone.now())
    messages.success(request, _("The unapplied credit is used, oldest invoice first."))
    return redirect("operator-payment", payment_id=payment.id)


@require_POST
@page.page(rules.Act.APPROVE, recent=True)
def approve_refund(request: page.Seen, customer_id: int, refund_id: uuid.UUID) -> HttpResponse:
    """Start a refund that another person asked for."""
    operations.approve_refund(viewer=request.viewer, customer_id=customer_id, refund_id=refund_id, now=timezone.now())
    messages.success(request, _("Approved. A card's gateway gets it at once; a bank transfer is yours to send."))
    return redirect("operator-refunds")


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.APPROVE)
def decline_refund(request: page.Seen, customer_id: int, refund_id: uuid.UUID) -> HttpResponse:
    """Turn a refund down, with a word why."""
    _find(request, customer_id, refund_id)
    form = ReasonForm(request.POST or None)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.decline_refund(
            viewer=request.viewer, customer_id=customer_id, refund_id=refund_id, reason=form.cleaned_data["reason"], now=timezone.now()
        ),
        lambda: (reverse("operator-refunds"), _("Declined. Nothing is posted.")),
        lambda: _below_refunds(_("Decline the refund"), _("The unapplied credit stays where it is."), _("Decline")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def fail_refund(request: page.Seen, customer_id: int, refund_id: uuid.UUID) -> HttpResponse:
    """Note that a refund came back; the money is unapplied credit again."""
    _find(request, customer_id, refund_id)
    form = ReasonForm(request.POST or None)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.fail_refund(
            viewer=request.viewer, customer_id=customer_id, refund_id=refund_id, reason=form.cleaned_data["reason"], now=timezone.now()
        ),
        lambda: (reverse("operator-refunds"), _("Noted. The money is unapplied credit again.")),
        lambda: _below_refunds(_("The refund came back"), _("The money becomes unapplied credit again."), _("Note it")),
    )


def _find(request: page.Seen, customer_id: int, refund_id: uuid.UUID) -> None:
    """See that this customer has this refund, before anything is asked about it. Raises NotFound."""
    if all(row.id != refund_id for row in queries.refunds(viewer=request.viewer, customer_id=customer_id)):
        raise errors.NotFound(_("There is no such refund."))


def _below_refunds(title: str, says: str, verb: str) -> Sheet:
    back = reverse("operator-refunds")
    return Sheet(title=title, says=says, verb=verb, back=back, crumbs=(Crumb(_("Credit notes and refunds"), back),))


@require_POST
@page.page(rules.Act.ENTER)
def settle_refund(request: page.Seen, customer_id: int, refund_id: uuid.UUID) -> HttpResponse:
    """Note that a refund reached its receiver."""
    operations.settle_refund(viewer=request.viewer, customer_id=customer_id, refund_id=refund_id, now=timezone.now())
    messages.success(request, _("Noted: the refund has arrived."))
    return redirect("operator-refunds")
