"""Read ids out of addresses and write them into addresses: `div_0000000000003` outside, 3 inside.

What can not be an id at all does not match its route, and so answers 404.
"""

import uuid

from django.urls import register_converter

from tallystick.lib import errors, ids


class _Document:
    """Convert the id of a document; subclasses name its prefix."""

    prefix = ""
    regex = r"[a-z]+_[0-9a-z]{26}"

    def to_python(self, value: str) -> uuid.UUID:
        """Read the outside form. Raises ValueError, which lets Django try the next route."""
        try:
            return ids.parse(self.prefix, value)
        except errors.NotFound as refusal:
            raise ValueError(value) from refusal

    def to_url(self, value: uuid.UUID) -> str:
        """Write the outside form."""
        return ids.public(self.prefix, value)


class _Number:
    """Convert the id of a customer, division or person; subclasses name its prefix."""

    prefix = ""
    regex = r"[a-z]+_[0-9a-z]{13}"

    def to_python(self, value: str) -> int:
        """Read the outside form. Raises ValueError, which lets Django try the next route."""
        try:
            return ids.parse_integer(self.prefix, value)
        except errors.NotFound as refusal:
            raise ValueError(value) from refusal

    def to_url(self, value: int) -> str:
        """Write the outside form."""
        return ids.public(self.prefix, value)


DOCUMENTS = {"po": "po", "inv": "inv", "cn": "cn", "pay": "pay", "key": "key", "dl": "dl", "wh": "wh", "msg": "msg", "em": "em"}
NUMBERS = {"div": "div", "cus": "cus", "usr": "usr"}


def register() -> None:
    """Make `<div:division_id>`, `<inv:invoice_id>` and the others known to Django's routes."""
    for name, prefix in DOCUMENTS.items():
        register_converter(type(f"Document_{name}", (_Document,), {"prefix": prefix}), name)
    for name, prefix in NUMBERS.items():
        register_converter(type(f"Number_{name}", (_Number,), {"prefix": prefix}), name)
