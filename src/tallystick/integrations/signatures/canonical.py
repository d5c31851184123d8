"""Write a value as the one JSON that is signed.

Source: RFC 8785 (keys by UTF-16 code units, no blanks, the shortest escapes), for objects, arrays and texts. There are no numbers here: amounts are text.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

type Value = str | Mapping[str, "Value"] | Sequence["Value"]


def canonical(value: Value) -> bytes:
    """Write the value: the same bytes for the same value, wherever it is written. Raises ValueError for what is no Unicode or no such value."""
    return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("every key of an object is a text")
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_ordered(item) for item in value]
    raise ValueError(f"{type(value).__name__} is not signed; write it as text")


def letters(value: bytes) -> str:
    """Write bytes as base64url without padding. Source: RFC 7515 section 2."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    """Read base64url as `letters` writes it, and nothing else. Raises ValueError."""
    try:
        value = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as wrong:
        raise ValueError("this is not base64url") from wrong
    if letters(value) != text:
        raise ValueError("this is not base64url as it is written here")
    return value
