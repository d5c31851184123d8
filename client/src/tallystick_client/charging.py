"""Charge a division, reserve an amount on it, and give charges back."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from tallystick_client import requests, shapes
from tallystick_client.money import Money
from tallystick_client.problems import Problem, Wrong, problem
from tallystick_client.requests import Call, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Show a charge. `replayed`: it was made by an earlier request with the same key."""

    id: str
    division_id: str
    amount: Money
    order_id: str | None
    line_reference: str | None
    note: str | None
    balance_after: Money
    posted_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeDraft:
    """Ask for one charge of a batch; a key is made for it where none is named."""

    division_id: str
    amount: Money
    order_id: str | None = None
    line_reference: str | None = None
    note: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemShown:
    """Show the refusal of one element of a batch."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str = ""
    request_id: str = ""
    errors: tuple[Wrong, ...] = ()
    available: Money | None = None
    required: Money | None = None
    limit: Money | None = None
    used_by_other_divisions: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAnswer:
    """Answer one element of a batch by itself: with its charge, or with its problem."""

    idempotency_key: str | None
    status: int
    replayed: bool
    charge: Charge | None = None
    problem: ProblemShown | None = None

    def made(self) -> Charge:
        """Give the charge. Raises the problem of an element that was refused, as a charge by itself would."""
        if self.charge is not None:
            return replace(self.charge, replayed=self.replayed)
        raise self._raised()

    def _raised(self) -> Problem:
        shown = self.problem
        members: dict[str, object] = {} if shown is None else {name: getattr(shown, name) for name in ("type", "title", "detail", "code")}
        figures = ("available", "required", "limit", "used_by_other_divisions")
        for name in figures if shown is not None else ():
            figure: Money | None = getattr(shown, name)
            members[name] = None if figure is None else figure.written()
        if shown is not None:
            members["errors"] = [asdict(one) for one in shown.errors]
        return problem(self.status, members, idempotency_key=self.idempotency_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBatch:
    """Answer a batch, in its order."""

    answers: tuple[ChargeAnswer, ...] = shapes.called("data")
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Show a refund."""

    id: str
    charge_id: str
    amount: Money
    note: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Charge):
    """Show a hold, which lapses by itself."""

    state: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCaptured:
    """Show a hold that became a charge."""

    id: str
    state: str
    charge_id: str
    held: Money
    captured: Money
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """Show a hold that was given back."""

    id: str
    state: str
    held: Money
    replayed: bool = False


class Charges[S](Resource[S]):
    """Charge divisions."""

    @Call
    def create(
        self,
        *,
        division_id: str,
        amount: Money,
        order_id: str | None = None,
        line_reference: str | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request[Charge]:
        """Charge a division once: one order and line is never charged twice. Raises InsufficientFunds, SpendingFuseOpen, Conflict, NotFound."""
        body = {"division_id": division_id, "amount": amount, "order_id": order_id, "line_reference": line_reference, "note": note}
        return requests.sent(requests.at("charges"), Charge, body, idempotency_key=idempotency_key)

    @Call
    def create_batch(self, charges: Sequence[ChargeDraft]) -> Request[ChargeBatch]:
        """Charge up to 5,000 times in one request; each element is answered by itself, in order."""
        keyed = [replace(one, idempotency_key=one.idempotency_key or str(uuid.uuid4())) for one in charges]
        return requests.sent(requests.at("charges", "batch"), ChargeBatch, {"charges": keyed}, takes_key=False)

    @Call
    def refund(self, charge_id: str, *, amount: Money | None = None, note: str | None = None, idempotency_key: str | None = None) -> Request[Refund]:
        """Give a charge back, in part, or what is left of it. Raises Invalid beyond the rest."""
        body = {"amount": amount, "note": note}
        return requests.sent(requests.at("charges", charge_id, "refund"), Refund, body, idempotency_key=idempotency_key)


class Holds[S](Resource[S]):
    """Reserve amounts."""

    @Call
    def create(
        self,
        *,
        division_id: str,
        amount: Money,
        order_id: str | None = None,
        line_reference: str | None = None,
        note: str | None = None,
        lapses_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Request[Hold]:
        """Reserve an amount, for a week unless an earlier instant is named. Raises InsufficientFunds, SpendingFuseOpen, NotFound."""
        body = {
            "division_id": division_id,
            "amount": amount,
            "order_id": order_id,
            "line_reference": line_reference,
            "note": note,
            "lapses_at": lapses_at,
        }
        return requests.sent(requests.at("holds"), Hold, body, idempotency_key=idempotency_key)

    @Call
    def capture(self, hold_id: str, *, amount: Money | None = None, idempotency_key: str | None = None) -> Request[HoldCaptured]:
        """Turn a hold into a charge, of all or of less; the rest is given back. Raises Conflict after its lapse."""
        return requests.sent(requests.at("holds", hold_id, "capture"), HoldCaptured, {"amount": amount}, idempotency_key=idempotency_key)

    @Call
    def release(self, hold_id: str, *, idempotency_key: str | None = None) -> Request[HoldReleased]:
        """Give a hold back. Raises Conflict where it was captured or has lapsed."""
        return requests.sent(requests.at("holds", hold_id, "release"), HoldReleased, idempotency_key=idempotency_key)
