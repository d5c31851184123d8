"""Make and show ids: UUID version 7 inside, `inv_` and 26 letters or `div_` and 13 outside; both sort by age.

Source: RFC 9562 section 5.7 (UUIDv7); the alphabet is Crockford's base 32 in lower case.
"""

import os
import threading
import time
import uuid

from tallystick.lib import errors, texts

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_UUID_LETTERS = 26
_INTEGER_LETTERS = 13
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = {length: range(10 * ((length + 1) // 2 - 1), -1, -10) for length in (_UUID_LETTERS, _INTEGER_LETTERS)}
"""Two letters at a time, for a list shows hundreds of ids."""
_last = 0
_lock = threading.Lock()


def new() -> uuid.UUID:
    """Make a UUIDv7 that is greater than every earlier one of this process."""
    global _last  # noqa: PLW0603 - the order of ids within one process is the point
    with _lock:
        # 60 bits of 1/4096 milliseconds: the 48 bit instant and the 12 bits behind it
        ticks = max((time.time_ns() << 12) // 1_000_000, _last + 1)
        _last = ticks
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return uuid.UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random)


def public(prefix: str, value: uuid.UUID | int) -> str:
    """Show an id outside: `public("inv", id)` is "inv_" and its base 32."""
    number, length = (value.int, _UUID_LETTERS) if isinstance(value, uuid.UUID) else (value, _INTEGER_LETTERS)
    letters = "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS[length]])
    return f"{prefix}_{letters[-length:]}"


def parse(prefix: str, text: str) -> uuid.UUID:
    """Read an outside id of a document. Raises NotFound where it can not be one."""
    number = _parse(prefix, text, _UUID_LETTERS)
    if number >> 128:
        raise errors.NotFound(texts.marked("There is no %(id)s.", id=text[:60]))
    return uuid.UUID(int=number)


def parse_integer(prefix: str, text: str) -> int:
    """Read an outside id of a customer, division, person or journal row. Raises NotFound where it can not be one."""
    number = _parse(prefix, text, _INTEGER_LETTERS)
    if number >> 63:
        raise errors.NotFound(texts.marked("There is no %(id)s.", id=text[:60]))
    return number


def _parse(prefix: str, text: str, length: int) -> int:
    start, _, letters = text.partition("_")
    if start != prefix or len(letters) != length or not set(letters) <= _VALUES.keys():
        raise errors.NotFound(texts.marked("There is no %(id)s.", id=text[:60]))
    number = 0
    for letter in letters:
        number = number << 5 | _VALUES[letter]
    return number
