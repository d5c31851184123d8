"""Find who stands behind a bearer key; remembered for a second, so that a revoked key stops within one, and one that ends at its end."""

import hashlib
import time

from tallystick.domain.customers import rules
from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import lanes
from tallystick.interfaces import callers
from tallystick.interfaces.api.problem import Unauthenticated
from tallystick.lib import errors

_REMEMBERED_SECONDS = 1.0
_MOST_REMEMBERED = 10_000
_MICROSECONDS = 1_000_000
_remembered: dict[bytes, tuple[float, keyed.KeyFacts]] = {}


class AddressRefused(errors.NotAllowed):
    """Say that the key may not be used from where the request comes."""

    code = "address_not_allowed"


def identify(header: str, *, address: str) -> keyed.KeyFacts:
    """Read an Authorization header, and find who stands behind its key. Good in every thread: each looks up over a line of its own.

    What the key may do is for the caller to ask (`rules.permit_key`). Raises Unauthenticated, AddressRefused, OperationalError.
    """
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Send your key as: Authorization: Bearer KEY.")
    sha256 = hashlib.sha256(secret.strip().encode()).digest()
    now = time.monotonic()
    until, facts = _remembered.get(sha256, (0.0, None))
    if facts is None or until <= now:
        facts = _look_up(sha256, now)
    if facts.networks and not rules.comes_from(address, facts.networks):
        raise AddressRefused("This key may not be used from this address.")
    callers.note(facts.key_id)
    return facts


def admit_charging(facts: keyed.KeyFacts, resource: str) -> None:
    """Let a customer's key pass that may write to this resource. Raises ScopeMissing, NotAllowed: the operator's keys charge nobody."""
    if facts.kind is rules.KeyKind.OPERATOR:
        raise errors.NotAllowed("A key of the operator's charges nobody. Use a key of the customer.", code="customer_key_needed")
    rules.permit_key(facts.viewer, resource, rules.Right.WRITE)


def _look_up(sha256: bytes, now: float) -> keyed.KeyFacts:
    found = keyed.key(ask=lanes.of_thread("keyed", keyed.STATEMENTS).ask, sha256=sha256)
    if found is None:
        _remembered.pop(sha256, None)
        raise Unauthenticated("This key is not known here, or it was revoked or has expired.")
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    left = _REMEMBERED_SECONDS if found.ends_in_microseconds is None else min(_REMEMBERED_SECONDS, found.ends_in_microseconds / _MICROSECONDS)
    _remembered[sha256] = (now + left, found)  # from before the look-up: never past the end, and at the end the database is asked
    return found
