"""Approve a purchase order, which issues its invoice in the same transaction, or reject it with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, overload
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import models as invoices
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as calculator
from tallystick.domain.purchasing import models, refusals, rules
from tallystick.domain.purchasing.operations import locking
from tallystick.domain.purchasing.queries import ground
from tallystick.integrations.pdf import facts
from tallystick.integrations.postgres import rows, scope
from tallystick.lib import errors, ids, texts

_LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Say what approving would do, and write nothing: the invoice's number, days and sums, who is mailed, the figures before and after."""

    number: str
    issue_date: date
    due_date: date
    currency: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    mailed_to: tuple[str, ...]
    before: Figures
    after: Figures
    after_payment: Figures


@overload
def approve_purchase_order(
    *, viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime, dry_run: Literal[False] = False
) -> invoices.Invoice: ...
@overload
def approve_purchase_order(*, viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime, dry_run: Literal[True]) -> Approval: ...
def approve_purchase_order(
    *, viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime, dry_run: bool = False
) -> invoices.Invoice | Approval:
    """Approve the revision that was looked at and issue its invoice; with `dry_run` say what would happen and write nothing.

    Raises NotAllowed, SamePerson, OrderNotFound, OrderDecided, StaleOrder, SeriesMissing.
    Source: product.md, life cycles; money.md law 2.
    """
    permit(viewer, Act.APPROVE)
    verb = _preview if dry_run else _approve
    return verb(viewer, purchase_order_id, expected_revision, now)


@scope.retrying
def _approve(viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime) -> invoices.Invoice:
    with scope.of(viewer):
        order = locking.lock(viewer=viewer, purchase_order_id=purchase_order_id)
        require_approvable(viewer, order, expected_revision)
        draft = invoicing.InvoiceDraft(
            customer_id=order.customer_id,
            division_id=order.division_id,
            lines=_lines(order),
            terms_days=order.terms_days,
            purchase_order_id=order.id,
            purchase_order_number=order.number,
            buyer=_buyer(order),
            recipients=_mailed_to(order),
        )
        invoice = invoicing.issue_funding_invoice(viewer=viewer, draft=draft, now=now)
        locking.decide(order=order, target=rules.State.APPROVED, viewer=viewer, now=now, invoice_id=invoice.id)
        locking.record(
            order=order, kind="purchase_order.approved", viewer=viewer, invoice_id=ids.public("inv", invoice.id), invoice_number=invoice.number
        )
    return invoice


def _preview(viewer: Viewer, purchase_order_id: UUID, expected_revision: int, now: datetime) -> Approval:
    with scope.of(viewer):
        order = models.PurchaseOrder.objects.filter(id=purchase_order_id).first()
        if order is None:
            raise refusals.OrderNotFound(texts.marked("There is no such purchase order."))
        require_approvable(viewer, order, expected_revision)
        place = ground.load(viewer=viewer, customer_id=order.customer_id)
        today = place.today(now)
        number = invoicing.preview(legal_entity_id=place.legal_entity_id, kind=calculator.SeriesKind.INVOICE, year=today.year)
        before = funds.figures(viewer=viewer, division_id=order.division_id, customer_id=order.customer_id)
    after = before.after(unpaid_funding_minor=order.gross_minor)
    return Approval(
        number=number,
        issue_date=today,
        due_date=calculator.due_date(today, order.terms_days),
        currency=order.currency,
        net_minor=order.net_minor,
        tax_minor=order.tax_minor,
        gross_minor=order.gross_minor,
        mailed_to=_mailed_to(order),
        before=before,
        after=after,
        after_payment=after.after(balance_minor=order.net_minor, unpaid_funding_minor=-order.gross_minor),
    )


@scope.retrying
def reject_purchase_order(
    *, viewer: Viewer, purchase_order_id: UUID, expected_revision: int, reasons: Sequence[str], now: datetime, text: str = ""
) -> models.PurchaseOrder:
    """Reject the revision that was looked at, for documented reasons and in words; its number is free again.

    Raises NotAllowed, OrderNotFound, OrderDecided, StaleOrder, ApprovalScheduled, ReasonMissing, Invalid.
    """
    permit(viewer, Act.ENTER)
    known = rules.reasons(reasons)
    if not known or len(known) != len(set(reasons)):
        raise refusals.ReasonMissing(texts.marked("Tick at least one of the reasons."), field="reasons")
    if len(text) > _LONGEST_TEXT or not rules.is_clean(text, several_lines=True):
        raise errors.Invalid(texts.marked("Write at most %(most)s letters.", most=_LONGEST_TEXT), field="text")
    with scope.of(viewer):
        order = locking.lock(viewer=viewer, purchase_order_id=purchase_order_id)
        locking.require(order, rules.State.REJECTED, expected_revision)
        locking.require_unscheduled(order)
        locking.decide(order=order, target=rules.State.REJECTED, viewer=viewer, now=now, reasons=tuple(known), text=text.strip())
        locking.record(order=order, kind="purchase_order.rejected", viewer=viewer, reasons=list(known), text=text.strip())
    return order


def require_approvable(viewer: Viewer, order: models.PurchaseOrder, expected_revision: int) -> None:
    """Let a pending order pass in the revision that was looked at, which another person entered. Raises OrderDecided, StaleOrder, SamePerson."""
    locking.require(order, rules.State.APPROVED, expected_revision)
    invoicing.require_another(viewer=viewer, person_id=order.entered_by_id)


def _lines(order: models.PurchaseOrder) -> tuple[calculator.Line, ...]:
    """Invoice at the rate that was shown when the order was sent."""
    rate = calculator.millionths(order.percent)
    named = "where customer_id = %s and purchase_order_id = %s order by position"
    return tuple(
        calculator.Line(
            description=row.description,
            quantity=row.quantity,
            unit_price_minor=row.unit_price_minor,
            percent_millionths=rate,
            order_reference=row.order_reference,
        )
        for row in rows.read(models.PurchaseOrderLine, named, order.customer_id, order.id)
    )


def _buyer(order: models.PurchaseOrder) -> facts.Party:
    lines = [line for line in (*order.bill_to_street.splitlines(), order.bill_to_city) if line]
    return {
        "name": order.bill_to_name,
        "lines": lines,
        "country": order.bill_to_country,
        "contact": order.contact_name,
        "tax_number": order.vat_number,
    }


def _mailed_to(order: models.PurchaseOrder) -> tuple[str, ...]:
    return tuple(dict.fromkeys([order.contact_mail, *order.recipients]))
