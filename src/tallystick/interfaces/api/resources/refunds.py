"""Unapplied credit: read it, use it on invoices, pay it back. What a charge gave back is under /charges/{id}/refund."""

from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.payments import operations, paid_back, queries
from tallystick.domain.payments.rules import Ask, Method, PaymentRequest, RefundRequest, RefundState
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api.framework import bodies, callers, conditions, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act as Deed
from tallystick.interfaces.api.framework.resource import Need
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, money
from tallystick.interfaces.api.resources import deposits
from tallystick.lib import errors, ids

credit = resource.Resource("unapplied_credit", tag="Unapplied credit", prefix="/unapplied-credit")
refunds = resource.Resource("refunds", tag="Refunds", prefix="/refunds")
RESOURCES = (credit, refunds)
_PREFIX = "ref"
_FIELDS = {"division": "division_id", "amount": "amount/amount", "account": "account"}
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=shapes.PRINTABLE, examples=["Paid twice"])]


class CreditAsked(shapes.Shape):
    """Narrow to a customer."""

    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class Credit(Shape):
    """Show the unapplied credit of a division with funds of its own."""

    customer_id: str
    division_id: str
    amount: Money


class CreditPartAsked(Body):
    """Pay one invoice."""

    invoice_id: Line
    amount: MoneyAsked


class UseAsked(Body):
    """Pay invoices of a customer from a division's unapplied credit."""

    customer_id: Line
    division_id: Line = Field(description="Whose unapplied credit pays.")
    invoices: list[CreditPartAsked] = Field(min_length=1, max_length=200)


class Used(Shape):
    """Name the payment that came of it."""

    payment_id: str
    amount: Money


class RefundAsked(Body):
    """Pay unapplied credit back: to the card of a payment, or to a bank account."""

    customer_id: Line
    division_id: Line
    amount: MoneyAsked
    reason: Reason
    payment_id: Line | None = Field(None, description="The payment whose card gets it; else name an account.")
    account: Annotated[str, Field(max_length=200, pattern=shapes.PRINTABLE)] = ""


class ReasonAsked(Body):
    """Say why."""

    reason: Reason


class RefundsAsked(shapes.Paged):
    """Narrow a list of refunds."""

    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class Refund(Shape):
    """Show a refund of unapplied credit."""

    id: str
    customer_id: str
    division_id: str
    state: RefundState
    amount: Money
    reason: str
    payment_id: str | None
    account: str
    requested_by: str
    requested_at: Instant
    decided_by: str | None
    decided_at: Instant | None
    ended_at: Instant | None
    failure: str | None


@credit.reading("", answers=shapes.Listed[Credit])
def list_unapplied_credit(request: HttpRequest, asked: Query[CreditAsked]) -> Told:
    """List where unapplied credit lies, the largest first."""
    owner = callers.customer_id(request, asked.customer)
    found = queries.unapplied_credit(viewer=callers.of(request).viewer, customer_id=owner)
    rows = [
        Credit(
            customer_id=ids.public("cus", one.customer_id),
            division_id=ids.public("div", one.division_id),
            amount=money(one.unapplied_minor, one.currency),
        )
        for one in found
    ]
    return Told(content=shapes.Listed[Credit](rows=rows, has_more=len(rows) == queries.MOST_CREDITS))


@credit.writing("/use", answers=Used, status=201, key=Need.REQUIRED, keep_forever=True)
def use_unapplied_credit(request: HttpRequest, asked: UseAsked) -> Deed:
    """Pay invoices from unapplied credit, as the operator's staff do; a customer's program pays with that method under /payments."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.ENTER)
    owner = callers.one_customer(request, asked.customer_id)
    division_id = callers.division_id(request, asked.division_id, owner)
    key = deposits.domain_key("credit", viewer, request.headers["Idempotency-Key"])

    def act() -> Told:
        wish = PaymentRequest(
            invoices=[_part(viewer, owner, part) for part in asked.invoices],
            method=Method.UNAPPLIED_CREDIT,
            division_id=division_id,
            idempotency_key=key,
        )
        with bodies.pointing(_FIELDS):
            made = operations.use_unapplied_credit(viewer=viewer, customer_id=owner, request=wish, now=_now())
        payment_id = ids.public("pay", made.id)
        content = Used(payment_id=payment_id, amount=money(made.amount_minor, made.currency))
        return Told(content=content, headers={"Location": f"/api/v1/payments/{payment_id}"})

    return act


@refunds.reading("", answers=shapes.Listed[Refund])
def list_refunds(request: HttpRequest, asked: Query[RefundsAsked]) -> Told:
    """List refunds of unapplied credit, newest first."""
    at = paging.cursor(asked, _PREFIX)
    owner = callers.customer_id(request, asked.customer)
    viewer = callers.of(request).viewer
    found = paid_back.refunds(viewer=viewer, customer_id=owner, before=at.older_than, newer_than=at.newer_than, limit=at.limit)
    return paging.told(request, found, at, prefix=_PREFIX, shape=shapes.Listed[Refund], show=_refund)


@refunds.reading("/{refund_id}", answers=Refund)
def get_refund(request: HttpRequest, refund_id: str) -> Told:
    """Open a refund of unapplied credit."""
    return _told(_found(request, refund_id))


@refunds.writing("", answers=Refund, status=201, key=Need.REQUIRED, keep_forever=True)
def request_refund(request: HttpRequest, asked: RefundAsked) -> Deed:
    """Ask for unapplied credit to be paid back: for programs of the operator. Nothing is posted before another person approves it."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.ENTER)
    owner = callers.one_customer(request, asked.customer_id)
    division_id = callers.division_id(request, asked.division_id, owner)
    payment_id = None if asked.payment_id is None else ids.parse("pay", asked.payment_id)
    key = deposits.domain_key("refund", viewer, request.headers["Idempotency-Key"])

    def act() -> Told:
        wish = RefundRequest(
            customer_id=owner,
            division_id=division_id or 0,
            amount_minor=shapes.minor(asked.amount, _currency(viewer, owner)),
            reason=asked.reason,
            idempotency_key=key,
            payment_id=payment_id,
            account=asked.account,
        )
        with bodies.pointing(_FIELDS):
            made = operations.request_refund(viewer=viewer, request=wish, now=_now())
        told = _told(made)
        return Told(content=told.content, etag=told.etag, headers={"Location": f"/api/v1/refunds/{ids.public(_PREFIX, made.id)}"})

    return act


