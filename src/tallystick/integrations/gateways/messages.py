"""Write, sign and check messages of our own plain gateway: JSON, HMAC-SHA256 with the instant inside what is signed.

Source: the header scheme of Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature "v1,<base64>").
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from tallystick.integrations.gateways import protocol

TOLERANCE_SECONDS = 300
"""A message older or younger than this is refused, so that a copied one can not be played back for ever."""

LARGEST_BYTES = 65_536


def encode(message: protocol.Message) -> bytes:
    """Write a message as JSON."""
    return msgspec.json.encode(message)


def decode(body: bytes) -> protocol.Message:
    """Read a message from JSON. Raises MessageUntrusted where it has not the agreed shape."""
    try:
        message = msgspec.json.decode(body, type=protocol.Message)
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        raise protocol.MessageUntrusted(f"The message is malformed: {malformed}.") from malformed
    if message.amount_minor <= 0 or message.occurred_at.tzinfo is None or not message.message_id or not message.provider_reference:
        raise protocol.MessageUntrusted("The message lacks an id, a reference, an amount above zero or a time zone.")
    return message


def headers(secret: bytes, message_id: str, body: bytes, *, timestamp: int) -> dict[str, str]:
    """Make the headers that prove who sent a body, and when (Unix seconds)."""
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, message_id, str(timestamp), body)}",
    }


def check(secret: bytes, given: Mapping[str, str], body: bytes, *, now: float) -> None:
    """Make sure that a body was signed with the secret within the tolerance around `now` (Unix seconds).

    Header names may come in any case; several signatures (while a secret is rotated) are separated by blanks. Raises MessageUntrusted.
    """
    found = {name.lower(): value for name, value in given.items()}
    message_id, timestamp, signatures = (found.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if len(body) > LARGEST_BYTES:
        raise protocol.MessageUntrusted("The message is too large.")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < len("100000000000")) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise protocol.MessageUntrusted("The message has no instant, or is too old.")
    expected = f"v1,{_signature(secret, message_id, timestamp, body)}".encode()
    if not any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split()):
        raise protocol.MessageUntrusted("The signature is not right.")


def _signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
