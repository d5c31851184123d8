"""Charge a division, once or by thousands; what comes at the same moment is posted together, and nobody who waits holds a thread."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import psycopg

from tallystick.domain.customers.rules import sees_division
from tallystick.domain.funds import keyed
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.operations import charging
from tallystick.integrations.postgres import coalescer, lanes
from tallystick.interfaces.api import problem, words
from tallystick.interfaces.api.exchange import Asked, Reply
from tallystick.lib import errors, ids, money

type _Queue = coalescer.Coalescer[funds.Charge, funds.ChargeAnswer]
type _Answers = list[funds.ChargeAnswer | coalescer.Failure]


@dataclass(slots=True)
class _Bound:
    loop: asyncio.AbstractEventLoop | None = None
    queue: _Queue | None = None


_bound = _Bound()


def _queue() -> _Queue:
    """Give the queue of the running event loop; there is one loop in a process that serves."""
    loop = asyncio.get_running_loop()
    if _bound.queue is None or _bound.loop is not loop:
        close()
        _bound.loop, _bound.queue = loop, coalescer.Coalescer(run=_debit, connect=lanes.connect, largest=charging.LARGEST_BATCH)
    return _bound.queue


def _debit(connection: coalescer.Connection, waiting: Sequence[funds.Charge]) -> list[funds.ChargeAnswer]:
    return funds.debit(connection=connection, charges=waiting)


def close() -> None:
    """Let the running batch end and close its connection."""
    if _bound.queue is not None:
        _bound.queue.close()
        _bound.queue = None


async def _posted(charges: list[funds.Charge]) -> _Answers:
    try:
        return await _queue().submit(charges)
    except coalescer.Overloaded:
        raise problem.Unavailable("Too many charges are waiting. Send this one again in a moment, with the same key.") from None


async def charge(asked: Asked) -> Reply:
    """Post one charge: 201 with the charge, also when it is replayed. Raises the refusals of the batch's elements."""
    shape = words.read(asked.body, words.ChargeAsked)
    wanted = as_charge(asked.facts, shape, asked.idempotency_key)
    answer = (await _posted([wanted]))[0]
    refusal = refused(wanted, answer, asked.facts.currency)
    if refusal is not None:
        raise refusal
    assert isinstance(answer, funds.ChargeAnswer), "what failed was refused above"
    return Reply(201, shown(wanted, answer, asked.facts.currency), answer.outcome is funds.Outcome.REPLAYED)


async def batch(asked: Asked) -> Reply:
    """Post up to 5,000 charges in one call: 200, each element answered by itself, in order, with its own status."""
    elements = await asyncio.to_thread(_read_batch, asked)
    wanted = [each for each in elements if isinstance(each, funds.Charge)]
    answers = await _posted(wanted) if wanted else []
    return Reply(200, await asyncio.to_thread(_shown_batch, elements, answers, asked.facts.currency))


def _read_batch(asked: Asked) -> list[funds.Charge | errors.Refusal]:
    rows = words.read(asked.body, words.BatchAsked).charges
    if not 0 < len(rows) <= charging.LARGEST_BATCH:
        raise errors.Invalid(f"Send 1 to {charging.LARGEST_BATCH} charges in one batch.", code="batch_size", field="charges")
    return [_read_element(asked.facts, row) for row in rows]


def _read_element(facts: keyed.KeyFacts, row: msgspec.Raw) -> funds.Charge | errors.Refusal:
    try:
        shape = words.read(row, words.ElementAsked)
        return as_charge(facts, shape, words.idempotency_key(shape.idempotency_key))
    except errors.Refusal as refusal:
        return refusal


def _shown_batch(elements: list[funds.Charge | errors.Refusal], answers: _Answers, currency: str) -> dict[str, object]:
    left = iter(answers)
    rows = [_shown_element(each, None if isinstance(each, errors.Refusal) else next(left), currency) for each in elements]
    accepted = sum("charge" in row for row in rows)
    return {"data": rows, "accepted": accepted, "refused": len(rows) - accepted}


