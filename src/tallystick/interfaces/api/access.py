"""Find who stands behind a bearer key; remembered for a second, so that a revoked key stops within one."""

import hashlib
import time

from tallystick.domain.customers import rules
from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import lanes
from tallystick.interfaces.api.problem import Unauthenticated

_REMEMBERED_SECONDS = 1.0
_MOST_REMEMBERED = 10_000
_remembered: dict[bytes, tuple[float, keyed.KeyFacts]] = {}


def authenticate(header: str, act: rules.Act) -> keyed.KeyFacts:
    """Read an Authorization header, and let the key pass that may do the act. To be called from the event loop's thread only.

    Raises Unauthenticated, NotAllowed, OperationalError.
    """
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Send your key as: Authorization: Bearer KEY.")
    sha256 = hashlib.sha256(secret.strip().encode()).digest()
    now = time.monotonic()
    until, facts = _remembered.get(sha256, (0.0, None))
    if facts is None or until < now:
        facts = _look_up(sha256, now)
    rules.permit(facts.viewer, act)
    return facts


def _look_up(sha256: bytes, now: float) -> keyed.KeyFacts:
    found = keyed.key(ask=lanes.of_thread("keyed", keyed.STATEMENTS).ask, sha256=sha256)
    if found is None:
        _remembered.pop(sha256, None)
        raise Unauthenticated("This key is not known here, or it was revoked or has expired.")
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[sha256] = (now + _REMEMBERED_SECONDS, found)
    return found
