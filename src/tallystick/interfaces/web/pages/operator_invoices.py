"""List the invoices of all customers, show one, and void it or write what is open off."""

import uuid
from collections.abc import Callable

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.domain.mail import queries as mail
from tallystick.domain.payments import queries as payments
from tallystick.interfaces.web import forms, page, statuses
from tallystick.interfaces.web import invoices as invoices_in_words
from tallystick.interfaces.web.pages import operator_form, operator_reminder_words, operator_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import ids, money

_SHOWN = ("unpaid", "overdue", "disputed", "paid", "voided", "all")
_PAGE = 50


class ReasonForm(operator_form.Form):
    """Why something is done to an invoice."""

    reason = django_forms.CharField(label=gettext_lazy("Reason"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=500)


class AmountForm(ReasonForm):
    """How much of an invoice, and why."""

    amount = forms.AmountField(label=gettext_lazy("Amount, gross"))
    field_order = ("amount", "reason")

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        """Read the amount in the invoice's currency."""
        super().__init__(*args, **kwargs)
        amount = self.fields["amount"]
        amount.currency = currency  # type: ignore[attr-defined]
        amount.label = _("Amount, gross, %(currency)s") % {"currency": currency}


@require_safe
@page.page(rules.Act.SEE_ALL)
def invoices(request: page.Seen) -> HttpResponse:
    """List invoices, newest first, by status, by customer and by what is looked for."""
    return page.show(request, "operator/invoices.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    shown, looked_for = operator_words.chosen(request, "show", _SHOWN), operator_words.searched(request)
    customer_id, today = operator_words.customer(request), timezone.localdate()
    narrowed = queries.InvoiceFilter(
        customer_id=customer_id, status="" if shown == "all" else shown, q=looked_for, before=operator_words.before(request, "inv"), limit=_PAGE
    )
    rows = queries.invoices(viewer=request.viewer, today=today, narrowed=narrowed)
    words = {"unpaid": _("Open"), "overdue": _("Overdue"), "disputed": _("Disputed"), "paid": _("Paid"), "voided": _("Voided"), "all": _("All")}
    keep = {"q": looked_for, "customer": request.GET.get("customer", "") if customer_id else ""}
    return {
        "rows": [(row, statuses.invoice(row.state, row.due_date, today)) for row in rows],
        "currency": operator_words.one_currency(row.currency for row in rows),
        "older": operator_words.older(request, "inv", rows[-1].id if len(rows) == _PAGE else None),
        "choices": operator_words.choices("show", words, shown, keep),
        "show": shown,
        "looked_for": looked_for,
        "customer": customers.customer(viewer=request.viewer, customer_id=customer_id) if customer_id else None,
    }


@require_safe
@page.page(rules.Act.SEE_ALL)
def invoice(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Show one invoice: its figures, lines, payments, credit notes and history."""
    return page.show(request, "operator/invoice.html", lambda: _read(request.viewer, invoice_id))


def _read(viewer: rules.Viewer, invoice_id: uuid.UUID) -> dict[str, object]:
    found = queries.invoice(viewer=viewer, invoice_id=invoice_id)
    told = events.of_subject(customer_id=found.customer_id, subject_id=ids.public("inv", found.id))
    untouched = not (found.paid_minor or found.credited_minor or found.written_off_minor)
    return {
        "invoice": found,
        "origin": invoices_in_words.origin(found),
        "due": statuses.due(found.due_date, operator_form.today_of(found)) if found.open_minor else None,
        "payments": payments.of_invoice(viewer=viewer, invoice_id=invoice_id),
        "credit_notes": queries.credit_notes(viewer=viewer, invoice_id=invoice_id),
        "write_offs": queries.write_offs(viewer=viewer, invoice_id=invoice_id),
        "replaced": queries.replaced(viewer=viewer, customer_id=found.customer_id, sha256=found.document_sha256),
        "einvoices": queries.einvoices(viewer=viewer, subject_id=invoice_id),
        "reminding": operator_reminder_words.of_invoice(viewer, found.customer_id, invoice_id) if found.state != "voided" else None,
        "mails": mail.about(viewer=viewer, subject_id=ids.public("inv", found.id)),
        "history": operator_words.history(told),
        "dispute": next((one for one in reversed(told) if one.kind == "invoice.disputed"), None) if found.disputed else None,
        "may_ask": rules.permits(viewer, rules.Act.ENTER),
        "may_decide": rules.permits(viewer, rules.Act.APPROVE),
        "may_void": found.state == "issued" and untouched,
        "may_write_off": found.kind != "funding" and found.open_minor > 0,
    }


@require_safe
@page.page(rules.Act.SEE_ALL)
def document(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Give the invoice's PDF, as it was frozen."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    content = queries.document(viewer=request.viewer, customer_id=found.customer_id, sha256=found.document_sha256)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{found.number}.pdf") or "attachment"
    return answer


@require_safe
@page.page(rules.Act.SEE_ALL)
def electronic(request: page.Seen, invoice_id: uuid.UUID, syntax: str) -> HttpResponse:
    """Give the invoice as XML."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    content = queries.invoice_xml(viewer=request.viewer, invoice_id=invoice_id, syntax=syntax)
    disposition = content_disposition_header(as_attachment=True, filename=f"{found.number}-{syntax}.xml") or "attachment"
    return HttpResponse(content, content_type="application/xml", headers={"Content-Disposition": disposition})


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.APPROVE)
def void(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Void an invoice of which nothing is paid or credited; asked for on a page of its own, because it can not be undone."""
    form = ReasonForm(request.POST or None)
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.void_invoice(viewer=request.viewer, invoice_id=invoice_id, reason=form.cleaned_data["reason"]),
        _back(invoice_id, lambda: _("%(number)s is voided.") % {"number": found.number}),
        lambda: _about(
            found,
            title=_("Void %(number)s?") % {"number": found.number},
            says=_("The number stays used. Money that still arrives for it becomes unapplied credit."),
            verb=_("Void the invoice"),
            harm=True,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def write_off(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Write off what will not be paid of an amount-owed or correction invoice: alone within the tolerance, else with another's approval."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    form = AmountForm(request.POST or None, currency=found.currency)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.write_off(
            viewer=request.viewer,
            invoice_id=invoice_id,
            amount_minor=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
        _back(invoice_id, lambda: _written_off(request.viewer, found)),
        lambda: _about(
            found,
            title=_("Write off on %(number)s") % {"number": found.number},
            says=_tolerance(found.currency),
            verb=_("Write off"),
            harm=True,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def request_credit(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Ask for a credit note; another person approves it before anything is posted."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    form = AmountForm(request.POST or None, currency=found.currency)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.request_credit_note(
            viewer=request.viewer,
            invoice_id=invoice_id,
            amount_minor=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
        _back(invoice_id, lambda: _("The credit note waits for another person's approval.")),
        lambda: _about(
            found,
            title=_("Credit note on %(number)s") % {"number": found.number},
            says=_("It goes first against what is open, the rest against what was paid, which becomes unapplied credit."),
            verb=_("Request the credit note"),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def dispute(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Mark an invoice as disputed, which stops its reminders, or take the mark off."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = not found.disputed
    return operator_form.sheet(
        request,
        form,
        lambda: operations.mark_disputed(viewer=request.viewer, invoice_id=invoice_id, reason=form.cleaned_data["reason"]),
        _back(invoice_id, lambda: _("The mark on %(number)s is changed.") % {"number": found.number}),
        lambda: _about(
            found,
            title=_("Dispute about %(number)s") % {"number": found.number},
            says=_("A disputed invoice gets no reminders. Leave the reason empty to take the mark off."),
            verb=_("Save"),
        ),
    )


def _tolerance(currency: str) -> str:
    tolerance_minor = customers.write_off_tolerance(currency=currency)
    return _(
        "An approver writes off up to %(amount)s %(currency)s of an invoice alone. More is a bad debt: another person approves it before it is posted."
    ) % {"amount": money.text(tolerance_minor, currency), "currency": currency}


def _written_off(viewer: rules.Viewer, found: queries.InvoiceView) -> str:
    if queries.write_offs(viewer=viewer, invoice_id=found.id, state="requested"):
        return _("The write-off waits for another person's approval.")
    return _("Written off on %(number)s.") % {"number": found.number}


def _back(invoice_id: uuid.UUID, sentence: Callable[[], str]) -> Callable[[], tuple[str, str]]:
    return lambda: (reverse("operator-invoice", args=[invoice_id]), sentence())


def _about(found: queries.InvoiceView, *, title: str, says: str, verb: str, harm: bool = False) -> Sheet:
    """Describe a form page that lies below the invoice."""
    here = reverse("operator-invoice", args=[found.id])
    crumbs = (Crumb(_("Invoices"), reverse("operator-invoices")), Crumb(found.number, here))
    return Sheet(title=title, says=says, verb=verb, back=here, crumbs=crumbs, harm=harm)
