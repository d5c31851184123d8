"""Create a purchase order, or correct a rejected one: the form, its requirements that tick themselves, and what happens next."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import queries, rules
from tallystick.domain.purchasing.queries import listing
from tallystick.domain.purchasing.rules import LineDraft
from tallystick.integrations.storage import files
from tallystick.interfaces.web import amounts, forms, ordering, page, places
from tallystick.lib import errors, ids


@page.page(Act.WRITE_ORDERS)
def create(request: page.Seen) -> HttpResponse:
    """Show the empty form, or take a sent one in."""
    with page.reading(request):
        where = _where(request)
    form = _form(request, where)
    if request.method == "POST" and _edit_lines(request, form):
        return page.show(request, "web/order_create.html", lambda: _shown(request, where, form), status=200)
    if request.method == "POST":
        try:
            made = purchasing.submit_purchase_order(
                viewer=request.viewer,
                order=form.draft(),
                document=_document(request),
                form_key=str(form.data.get("form_key", "")),
                now=timezone.now(),
            )
        except errors.Refusal as refusal:
            _refuse(form, refusal)
        else:
            return redirect("order", purchase_order_id=made.id)
    return page.show(request, "web/order_create.html", lambda: _shown(request, where, form), status=422 if form.is_bound else 200)


@page.page(Act.WRITE_ORDERS)
def correct(request: page.Seen, purchase_order_id: UUID) -> HttpResponse:
    """Show a rejected order filled in, and take its corrected revision in; the old one is kept."""
    with page.reading(request):
        order = queries.purchase_order(viewer=request.viewer, purchase_order_id=purchase_order_id)
        where = places.near(request.viewer, order.division_id)
    form = _form(request, where) if request.method == "POST" else _filled(where, order)
    if request.method == "POST" and _edit_lines(request, form):
        return page.show(request, "web/order_create.html", lambda: _shown(request, where, form, order), status=200)
    if request.method == "POST":
        try:
            purchasing.resubmit_purchase_order(
                viewer=request.viewer, purchase_order_id=purchase_order_id, order=form.draft(), document=_document(request), now=timezone.now()
            )
        except errors.Refusal as refusal:
            _refuse(form, refusal)
        else:
            return redirect("order", purchase_order_id=purchase_order_id)
    return page.show(request, "web/order_create.html", lambda: _shown(request, where, form, order), status=422 if form.is_bound else 200)


@require_POST
@page.page(Act.WRITE_ORDERS)
def outcome(request: page.Seen) -> HttpResponse:
    """Answer totals and requirements for what is typed now; changes nothing."""
    with page.reading(request):
        where = _where(request)
    form = ordering.OrderForm(request.POST, where=where, lines=ordering.typed_lines(request.POST))
    return page.show(request, "web/order_outcome.html", lambda: _shown(request, where, form), status=200)


def _where(request: page.Seen) -> places.Places:
    asked = request.GET.get("division", "")
    return places.of(request.viewer, ids.parse_integer("div", asked) if asked else None)


def _form(request: page.Seen, where: places.Places) -> ordering.OrderForm:
    if request.method == "POST":
        return ordering.OrderForm(request.POST, request.FILES, where=where, lines=ordering.typed_lines(request.POST))
    customer = where.customer
    street, _, city = customer.address.partition("\n")
    initial = {
        "division": str(where.here.id),
        "terms_days": "30",
        "bill_to_name": customer.name,
        "bill_to_street": street.strip(),
        "bill_to_city": " ".join(city.split()),
        "bill_to_country": customer.country,
        "contact_name": customer.billing_name,
        "contact_mail": customer.billing_email,
        "vat_number": customer.vat_number,
    }
    return ordering.OrderForm(initial=initial, where=where, lines=[])


def _filled(where: places.Places, order: queries.OrderView) -> ordering.OrderForm:
    initial = {name: getattr(order, name) for name in ordering.OrderForm.base_fields if hasattr(order, name)}
    initial |= {"division": str(order.division_id), "terms_days": str(order.terms_days), "recipients": ", ".join(order.recipients), "signed": False}
    drafts = {
        line.position + 1: LineDraft(
            description=line.description,
            quantity=amounts.number(f"{line.quantity.normalize():f}"),
            unit_price=amounts.typed(line.unit_price_minor, order.currency, grouped=False),
            order_reference=line.order_reference,
        )
        for line in order.lines
    }
    return ordering.OrderForm(initial=initial, where=where, lines=ordering.lines_of(drafts))


def _edit_lines(request: page.Seen, form: ordering.OrderForm) -> bool:
    """Add or take away a line without script; tell whether one of these buttons was pressed."""
    if "add" in request.POST:
        form.lines.append(ordering.TypedLine(len(form.lines) + 1, LineDraft(), {}))
        return True
    gone = request.POST.get("remove", "")
    if gone.isdecimal():
        kept = [line for line in form.lines if line.place != int(gone)]
        form.lines = [ordering.TypedLine(at, line.draft, {}) for at, line in enumerate(kept, 1)] or [ordering.TypedLine(1, LineDraft(), {})]
        return True
    return False


def _document(request: page.Seen) -> files.Accepted | None:
    sent = request.FILES.get("document")
    return files.accept(sent.name or "document", sent) if sent else None


def _refuse(form: ordering.OrderForm, refusal: errors.Refusal) -> None:
    form.errors.clear()
    form.refuse(refusal)


def _shown(request: page.Seen, where: places.Places, form: ordering.OrderForm, order: queries.OrderView | None = None) -> dict[str, Any]:
    entity = customers.legal_entity(legal_entity_id=where.customer.legal_entity_id)
    totals, wrong = None, dict[str, str]()
    typed = form.draft() if form.is_bound else None
    if typed is not None:
        try:
            totals = queries.reckoned(viewer=request.viewer, order=typed).totals
        except errors.InvalidFields as refusal:
            wrong = refusal.fields
        except errors.Refusal as refusal:
            wrong = {refusal.field or "number": refusal.sentence}
    return {
        "where": where,
        "currency": where.currency,
        "form": form,
        "bound": form.is_bound,
        "lines": [(line, _line_total(line, where.currency)) for line in form.lines],
        "lines_minor": sum(_line_total(line, where.currency) or 0 for line in form.lines),
        "totals": totals,
        "needs": _needs(form, wrong) | ({"number": False} if _is_taken(request, form, order) else {}),
        "vendor": entity.name,
        "order": order,
        "complaints": list(form.complaints()) if form.is_bound else [],
        "outcome_address": reverse("order-outcome"),
    }


def _is_taken(request: page.Seen, form: ordering.OrderForm, order: queries.OrderView | None) -> bool:
    number = str(form["number"].value() or "").strip()
    return listing.is_number_taken(viewer=request.viewer, number=number, but=order.id if order else None)


def _line_total(line: ordering.TypedLine, currency: str) -> int | None:
    """Multiply a line as far as it can be read; None where it can not."""
    try:
        price_minor = forms.minor_of(line.draft.unit_price, currency)
    except errors.Invalid:
        return None
    quantity = amounts.plain_number(line.draft.quantity)
    return int(quantity) * price_minor if quantity.isdecimal() and len(quantity) < 10 else None  # noqa: PLR2004 - nine digits, as the domain reads them


def _needs(form: ordering.OrderForm, wrong: dict[str, str]) -> dict[str, bool]:
    """Tell which requirements what is typed meets."""
    if not form.is_bound:
        return {
            "terms": True,
            "currency": True,
            "vendor": True,
            "address": bool(form["bill_to_street"].value() and form["bill_to_country"].value()),
            "contact": bool(form["contact_name"].value()),
        }
    address = {"bill_to_name", "bill_to_street", "bill_to_city", "bill_to_country"}
    return {
        "number": "number" not in wrong and bool(rules.number_key(form.data.get("number", ""))),
        "lines": "amount" not in wrong and not any(name.startswith("lines") for name in wrong),
        "currency": True,
        "vendor": True,
        "terms": "terms_days" not in wrong,
        "address": not address & wrong.keys(),
        "contact": not {"contact_name", "contact_mail"} & wrong.keys(),
        "signed": "signed" not in wrong,
    }
