"""List the purchase orders of all customers, and enter one that came by mail or post."""

import dataclasses
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.purchasing import operations, queries
from tallystick.domain.purchasing.rules import Channel, LineDraft, OrderDraft
from tallystick.integrations import storage
from tallystick.interfaces.web import ordering, page, places
from tallystick.interfaces.web.pages import operator_words
from tallystick.lib import errors

_SHOWN = ("all", "pending", "approved", "rejected", "withdrawn")
_PAGE = 50
_CHANNELS = [(Channel.MAIL.value, gettext_lazy("By mail")), (Channel.POST.value, gettext_lazy("By post"))]


class EnteredForm(ordering.OrderForm):
    """An order as the operator enters it, with the channel by which it came."""

    channel = django_forms.ChoiceField(label=gettext_lazy("How it came"), choices=_CHANNELS)

    def draft(self) -> OrderDraft:
        """Give what was typed, unread, with its channel."""
        return dataclasses.replace(super().draft(), channel=self.data.get("channel") or Channel.MAIL)


@require_safe
@page.page(rules.Act.SEE_ALL)
def orders(request: page.Seen) -> HttpResponse:
    """List orders, newest first, by state, by customer and by what is looked for."""
    return page.show(request, "operator/orders.html", lambda: _list(request))


def _list(request: page.Seen) -> dict[str, object]:
    shown, looked_for = operator_words.chosen(request, "show", _SHOWN), operator_words.searched(request)
    customer_id = operator_words.customer(request)
    narrowed = queries.OrderFilter(
        customer_id=customer_id, states=() if shown == "all" else (shown,), q=looked_for, before=operator_words.before(request, "po"), limit=_PAGE
    )
    rows = queries.purchase_orders(viewer=request.viewer, narrowed=narrowed)
    words = {"all": _("All"), "pending": _("Pending"), "approved": _("Approved"), "rejected": _("Rejected"), "withdrawn": _("Withdrawn")}
    keep = {"q": looked_for, "customer": request.GET.get("customer", "") if customer_id else ""}
    return {
        "rows": rows,
        "currency": operator_words.one_currency(row.currency for row in rows),
        "older": operator_words.older(request, "po", rows[-1].id if len(rows) == _PAGE else None),
        "choices": operator_words.choices("show", words, shown, keep),
        "show": shown,
        "looked_for": looked_for,
        "customer": customers.customer(viewer=request.viewer, customer_id=customer_id) if customer_id else None,
        "may_enter": rules.permits(request.viewer, rules.Act.ENTER),
    }


@require_safe
@page.page(rules.Act.ENTER)
def choose_customer(request: page.Seen) -> HttpResponse:
    """Ask for whom an order is entered."""
    looked_for = operator_words.searched(request)
    return page.show(
        request,
        "operator/choose_customer.html",
        lambda: {
            "title": _("Enter a purchase order"),
            "says": _("Whose order came by mail or post?"),
            "route": "operator-order-enter",
            "looked_for": looked_for,
            "rows": customers.customers(viewer=request.viewer, text=looked_for),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page.page(rules.Act.ENTER)
def enter(request: page.Seen, customer_id: int) -> HttpResponse:
    """Enter an order for a customer; who entered it may not approve it."""
    with page.reading(request):
        where = _where(request.viewer, customer_id)
    form = _form(request, where)
    if request.method == "POST" and "add" in request.POST:
        form.lines.append(ordering.TypedLine(len(form.lines) + 1, LineDraft(), {}))
        form.errors.clear()
    elif request.method == "POST":
        try:
            made = operations.enter_purchase_order(
                viewer=request.viewer,
                customer_id=customer_id,
                order=form.draft(),
                document=_document(request),
                form_key=str(form.data.get("form_key", "")),
                now=timezone.now(),
            )
        except errors.Refusal as refusal:
            form.errors.clear()
            form.refuse(refusal)
        else:
            messages.success(request, _("%(number)s is entered. Another person decides on it.") % {"number": made.number})
            return redirect("review", purchase_order_id=made.id)
    return page.show(request, "operator/order_enter.html", lambda: _shown(where, form))


def _where(viewer: rules.Viewer, customer_id: int) -> places.Places:
    """Name the customer's open divisions, the top-level one first."""
    customer = customers.customer(viewer=viewer, customer_id=customer_id)
    rows = customers.divisions(viewer=viewer, customer_id=customer_id)
    found = [places.Place(row.id, row.name, row.parent_id is None) for row in rows if row.closed_at is None]
    return places.Places(customer, found, found[0])


def _form(request: page.Seen, where: places.Places) -> EnteredForm:
    if request.method == "POST":
        return EnteredForm(request.POST, request.FILES, where=where, lines=ordering.typed_lines(request.POST))
    customer = where.customer
    first = {
        "division": str(where.here.id),
        "terms_days": str(customer.terms_days),
        "bill_to_name": customer.name,
        "bill_to_country": customer.country,
        "contact_name": customer.billing_name,
        "contact_mail": customer.billing_email,
        "vat_number": customer.vat_number,
    }
    return EnteredForm(initial=first, where=where, lines=[])


def _document(request: page.Seen) -> storage.Accepted | None:
    sent = request.FILES.get("document")
    return storage.accept(name=sent.name or "document", content=sent) if sent else None


def _shown(where: places.Places, form: EnteredForm) -> dict[str, Any]:
    return {
        "where": where,
        "customer": where.customer,
        "currency": where.currency,
        "form": form,
        "lines": form.lines,
        "complaints": list(form.complaints()) if form.is_bound else [],
    }