@refunds.writing("/{refund_id}/approval", answers=Refund, key=Need.REQUIRED, match=Need.REQUIRED)
def approve_refund(request: HttpRequest, refund_id: str) -> Deed:
    """Start a refund that another person asked for: a card's gateway gets it at once, a bank transfer is yours to send."""

    def act() -> Told:
        held = _held(request, refund_id)
        viewer = callers.of(request).viewer
        return _told(operations.approve_refund(viewer=viewer, customer_id=held.customer_id, refund_id=held.id, now=_now()))

    return act


@refunds.writing("/{refund_id}/decline", answers=Refund, match=Need.OPTIONAL)
def decline_refund(request: HttpRequest, refund_id: str, asked: ReasonAsked) -> Deed:
    """Turn a refund down: the unapplied credit stays where it is."""

    def act() -> Told:
        held, viewer = _held(request, refund_id), callers.of(request).viewer
        return _told(operations.decline_refund(viewer=viewer, customer_id=held.customer_id, refund_id=held.id, reason=asked.reason, now=_now()))

    return act


@refunds.writing("/{refund_id}/settlement", answers=Refund, match=Need.OPTIONAL)
def settle_refund(request: HttpRequest, refund_id: str) -> Deed:
    """Note that a refund reached its receiver."""

    def act() -> Told:
        held, viewer = _held(request, refund_id), callers.of(request).viewer
        return _told(operations.settle_refund(viewer=viewer, customer_id=held.customer_id, refund_id=held.id, now=_now()))

    return act


@refunds.writing("/{refund_id}/failure", answers=Refund, match=Need.OPTIONAL)
def fail_refund(request: HttpRequest, refund_id: str, asked: ReasonAsked) -> Deed:
    """Note that a refund came back: the money is unapplied credit again."""

    def act() -> Told:
        held, viewer = _held(request, refund_id), callers.of(request).viewer
        return _told(operations.fail_refund(viewer=viewer, customer_id=held.customer_id, refund_id=held.id, reason=asked.reason, now=_now()))

    return act


def _held(request: HttpRequest, written: str) -> paid_back.Refund:
    found = _found(request, written)
    conditions.require(request, _tag(found))
    return found


def _found(request: HttpRequest, written: str) -> paid_back.Refund:
    found = paid_back.refund(viewer=callers.of(request).viewer, refund_id=ids.parse(_PREFIX, written))
    if found is None:
        raise errors.NotFound("There is no such refund.")
    return found


def _part(viewer: Viewer, owner: int, part: CreditPartAsked) -> Ask:
    missing = errors.NotFound("There is no such invoice.", code="invoice_not_found", field="invoices")
    try:
        found = invoicing.invoice(viewer=viewer, invoice_id=ids.parse("inv", part.invoice_id))
    except errors.NotFound:
        raise missing from None
    if found.customer_id != owner:
        raise missing
    return Ask(found.id, shapes.minor(part.amount, found.currency))


def _currency(viewer: Viewer, owner: int) -> str:
    return customers.customer(viewer=viewer, customer_id=owner).currency


def _told(found: paid_back.Refund) -> Told:
    scope.write_gathered()
    return Told(content=_refund(found), etag=_tag(found))


def _tag(found: paid_back.Refund) -> str:
    return conditions.tag(ids.public(_PREFIX, found.id), found.state)


def _refund(found: paid_back.Refund) -> Refund:
    return Refund(
        id=ids.public(_PREFIX, found.id),
        customer_id=ids.public("cus", found.customer_id),
        division_id=ids.public("div", found.division_id),
        state=RefundState(found.state),
        amount=money(found.amount_minor, found.currency),
        reason=found.reason,
        payment_id=None if found.payment_id is None else ids.public("pay", found.payment_id),
        account=found.account,
        requested_by=found.requested_by,
        requested_at=found.requested_at,
        decided_by=found.decided_by or None,
        decided_at=found.decided_at,
        ended_at=found.ended_at,
        failure=found.failure or None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
