"""Answer finance/transfer: own and free money moves from one container to another, once."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone

from tallystick.domain.answers import operations as kept
from tallystick.domain.customers.rules import Act, Right
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import registers
from tallystick.integrations.postgres import scope
from tallystick.interfaces.services_v2 import answers, door
from tallystick.lib import money

_AGAIN_SECONDS = 10
_MOST_BYTES = 65_536
_LARGEST = 2**63 - 1
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_DONE = kept.Kept(204, {}, "")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Hold the three values of a transfer."""

    amount_minor: int
    source: int
    target: int

    def named(self, *parts: object) -> str:
        """Give these values a name, with the parts before them, as an idempotency key of the journal."""
        text = "|".join(str(part) for part in (*parts, self.amount_minor, self.source, self.target))
        return f"services_v2.transfer:{hashlib.sha256(text.encode()).hexdigest()}"


@door.opened("POST")
@door.finance("transfers", Right.WRITE, Act.PAY)
def transfer(caller: door.Caller) -> answers.Answer:
    """Move an amount; the same request again has no second effect."""
    wanted = _read(caller)
    key = caller.request.headers.get("Idempotency-Key", "")
    if key and not _KEY.fullmatch(key):
        raise door.Malformed("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    if key:
        _with_key(caller, wanted, key, timezone.now())
    else:
        _without_key(caller, wanted)
    return answers.NOTHING


@scope.retrying
def _with_key(caller: door.Caller, wanted: _Wanted, key: str, now: datetime) -> None:
    asked = kept.Asked(f"services_v2 {caller.key_id} {key}", kept.fingerprint(wanted.named().encode()), is_kept_forever=True)
    with scope.of(caller.viewer):
        if kept.claim(viewer=caller.viewer, asked=asked, now=now) is None:
            _move(caller, wanted, wanted.named("key", caller.key_id, key))
            kept.keep(viewer=caller.viewer, asked=asked, answered=_DONE)


@scope.retrying
def _without_key(caller: door.Caller, wanted: _Wanted) -> None:
    """Take a repetition within ten seconds for the same request.

    Time is parted into stretches of ten seconds, and a stretch has one such transfer at most. Those beside this one are looked at too, under the locks
    of the funds, so that of two at once the second sees the first, whichever of them read the clock first.
    """
    with scope.of(caller.viewer):
        funds.lock(caller.customer_id)
        now = timezone.now()
        stretch = int(now.timestamp()) // _AGAIN_SECONDS
        for beside in (stretch - 1, stretch + 1):
            posted_at = registers.posted_at_of_key(viewer=caller.viewer, idempotency_key=wanted.named(caller.key_id, beside))
            if posted_at is not None and abs((now - posted_at).total_seconds()) <= _AGAIN_SECONDS:
                return
        _move(caller, wanted, wanted.named(caller.key_id, stretch))


def _move(caller: door.Caller, wanted: _Wanted, key: str) -> None:
    funds.transfer(
        viewer=caller.viewer, from_division_id=wanted.source, to_division_id=wanted.target, amount_minor=wanted.amount_minor, idempotency_key=key
    )


def _read(caller: door.Caller) -> _Wanted:
    """Read the body: three values, each a number or a numeric text. Raises Malformed."""
    try:
        content = caller.request.body
    except RequestDataTooBig:
        content = b" " * (_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise door.Malformed("The body is too large.")
    try:
        # numbers are read as the texts that they are: no amount becomes a float
        body = json.loads(content.decode(), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise door.Malformed("The body is not valid JSON in UTF-8.") from None
    values = [body.get(name) if isinstance(body, dict) else None for name in ("amount", "from_container_id", "to_container_id")]
    if not all(isinstance(value, str) for value in values):
        raise door.Malformed("Send amount, from_container_id and to_container_id, each as a number or a numeric text.")
    amount, source, target = (str(value).strip() for value in values)
    amount_minor = money.parse(amount, caller.currency)
    if amount_minor <= 0:
        raise door.Malformed("The amount must be above zero.")
    return _Wanted(amount_minor, _container(source), _container(target))


def _container(written: str) -> int:
    if not (written.isascii() and written.isdecimal()):
        raise door.Malformed("A container's id is a whole number.")
    return min(int(written[:20]), _LARGEST)
