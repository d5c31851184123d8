"""Payments: start one as the customer, by card, transfer, unapplied credit or balance; list and open them."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import ConfigDict, Field

from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations, queries
from tallystick.domain.payments.rules import Ask, Method, PaymentRequest
from tallystick.integrations.postgres import scope
from tallystick.interfaces import gateway
from tallystick.interfaces.api.framework import bodies, callers, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act as Deed
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, money
from tallystick.interfaces.api.resources import deposits, rehearsed
from tallystick.lib import errors, ids

payments = resource.Resource("payments", tag="Payments", prefix="/payments")
RESOURCES = (payments,)
_PREFIX = "pay"
_MOST_INVOICES = 200
_FIELDS = {"division": "division_id", "amount": "invoices"}
_INVOICES: list[Any] = [{"invoice_id": "inv_00000000000000000000000000", "amount": {"amount": "50.00", "currency": "USD"}}]


class PartAsked(Body):
    """Pay one invoice."""

    invoice_id: Line
    amount: MoneyAsked = Field(description="At most what is open of it.")


class PaymentAsked(Body):
    """Start a payment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"invoices": _INVOICES, "method": "bank_transfer"}]})

    invoices: list[PartAsked] = Field(min_length=1, max_length=_MOST_INVOICES, examples=[_INVOICES])
    method: Literal["card", "bank_transfer", "unapplied_credit", "balance"] = Field(
        description="By card a person pays at redirect_url; a transfer is made with the reference; the others pay at once.",
        examples=["bank_transfer"],
    )
    division_id: Line | None = Field(None, description="Whose unapplied credit pays, or who gets what is sent too much.")
    return_url: str = Field("", max_length=500, pattern="^(https?://[!-~]+)?$", description="By card: where the person is led after paying.")


class PaymentsAsked(shapes.Paged):
    """Narrow a list of payments."""

    status: Literal["started", "settled", "failed", "reversed"] | None = None
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class Payment(Shape):
    """Show a payment."""

    id: str
    customer_id: str
    division_id: str | None
    method: str
    state: str
    reference: str = Field(description="To be written on a transfer.")
    amount: Money
    settled: Money
    reversed: Money
    started_at: Instant
    settled_at: Instant | None
    failure: str | None


class PaidPart(Shape):
    """Show what goes to one invoice; before the payment has arrived, what it is for."""

    invoice_id: str
    invoice_number: str
    amount: Money
    reversed: Money


class PaymentInFull(Payment):
    """Show a payment with the invoices that the key sees of it."""

    redirect_url: str | None = Field(description="By card: the gateway's page, to which the person is led.")
    invoices: list[PaidPart]


class PaymentPreview(PaymentInFull, rehearsed.Rehearsed):
    """Show what a payment would be and do."""


@payments.reading("", answers=shapes.Listed[Payment])
def list_payments(request: HttpRequest, asked: Query[PaymentsAsked]) -> Told:
    """List payments, newest first."""
    at = paging.cursor(asked, _PREFIX)
    found = queries.payments(
        viewer=callers.of(request).viewer,
        show=asked.status or "all",
        before=at.older_than,
        newer_than=at.newer_than,
        customer_id=callers.customer_id(request, asked.customer),
        limit=at.limit,
    )
    return paging.told(request, found, at, prefix=_PREFIX, shape=shapes.Listed[Payment], show=_show)


@payments.reading("/{payment_id}", answers=PaymentInFull)
def get_payment(request: HttpRequest, payment_id: str) -> Told:
    """Open a payment."""
    found = queries.payment(viewer=callers.of(request).viewer, payment_id=ids.parse(_PREFIX, payment_id))
    return Told(content=show_in_full(found))


@payments.writing("", answers=PaymentInFull, status=201, key=resource.Need.REQUIRED, keep_forever=True, in_steps=True, previews=PaymentPreview)
def start_payment(request: HttpRequest, asked: PaymentAsked, dry_run: bool = False) -> Deed:  # noqa: FBT001, FBT002 - a parameter of the address
    """Start paying invoices, whole or in part: by card, by a transfer that is announced with it, or at once from unapplied credit or the balance.

    dry_run=true says what would happen; no gateway is called.
    """
    caller = callers.of(request)
    viewer = caller.viewer
    rules.permit(viewer, Act.PAY)
    key = deposits.domain_key("payment", viewer, request.headers["Idempotency-Key"])
    if asked.method == "card" and not asked.return_url:
        raise errors.Invalid("Say where the person is led after paying.", field="return_url")
    concerns: set[int] = set()

    def act() -> Told:
        wish = PaymentRequest(
            invoices=[_ask(viewer, part, place, caller.currency, concerns) for place, part in enumerate(asked.invoices)],
            method=Method(asked.method),
            idempotency_key=key,
            division_id=_division(request, asked.division_id),
            return_url=asked.return_url,
        )
        with bodies.pointing(_FIELDS):
            cards = gateway.wanted_for(asked.method)
            made = operations.start_payment(viewer=viewer, request=wish, now=datetime.now(UTC), gateway=cards, is_rehearsal=dry_run)
        if dry_run:
            scope.write_gathered()
        shown = show_in_full(queries.payment(viewer=viewer, payment_id=made.payment_id))
        return Told(content=shown, headers={"Location": f"/api/v1/payments/{shown.id}"})

    if dry_run and viewer.customer_id is not None:
        return rehearsed.rehearsal(viewer, act, shape=PaymentPreview, customer_id=viewer.customer_id, concerns=concerns)
    return act


def _ask(viewer: Viewer, part: PartAsked, place: int, currency: str, concerns: set[int]) -> Ask:
    """Read what is asked of one invoice; its division is put among those that the payment concerns."""
    try:
        found = invoicing.invoice(viewer=viewer, invoice_id=ids.parse("inv", part.invoice_id))
        concerns.add(found.division_id)
        return Ask(found.id, shapes.minor(part.amount, currency))
    except errors.NotFound as refusal:
        raise errors.NotFound(refusal.sentence, code="invoice_not_found", field=f"invoices/{place}/invoice_id") from None
    except errors.Refusal as refusal:
        raise bodies.repointed(refusal, {field: f"invoices/{place}/{field}" for field in ("amount/amount", "amount/currency")}) from refusal


def _division(request: HttpRequest, written: str | None) -> int | None:
    try:
        return callers.division_id(request, written, callers.of(request).viewer.customer_id)
    except errors.NotFound as refusal:
        raise errors.NotFound(refusal.sentence, code="division_not_found", field="division_id") from None


def _show(row: queries.PaymentRow) -> Payment:
    return Payment(
        id=ids.public(_PREFIX, row.id),
        customer_id=ids.public("cus", row.customer_id),
        division_id=ids.public("div", row.division_id) if row.division_id is not None else None,
        method=row.method,
        state=row.state,
        reference=row.reference,
        amount=money(row.amount_minor, row.currency),
        settled=money(row.settled_minor, row.currency),
        reversed=money(row.reversed_minor, row.currency),
        started_at=row.started_at,
        settled_at=row.settled_at,
        failure=row.failure or None,
    )


def show_in_full(found: queries.PaymentFacts) -> PaymentInFull:
    """Word a payment with where it goes."""
    parts = [
        PaidPart(
            invoice_id=ids.public("inv", part.invoice_id),
            invoice_number=part.number,
            amount=money(part.amount_minor, found.currency),
            reversed=money(part.reversed_minor, found.currency),
        )
        for part in found.parts
    ]
    return PaymentInFull(**_show(found).model_dump(), redirect_url=found.redirect_url or None, invoices=parts)
