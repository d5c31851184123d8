"""Verify webhooks: that a message is Tallystick's, whole, and new. Source: Standard Webhooks."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence

from tallystick_client import shapes
from tallystick_client.hooks import Event
from tallystick_client.problems import TallystickError

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_SECRET_BYTES = 32
_LONGEST_INSTANT = 15


class NotVerified(TallystickError):
    """Say that a message is not to be believed: answer 400, and do nothing."""


def new_secret() -> str:
    """Make a secret for an endpoint."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance_seconds: int = TOLERANCE_SECONDS,
    now_seconds: float | None = None,
) -> Event:
    """Give the event of a message, over the bytes as they came.

    One secret that fits is enough of several: name the old and the new one while they change. The clocks may differ by the tolerance, which
    is how old a message may be that somebody recorded and sends again. Raises NotVerified; ValueError for a secret that is none.
    """
    named = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at, signatures = (named.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (message_id and signatures):
        raise NotVerified("The message is not signed.")
    _check_age(sent_at, time.time() if now_seconds is None else now_seconds, tolerance_seconds)
    signed = b".".join([message_id.encode(), sent_at.encode(), body])
    keys = [_key(one) for one in ([secret] if isinstance(secret, str) else secret)]
    expected = [b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys]
    found = [one.encode() for one in signatures.split(" ")]
    if not any([hmac.compare_digest(ours, theirs) for ours in expected for theirs in found]):  # noqa: C419 - all are compared, in even time
        raise NotVerified("No signature is made with this secret.")
    try:
        told = json.loads(body)
    except ValueError as wrong:
        raise NotVerified("The message is no JSON.") from wrong
    return shapes.read(Event, told)


def _check_age(sent_at: str, now_seconds: float, tolerance_seconds: int) -> None:
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= _LONGEST_INSTANT):
        raise NotVerified("The message has no instant.")
    if abs(now_seconds - int(sent_at)) > tolerance_seconds:
        raise NotVerified("The message is too old, or the clocks differ.")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("A secret is whsec_ and base64.")
    return key
