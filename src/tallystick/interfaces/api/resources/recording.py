"""Payments as the operator's programs keep them: record what arrived outside of any gateway, and take back what bounced."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations, queries
from tallystick.domain.payments.rules import Ask, Method, RecordRequest
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api.framework import bodies, callers, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act as Deed
from tallystick.interfaces.api.framework.resource import Need
from tallystick.interfaces.api.framework.shapes import Body, Day, Line, MoneyAsked
from tallystick.interfaces.api.resources import deposits, rehearsed
from tallystick.interfaces.api.resources.payments import PaymentInFull, PaymentPreview, show_in_full
from tallystick.lib import errors, ids

recorded = resource.Resource("payments", tag="Payments", prefix="/payments")
RESOURCES = (recorded,)
_FIELDS = {"division": "division_id", "amount": "amount/amount"}
_MOST_INVOICES = 200
Reference = Annotated[str, Field(min_length=1, max_length=140, pattern=shapes.PRINTABLE, examples=["BANK-2026-11-20-0007"])]


class SplitAsked(Body):
    """Say what of the money goes to one invoice."""

    invoice_id: Line
    amount: MoneyAsked


class RecordAsked(Body):
    """Record money that arrived: by transfer, by cheque, or otherwise."""

    customer_id: Line
    method: Literal["bank_transfer", "cheque", "other"]
    amount: MoneyAsked
    received_date: Day = Field(strict=False, description="The day on which it arrived, in the zone of the legal entity.")
    reference: Reference = Field(description="The bank's: each counts once, for ever.")
    invoices: list[SplitAsked] = Field(default_factory=list, max_length=_MOST_INVOICES, description="What they leave is unapplied credit.")
    division_id: Line | None = Field(None, description="Who gets the surplus; else the top-level division.")
    payment_id: Line | None = Field(None, description="The announced payment or deposit that this settles.")
    note: Annotated[str, Field(max_length=500, pattern=shapes.PRINTABLE)] = ""


class ReversalAsked(Body):
    """Take a payment back, whole or in part: it bounced, or was charged back."""

    amount: MoneyAsked
    reference: Reference = Field(description="The bank's: with the same one and amount again nothing changes.")
    reason: Annotated[str, Field(max_length=500, pattern=shapes.PRINTABLE)] = ""


@recorded.writing("/record", answers=PaymentInFull, status=201, key=Need.REQUIRED, keep_forever=True, previews=PaymentPreview)
def record_payment(request: HttpRequest, asked: RecordAsked, dry_run: bool = False) -> Deed:  # noqa: FBT001, FBT002 - a parameter of the address
    """Record a payment that arrived: for programs of the operator. What no invoice takes is unapplied credit; dry_run=true says where it would go."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.ENTER)
    owner = callers.one_customer(request, asked.customer_id)
    division_id = callers.division_id(request, asked.division_id, owner)
    payment_id = None if asked.payment_id is None else ids.parse("pay", asked.payment_id)
    key = deposits.domain_key("recording", viewer, request.headers["Idempotency-Key"])

    def act() -> Told:
        currency = customers.customer(viewer=viewer, customer_id=owner).currency
        wish = RecordRequest(
            customer_id=owner,
            method=Method(asked.method),
            amount_minor=shapes.minor(asked.amount, currency),
            splits=[_split(viewer, owner, one, place) for place, one in enumerate(asked.invoices)],
            reference=asked.reference,
            received_date=asked.received_date,
            idempotency_key=key,
            division_id=division_id or customers.divisions(viewer=viewer, customer_id=owner)[0].id,
            payment_id=payment_id,
            note=asked.note,
        )
        with bodies.pointing(_FIELDS):
            made = operations.record_payment(viewer=viewer, request=wish, now=_now())
        told = show_in_full(_read_again(viewer, made))
        return Told(content=told, headers={"Location": f"/api/v1/payments/{told.id}"})

    return rehearsed.rehearsal(viewer, act, shape=PaymentPreview, customer_id=owner) if dry_run else act


@recorded.writing("/{payment_id}/reversal", answers=PaymentInFull, key=Need.REQUIRED, keep_forever=True, previews=PaymentPreview)
def reverse_payment(request: HttpRequest, payment_id: str, asked: ReversalAsked, dry_run: bool = False) -> Deed:  # noqa: FBT001, FBT002 - a parameter of the address
    """Take a payment back: its surplus first, then its invoices, last first; what no longer can be taken becomes a correction invoice.

    dry_run=true says what would be taken from where.
    """
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.ENTER)
    bounced = ids.parse("pay", payment_id)

    def act() -> Told:
        found = queries.payment(viewer=viewer, payment_id=bounced)
        amount_minor = shapes.minor(asked.amount, found.currency)
        with bodies.pointing(_FIELDS):
            operations.reverse_payment(
                viewer=viewer, payment_id=bounced, amount_minor=amount_minor, reference=asked.reference, reason=asked.reason, now=_now()
            )
        return Told(content=show_in_full(_read_again(viewer, bounced)))

    if dry_run:
        owner = queries.payment(viewer=viewer, payment_id=bounced).customer_id
        return rehearsed.rehearsal(viewer, act, shape=PaymentPreview, customer_id=owner)
    return act


def _split(viewer: Viewer, owner: int, asked: SplitAsked, place: int) -> Ask:
    field = f"invoices/{place}/invoice_id"
    try:
        found = invoicing.invoice(viewer=viewer, invoice_id=ids.parse("inv", asked.invoice_id))
    except errors.NotFound as refusal:
        raise errors.NotFound(refusal.sentence, code="invoice_not_found", field=field) from None
    if found.customer_id != owner:
        raise errors.NotFound("There is no such invoice.", code="invoice_not_found", field=field)
    return Ask(found.id, shapes.minor(asked.amount, found.currency))


def _read_again(viewer: Viewer, payment_id: UUID) -> queries.PaymentFacts:
    scope.write_gathered()
    return queries.payment(viewer=viewer, payment_id=payment_id)


def _now() -> datetime:
    return datetime.now(UTC)
