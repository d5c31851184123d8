"""List the invoices of all customers, show one, and void it or write what is open off."""

import uuid
from collections.abc import Callable

from django import forms as django_forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.customers import rules
from tallystick.domain.events import queries as events
from tallystick.domain.invoicing import operations, queries
from tallystick.interfaces.web import forms, page
from tallystick.interfaces.web.pages import operator_form, operator_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import ids

_SHOWN = ("open", "overdue", "paid", "all")


class ReasonForm(forms.Form):
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
    """List invoices, newest first, by state and by what is looked for."""
    shown = operator_words.chosen(request, "show", _SHOWN)
    looked_for = operator_words.searched(request)
    words = {"open": _("Open"), "overdue": _("Overdue"), "paid": _("Paid"), "all": _("All")}
    return page.show(
        request,
        "operator/invoices.html",
        lambda: {
            "listed": queries.invoices(viewer=request.viewer, show=shown, search=looked_for, before=operator_words.before(request, "inv")),
            "choices": operator_words.choices("show", words, shown, {"q": looked_for}),
            "show": shown,
            "looked_for": looked_for,
            "today": timezone.localdate(),
        },
    )


@require_safe
@page.page(rules.Act.SEE_ALL)
def invoice(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Show one invoice: its figures, lines, payments, credit notes and history."""
    return page.show(request, "operator/invoice.html", lambda: _read(request, invoice_id))


def _read(request: page.Seen, invoice_id: uuid.UUID) -> dict[str, object]:
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    return {
        "invoice": found,
        "history": events.of_subject(customer_id=found.customer_id, subject_id=ids.public("inv", found.id)),
        "may_ask": rules.permits(request.viewer, rules.Act.ENTER),
        "may_decide": rules.permits(request.viewer, rules.Act.APPROVE),
        "today": timezone.localdate(),
    }


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
@page.page(rules.Act.APPROVE)
def write_off(request: page.Seen, invoice_id: uuid.UUID) -> HttpResponse:
    """Write off what will not be paid of an amount-owed or correction invoice."""
    found = queries.invoice(viewer=request.viewer, invoice_id=invoice_id)
    form = AmountForm(request.POST or None, currency=found.currency)
    return operator_form.sheet(
        request,
        form,
        lambda: operations.write_off(
            viewer=request.viewer, invoice_id=invoice_id, amount_minor=form.cleaned_data["amount"], reason=form.cleaned_data["reason"]
        ),
        _back(invoice_id, lambda: _("Written off on %(number)s.") % {"number": found.number}),
        lambda: _about(
            found,
            title=_("Write off on %(number)s") % {"number": found.number},
            says=_("A shortage within the tolerance, or a debt that nobody will pay."),
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


def _back(invoice_id: uuid.UUID, sentence: Callable[[], str]) -> Callable[[], tuple[str, str]]:
    return lambda: (reverse("operator-invoice", args=[invoice_id]), sentence())


def _about(found: queries.InvoiceView, *, title: str, says: str, verb: str, harm: bool = False) -> Sheet:
    """Describe a form page that lies below the invoice."""
    here = reverse("operator-invoice", args=[found.id])
    crumbs = (Crumb(_("Invoices"), reverse("operator-invoices")), Crumb(found.number, here))
    return Sheet(title=title, says=says, verb=verb, back=here, crumbs=crumbs, harm=harm)
