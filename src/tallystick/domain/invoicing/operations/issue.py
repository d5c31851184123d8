"""Issue invoices: reckon, post the debt, freeze the facts, and take the number last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import exact, figures, freeze, numbers
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import rows, scope
from tallystick.lib import errors, ids, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """Say what to invoice. `buyer` None is the customer as its master record names it; `is_deposit` marks one that is paid as it is issued."""

    customer_id: int
    division_id: int
    lines: tuple[rules.Line, ...]
    terms_days: int = 0
    purchase_order_id: UUID | None = None
    purchase_order_number: str = ""
    original_number: str = ""
    buyer: facts.Party | None = None
    recipients: tuple[str, ...] = ()
    payment_id: UUID | None = None
    is_deposit: bool = False


def issue_funding_invoice(*, viewer: Viewer, draft: InvoiceDraft, now: datetime, today: date | None = None) -> models.Invoice:
    """Issue the invoice of an approved order or of a settled deposit inside the caller's scope; paying it brings its net into the balance.

    `today` None is the day in the legal entity's zone. Raises SeriesMissing, Invalid.
    Source: money.md law 2.
    """
    return _issue(viewer, rules.Kind.FUNDING, draft, today, now)


def issue_amount_owed_invoice(*, viewer: Viewer, draft: InvoiceDraft, today: date, now: datetime) -> models.Invoice:
    """Issue what a fund owed at a cutoff: the debt leaves the balance and stands on the invoice. Raises SeriesMissing, Invalid."""
    return _issue(viewer, rules.Kind.AMOUNT_OWED, draft, today, now)


def issue_correction_invoice(*, viewer: Viewer, draft: InvoiceDraft, today: date, now: datetime) -> models.Invoice:
    """Issue what a bounced payment left uncovered, without tax: a debt that counts. `draft.payment_id` names the payment.

    Raises SeriesMissing, Invalid.
    """
    assert all(line.percent_millionths == 0 for line in draft.lines), "a correction carries no tax"
    return _issue(viewer, rules.Kind.CORRECTION, draft, today, now)


def _issue(viewer: Viewer, kind: rules.Kind, draft: InvoiceDraft, today: date | None, now: datetime) -> models.Invoice:
    assert scope.is_open(), "an invoice is issued inside its cause's transaction"
    totals = rules.calculate(draft.lines)
    if totals.gross_minor <= 0 or any(net < 0 for net in totals.line_nets):
        raise errors.Invalid(texts.marked("An invoice needs an amount above zero."), field="amount")
    place = freeze.ground(customer_id=draft.customer_id, division_id=draft.division_id)
    invoice = _unnumbered(kind, draft, totals, place)
    today = today or place.today(now)
    invoice.issue_date, invoice.due_date, invoice.issued_at = today, rules.due_date(today, draft.terms_days), now
    subject = figures.subject(invoice=invoice, payment_id=draft.payment_id)
    whole = rules.Split(tuple(rules.Part(one.net_minor, one.tax_minor) for one in totals.rates))
    funds.post(customer_id=draft.customer_id, entries=[entries.issued(subject, whole)])
    invoice.number = numbers.take(
        legal_entity_id=place.legal_entity_id,
        kind=rules.SeriesKind.INVOICE,
        year=today.year,
        customer_id=draft.customer_id,
        document_id=invoice.id,
    )
    invoice.frozen = dict(_frozen(invoice, draft, totals, place))
    rows.insert(invoice, *_lines(invoice, draft, totals), *_taxes(invoice, totals))
    figures.record(invoice=invoice, kind="invoice.issued", viewer=viewer, recipients=list(draft.recipients), is_deposit=draft.is_deposit)
    return invoice


def _unnumbered(kind: rules.Kind, draft: InvoiceDraft, totals: rules.Totals, place: freeze.Ground) -> models.Invoice:
    return models.Invoice(
        customer_id=draft.customer_id,
        id=ids.new(),
        division_id=draft.division_id,
        number=draft.purchase_order_number,
        kind=kind,
        state=rules.State.ISSUED,
        purchase_order_id=draft.purchase_order_id,
        purchase_order_number=draft.purchase_order_number,
        original_number=draft.original_number,
        currency=place.currency,
        net_minor=totals.net_minor,
        tax_minor=totals.tax_minor,
        gross_minor=totals.gross_minor,
        open_minor=totals.gross_minor,
    )


def _lines(invoice: models.Invoice, draft: InvoiceDraft, totals: rules.Totals) -> Iterator[models.InvoiceLine]:
    for position, line in enumerate(draft.lines):
        yield models.InvoiceLine(
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            net_minor=totals.line_nets[position],
            tax_minor=totals.line_taxes[position],
            percent=rules.percent(line.percent_millionths),
            order_reference=line.order_reference,
        )


def _taxes(invoice: models.Invoice, totals: rules.Totals) -> Iterator[models.InvoiceTax]:
    for position, rate in enumerate(totals.rates):
        yield models.InvoiceTax(
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            position=position,
            percent=rules.percent(rate.percent_millionths),
            net_minor=rate.net_minor,
            tax_minor=rate.tax_minor,
            open_net_minor=rate.net_minor,
            open_tax_minor=rate.tax_minor,
        )


def _frozen(invoice: models.Invoice, draft: InvoiceDraft, totals: rules.Totals, place: freeze.Ground) -> facts.Invoice:
    locale, currency = place.locale, invoice.currency
    to_pay_minor = 0 if draft.is_deposit else totals.gross_minor

    def shown(minor: int) -> str:
        return freeze.amount(minor, currency, locale)

    frozen: facts.Invoice = {
        "number": invoice.number,
        "issued_on": invoice.issue_date.isoformat(),
        "currency": currency,
        "brand": place.seller.name,
        "logo": place.logo_sha256,
        "seller": place.seller.party(),
        "buyer": draft.buyer or place.buyer.party(),
        "language": locale,
        "kind": invoice.kind,
        "division": place.division_name,
        "purchase_order_number": invoice.purchase_order_number,
        "original_number": invoice.original_number,
        "due_on": invoice.due_date.isoformat(),
        "terms_days": draft.terms_days,
        "lines": freeze.lines(draft.lines, totals, currency, locale),
        "net": shown(totals.net_minor),
        "taxes": freeze.taxes(totals.rates, currency, locale, zero=place.zero),
        "gross": shown(totals.gross_minor),
        "to_pay": shown(to_pay_minor),
        "to_pay_minor": to_pay_minor,
        "adds_to_funds": shown(totals.net_minor) if invoice.kind == rules.Kind.FUNDING else "",
        "reference": rules.creditor_reference(invoice.number) if currency == "EUR" else invoice.number,
    }
    paid_minor = totals.gross_minor - to_pay_minor
    frozen["exact"] = exact.of_invoice(draft.lines, totals, zero=place.zero, paid_minor=paid_minor)
    if place.bank:
        frozen["bank"] = place.bank
    if draft.is_deposit:
        frozen["paid"] = shown(totals.gross_minor)
    return frozen
