"""List what was mailed to whom and how it stands, show one mail with its tries and as it looks, and help those along that came back."""

import uuid
from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.mail import operations, queries
from tallystick.domain.mail import rules as mailing
from tallystick.interfaces.web import page, words
from tallystick.interfaces.web.pages import operator_form, operator_words
from tallystick.interfaces.web.pages.operator_form import Crumb, Sheet
from tallystick.lib import errors, ids

_SHOWN = ("all", "trouble", "queued", "accepted", "delivered", "bounced", "failed")
FRAME = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "sandbox": ["allow-popups"]}
"""A mail has its looks in it and fetches nothing; in the frame it has no origin, no scripts and no forms."""
KINDS: dict[str, str | Promise] = {
    mailing.Kind.INVOICE_ISSUED: gettext_lazy("Invoice issued"),
    mailing.Kind.ORDER_RECEIVED: gettext_lazy("Purchase order received"),
    mailing.Kind.ORDER_REJECTED: gettext_lazy("Purchase order rejected"),
    mailing.Kind.PAYMENT_RECEIVED: gettext_lazy("Payment received"),
    mailing.Kind.BALANCE_LOW: gettext_lazy("Low balance"),
    mailing.Kind.CREDIT_LIMIT_REACHED: gettext_lazy("Credit limit reached"),
    mailing.Kind.REMINDER: gettext_lazy("Reminder"),
}
_SOURCES: dict[str, str | Promise] = {
    mailing.Source.SERVER: gettext_lazy("Handed to the mail server"),
    mailing.Source.REPORT: gettext_lazy("Report from the recipient's side"),
    mailing.Source.PROVIDER: gettext_lazy("Said by the provider"),
}
_ROUTES = {"inv": "operator-invoice", "po": "review", "pay": "operator-payment"}


class AddressForm(operator_form.Form):
    """Where to send a mail instead."""

    address = django_forms.EmailField(label=gettext_lazy("E-mail address"))


@require_safe
@page.page(rules.Act.SEE_ALL)
def mails(request: page.Seen) -> HttpResponse:
    """List mails, newest first."""
    return page.show(request, "operator/mails.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    shown, looked_for = operator_words.chosen(request, "show", _SHOWN), operator_words.searched(request)
    customer_id = operator_words.customer(request)
    before = operator_words.before(request, "em")
    rows = queries.mails(viewer=request.viewer, show=shown, search=looked_for, before=before, customer_id=customer_id)
    counts = queries.counts(viewer=request.viewer)
    named = {"all": _("All"), "trouble": _("To look after %(n)d") % {"n": counts["trouble"]}, "queued": _("Waiting %(n)d") % {"n": counts["queued"]}}
    named |= {"accepted": _("Sent"), "delivered": _("Delivered"), "bounced": _("Came back"), "failed": _("Could not be sent")}
    return {
        "rows": [(row, KINDS[row.kind]) for row in rows],
        "older": operator_words.older(request, "em", rows[-1].id if len(rows) == queries.PAGE else None),
        "choices": operator_words.choices(
            "show", named, shown, {"q": looked_for, "customer": request.GET.get("customer", "") if customer_id else ""}
        ),
        "show": shown,
        "looked_for": looked_for,
        "customer": customers.customer(viewer=request.viewer, customer_id=customer_id) if customer_id else None,
    }


@require_safe
@page.page(rules.Act.SEE_ALL)
def mail(request: page.Seen, mail_id: uuid.UUID) -> HttpResponse:
    """Show one mail: to whom and why, each try with the server's answer, and how it looks."""
    return page.show(request, "operator/mail.html", lambda: _read(request.viewer, mail_id))


def _read(viewer: rules.Viewer, mail_id: uuid.UUID) -> dict[str, object]:
    found = queries.mail(viewer=viewer, mail_id=mail_id)
    state = mailing.State(found.state)
    may = rules.permits(viewer, rules.Act.ENTER)
    return {
        "mail": found,
        "kind": KINDS[found.kind],
        "tries": [(one, _SOURCES[one.source]) for one in found.tries],
        "about": [(one, _address(one)) for one in found.subject_ids if _address(one)],
        "may_retry": may and mailing.State.QUEUED in mailing.TRANSITIONS[state],
        "may_resend": may and found.is_written,
        "may_deal": may and state in mailing.TROUBLE and found.dealt_at is None,
    }


def _address(subject_id: str) -> str:
    prefix = subject_id.partition("_")[0]
    return reverse(_ROUTES[prefix], args=[ids.parse(prefix, subject_id)]) if prefix in _ROUTES else ""


@csp_override(FRAME)
@require_safe
@page.page(rules.Act.SEE_ALL)
def body(request: page.Seen, mail_id: uuid.UUID) -> HttpResponse:
    """Give the mail's HTML for the frame that shows it."""
    return HttpResponse(queries.mail(viewer=request.viewer, mail_id=mail_id).html)


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def resend(request: page.Seen, mail_id: uuid.UUID) -> HttpResponse:
    """Send what a mail told to another address; asked for on a page of its own, for it may leave the customer's house."""
    found = queries.mail(viewer=request.viewer, mail_id=mail_id)
    form = AddressForm(request.POST or None)
    here = reverse("operator-mail", args=[mail_id])
    made: list[uuid.UUID] = []

    def perform() -> None:
        made[:] = [operations.resend_mail(viewer=request.viewer, mail_id=mail_id, address=form.cleaned_data["address"], now=timezone.now())]

    return operator_form.sheet(
        request,
        form,
        perform,
        lambda: (reverse("operator-mail", args=[made[0]]), _("The mail goes to the other address now.")),
        lambda: Sheet(
            title=_("Send to another address"),
            says=_("The same words and documents go to an address of your choice, once. The customer's settings stay as they are."),
            verb=_("Send"),
            back=here,
            crumbs=(Crumb(_("E-mails"), reverse("operator-mails")), Crumb(found.subject or found.address, here)),
            notice=_("Make sure that this address belongs to %(customer)s: the mail shows what they owe.") % {"customer": found.customer_name},
        ),
    )


@require_POST
@page.page(rules.Act.ENTER)
def retry(request: page.Seen, mail_id: uuid.UUID) -> HttpResponse:
    """Send a mail that came back or failed to the same address again."""
    return _steered(request, mail_id, operations.retry_mail, _("The mail is tried again."))


@require_POST
@page.page(rules.Act.ENTER)
def deal(request: page.Seen, mail_id: uuid.UUID) -> HttpResponse:
    """Take a mail that came back out of the work queue."""
    return _steered(request, mail_id, operations.deal_with_mail, _("It stands in the work queue no more."))


def _steered(request: page.Seen, mail_id: uuid.UUID, act: Callable[..., None], sentence: str) -> HttpResponse:
    try:
        act(viewer=request.viewer, mail_id=mail_id, now=timezone.now())
    except errors.Conflict as refusal:
        messages.error(request, words.said(refusal.sentence))
    else:
        messages.success(request, sentence)
    return redirect("operator-mail", mail_id=mail_id)
