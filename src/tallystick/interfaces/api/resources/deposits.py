"""Deposits: ask for funds of a net amount, and see which are on their way. No debt arises of it: whoever does not pay has lost nothing."""

import hashlib
from datetime import UTC, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import ConfigDict, Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.payments import operations, queries
from tallystick.domain.payments.rules import DepositRequest, Method
from tallystick.interfaces import gateway
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act as Deed
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, money
from tallystick.interfaces.api.resources import rehearsed
from tallystick.lib import errors, ids

deposits = resource.Resource("deposits", tag="Deposits", prefix="/deposits")
RESOURCES = (deposits,)
_FIELDS = {"division": "division_id", "amount": "amount/amount"}


class DepositAsked(Body):
    """Ask for funds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"division_id": "div_0000000000001", "amount": {"amount": "500.00", "currency": "USD"}, "method": "bank_transfer"}]
        }
    )

    division_id: Line
    amount: MoneyAsked = Field(description="Net: what the balance rises by.")
    method: Literal["card", "bank_transfer"] = Field(examples=["bank_transfer"])
    return_url: str = Field("", max_length=500, pattern="^(https?://[!-~]+)?$", description="By card: where the person is led after paying.")


class DepositsAsked(shapes.Shape):
    """Name the division."""

    division: str = Field(max_length=60)


class Deposit(Shape):
    """Show a deposit that is asked for and not here yet."""

    payment_id: str = Field(description="Under /payments it is followed to its end.")
    division_id: str
    method: Literal["card", "bank_transfer"]
    reference: str = Field(description="To be written on a transfer.")
    net: Money = Field(description="What the balance rises by.")
    tax: Money
    gross: Money = Field(description="What is to be paid.")
    requested_at: Instant
    lapses_at: Instant


class Started(Shape):
    """Say what is to be paid, and how."""

    payment_id: str = Field(description="Under /payments it is followed to its end.")
    state: str
    gross: Money = Field(description="What is to be paid, tax included.")
    reference: str = Field(description="To be written on a transfer.")
    redirect_url: str | None = Field(description="By card: the gateway's page, to which the person is led.")
    failure: str | None


class DepositPreview(Started, rehearsed.Rehearsed):
    """Show what a deposit would be and do: its invoice is issued when its money arrives."""

    net: Money = Field(description="What the balance would rise by.")
    tax: Money
    lapses_at: Instant | None


@deposits.reading("", answers=shapes.Listed[Deposit])
def list_deposits(request: HttpRequest, asked: Query[DepositsAsked]) -> Told:
    """List the deposits of a division that are neither here nor lapsed, newest first."""
    caller, division_id = callers.of(request), words.division(asked.division, field="?division")
    owner = callers.one_customer(request, None)
    customers.division(viewer=caller.viewer, division_id=division_id, customer_id=owner)
    return Told(content=shapes.Listed[Deposit](rows=_open(caller, division_id), has_more=False))


@deposits.writing("", answers=Started, status=201, key=resource.Need.REQUIRED, keep_forever=True, in_steps=True, previews=DepositPreview)
def start_deposit(request: HttpRequest, asked: DepositAsked, dry_run: bool = False) -> Deed:  # noqa: FBT001, FBT002 - a parameter of the address
    """Ask for funds: by transfer with the reference of the answer, by card on the gateway's page; dry_run=true says what would happen."""
    caller = callers.of(request)
    rules.permit(caller.viewer, Act.PAY)
    wish = DepositRequest(
        division_id=words.division(asked.division_id),
        amount_minor=shapes.minor(asked.amount, caller.currency),
        method=Method(asked.method),
        idempotency_key=domain_key("deposit", caller.viewer, request.headers["Idempotency-Key"]),
        return_url=asked.return_url,
    )
    if asked.method == "card" and not asked.return_url:
        raise errors.Invalid("Say where the person is led after paying.", field="return_url")

    def act() -> Told:
        with bodies.pointing(_FIELDS):
            cards = gateway.wanted_for(asked.method)
            made = operations.start_deposit(viewer=caller.viewer, request=wish, now=datetime.now(UTC), gateway=cards, is_rehearsal=dry_run)
        content = Started(
            payment_id=ids.public("pay", made.payment_id),
            state=made.state,
            gross=money(made.amount_minor, caller.currency),
            reference=made.reference,
            redirect_url=made.redirect_url or None,
            failure=made.failure or None,
        )
        return Told(content=content, headers={"Location": f"/api/v1/payments/{content.payment_id}"})

    return _rehearsal(caller, act, wish) if dry_run else act


def _rehearsal(caller: callers.Caller, act: Deed, wish: DepositRequest) -> Deed:
    """Add to the answer what the wish comes to, and when it would lapse."""
    viewer, owner = caller.viewer, caller.viewer.customer_id
    assert owner is not None, "only a customer's key may pay"

    def more() -> dict[str, object]:
        parts = operations.deposit_price(viewer=viewer, division_id=wish.division_id, amount_minor=wish.amount_minor)
        newest = next(iter(queries.open_deposits(viewer=viewer, division_id=wish.division_id)), None)
        net, tax = money(parts.net_minor, caller.currency), money(parts.tax_minor, caller.currency)
        return {"net": net, "tax": tax, "lapses_at": newest.lapses_at if newest else None}

    return rehearsed.rehearsal(viewer, act, shape=DepositPreview, customer_id=owner, concerns={wish.division_id}, more=more)


def _open(caller: callers.Caller, division_id: int) -> list[Deposit]:
    """Show what a division waits for."""
    return [
        Deposit.model_validate(
            {
                "payment_id": ids.public("pay", one.payment_id),
                "division_id": ids.public("div", division_id),
                "method": one.method,
                "reference": one.reference,
                "net": money(one.net_minor, caller.currency),
                "tax": money(one.tax_minor, caller.currency),
                "gross": money(one.gross_minor, caller.currency),
                "requested_at": one.requested_at,
                "lapses_at": one.lapses_at,
            }
        )
        for one in queries.open_deposits(viewer=caller.viewer, division_id=division_id)
    ]


def domain_key(verb: str, viewer: Viewer, written: str) -> str:
    """Derive the domain's key: two keys that see other divisions have nothing in common, or one would be told of what the other asked for."""
    sight = "all" if viewer.division_ids is None else ",".join(str(one) for one in sorted(viewer.division_ids))
    return f"api.{verb}:{hashlib.sha256(f'{sight} {written}'.encode()).hexdigest()}"