def _shown_element(element: funds.Charge | errors.Refusal, answer: funds.ChargeAnswer | coalescer.Failure | None, currency: str) -> dict[str, object]:
    refusal = element if isinstance(element, errors.Refusal) else refused(element, answer, currency)
    key = element.idempotency_key if isinstance(element, funds.Charge) else None
    if refusal is not None:
        return {"idempotency_key": key, "status": problem.status(refusal), "replayed": False, "problem": problem.shown(refusal)}
    assert isinstance(element, funds.Charge), "what could not be read was refused above"
    assert isinstance(answer, funds.ChargeAnswer), "what failed was refused above"
    replayed = answer.outcome is funds.Outcome.REPLAYED
    return {"idempotency_key": key, "status": 201, "replayed": replayed, "charge": shown(element, answer, currency)}


def as_charge(facts: keyed.KeyFacts, shape: words.ChargeAsked, key: str) -> funds.Charge:
    """Turn words into a charge of the key's own customer. Raises NotFound for a division out of the key's sight, Invalid."""
    division_id = words.division(shape.division_id)
    if not sees_division(facts.viewer, division_id):
        raise _unknown_division()
    return funds.Charge(
        customer_id=facts.customer_id,
        division_id=division_id,
        amount_minor=words.minor(shape.amount, facts.currency),
        idempotency_key=key,
        order_id=shape.order_id,
        line_reference=shape.line_reference or "",
        note=shape.note or "",
    )


def _unknown_division() -> errors.Refusal:
    return errors.NotFound("There is no such division.", code="division_not_found", field="division_id")


_REFUSALS: Mapping[funds.Outcome, Callable[[], errors.Refusal]] = {
    funds.Outcome.UNKNOWN_DIVISION: _unknown_division,
    funds.Outcome.DIVISION_CLOSED: lambda: errors.Conflict("This division is closed.", code="division_closed", field="division_id"),
    funds.Outcome.KEY_REUSED: lambda: charging.KeyReused("This Idempotency-Key was used for another request."),
    funds.Outcome.ORDER_CHARGED: lambda: errors.Conflict("This order was charged already, with another key.", code="order_charged", field="order_id"),
    funds.Outcome.SPENDING_FUSE_OPEN: lambda: charging.SpendingFuseOpen(
        "This division's spending fuse is open: it spent more within an hour than was set. Stop the program, and let a person close the fuse.",
        field="division_id",
    ),
}


def refused(asked: funds.Charge, answer: funds.ChargeAnswer | coalescer.Failure | None, currency: str) -> errors.Refusal | None:
    """Give the refusal that an answer means; None where it was accepted, now or before."""
    if not isinstance(answer, funds.ChargeAnswer):
        return _failed(answer)
    if answer.outcome in {funds.Outcome.ACCEPTED, funds.Outcome.REPLAYED}:
        return None
    if answer.outcome is funds.Outcome.INSUFFICIENT_FUNDS:
        return _insufficient(asked, answer, currency)
    return _REFUSALS[answer.outcome]()


def _failed(failure: coalescer.Failure | None) -> errors.Refusal:
    if failure is None or isinstance(failure.problem, psycopg.OperationalError):
        return problem.Unavailable("The charge could not be posted. Send it again in a moment, with the same key.")
    return errors.Refusal("The charge could not be posted. Nothing changed, and we have been told.", code="not_posted")


def _insufficient(asked: funds.Charge, answer: funds.ChargeAnswer, currency: str) -> errors.Refusal:
    available = money.text(answer.available_minor or 0, currency)
    return errors.InsufficientFunds(
        f"The amount is {money.text(asked.amount_minor, currency)} {currency}, and {available} {currency} is available.",
        field="amount",
        facts={
            "currency": currency,
            "available_minor": answer.available_minor,
            "required_minor": asked.amount_minor,
            "limit_minor": answer.limit_minor,
            "used_by_others_minor": answer.used_by_others_minor,
        },
    )


def shown(asked: funds.Charge, answer: funds.ChargeAnswer, currency: str) -> dict[str, object]:
    """Show a charge: the same whether it was posted now or is replayed."""
    assert answer.transfer_id is not None, "an accepted charge has its journal row"
    assert answer.balance_after_minor is not None, "and a balance after it"
    assert answer.posted_at is not None, "and an instant"
    return {
        "id": ids.public("chg", answer.transfer_id),
        "division_id": ids.public("div", asked.division_id),
        "amount": words.amount(asked.amount_minor, currency),
        "order_id": asked.order_id,
        "line_reference": asked.line_reference or None,
        "note": asked.note or None,
        "balance_after": words.amount(answer.balance_after_minor, currency),
        "posted_at": words.instant(answer.posted_at),
    }
