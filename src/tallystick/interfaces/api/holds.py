"""Reserve, capture and release; refund a charge. Rarer than charges, so each takes a thread and a transaction of its own."""

from datetime import UTC, datetime, timedelta

from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries, registers, rules
from tallystick.interfaces.api import charges, words
from tallystick.interfaces.api.exchange import Asked, Reply
from tallystick.lib import errors, ids


def hold(asked: Asked) -> Reply:
    """Reserve an amount, for a week unless the caller names an earlier instant: 201 with the hold, also when it is replayed."""
    shape = words.read(asked.body, words.HoldAsked)
    wanted = charges.as_charge(asked.facts, shape, asked.idempotency_key)
    now = datetime.now(UTC)
    held = funds.hold(viewer=asked.facts.viewer, asked=wanted, now=now, lapses_at=_lapses_at(asked, shape.lapses_at, now))
    refusal = charges.refused(wanted, held.answer, asked.facts.currency)
    if refusal is not None:
        raise refusal
    made = charges.shown(wanted, held.answer, asked.facts.currency)
    made.update(id=ids.public("hold", held.hold_id), state="open", lapses_at=words.instant(held.lapses_at))
    return Reply(201, made, held.answer.outcome is funds.Outcome.REPLAYED)


def _lapses_at(asked: Asked, named: datetime | None, now: datetime) -> datetime | None:
    if named is None:
        return None
    if now < named <= now + timedelta(days=rules.HOLD_DAYS):
        return named.astimezone(UTC)  # the database knows no zone beyond 16 hours
    if registers.posted_at_of_key(viewer=asked.facts.viewer, idempotency_key=asked.idempotency_key) is None:
        raise errors.Invalid(f"A hold lapses within {rules.HOLD_DAYS} days from now.", code="lapse_out_of_range", field="lapses_at")
    return named  # a repeat that comes when the hold has lapsed: it is only compared with what was named first


def capture(asked: Asked) -> Reply:
    """Turn a hold into a charge of up to its amount: 200 with the charge's id."""
    shape = words.read(asked.body, words.CaptureAsked)
    hold_id = ids.parse("hold", asked.subject)
    amount_minor = None if shape.amount is None else words.minor(shape.amount, asked.facts.currency)
    before = queries.hold(viewer=asked.facts.viewer, hold_id=hold_id)
    charge_id = funds.capture_hold(viewer=asked.facts.viewer, hold_id=hold_id, amount_minor=amount_minor, idempotency_key=asked.idempotency_key)
    content = {
        "id": asked.subject,
        "state": "captured",
        "charge_id": ids.public("chg", charge_id),
        "held": words.amount(before.amount_minor, before.currency),
        "captured": words.amount(_captured(before, amount_minor), before.currency),
    }
    return Reply(200, content, before.state == "captured")


def _captured(before: queries.HoldFacts, amount_minor: int | None) -> int:
    if before.state == "captured":
        return before.captured_minor
    return before.amount_minor if amount_minor is None else amount_minor


def release(asked: Asked) -> Reply:
    """Give a hold back to the balance: 200."""
    words.read(asked.body, words.ReleaseAsked)
    hold_id = ids.parse("hold", asked.subject)
    before = queries.hold(viewer=asked.facts.viewer, hold_id=hold_id)
    funds.release_hold(viewer=asked.facts.viewer, hold_id=hold_id, idempotency_key=asked.idempotency_key)
    content = {"id": asked.subject, "state": "released", "held": words.amount(before.amount_minor, before.currency)}
    return Reply(200, content, before.state == "released")


def refund(asked: Asked) -> Reply:
    """Give a charge back, whole or in part: 201 with the refund."""
    shape = words.read(asked.body, words.ChargeRefundAsked)
    amount_minor = None if shape.amount is None else words.minor(shape.amount, asked.facts.currency)
    given = funds.refund_charge(
        viewer=asked.facts.viewer,
        transfer_id=ids.parse_integer("chg", asked.subject),
        amount_minor=amount_minor,
        idempotency_key=asked.idempotency_key,
        note=shape.note,
    )
    content = {
        "id": ids.public("chg", given.transfer_id),
        "charge_id": asked.subject,
        "amount": words.amount(given.amount_minor, asked.facts.currency),
        "note": shape.note or None,
    }
    return Reply(201, content, given.replayed)
