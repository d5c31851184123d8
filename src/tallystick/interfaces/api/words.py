"""Read the bodies of requests strictly, and write amounts and instants: unknown fields are refused, never ignored."""

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from tallystick.lib import errors, ids, money

_PLACE = re.compile(r"(?P<said>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>.*)`")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_CONTENT_TYPES = {"application/json", "", "application/x-www-form-urlencoded"}
_PRINTABLE = r"\A[^\x00-\x1f\x7f]*\Z"

Label = Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=_PRINTABLE)]
Note = Annotated[str, msgspec.Meta(max_length=1000, pattern=_PRINTABLE)]


class KeyMissing(errors.Invalid):
    """Say that the request must carry a key that makes it safe to repeat."""

    code = "idempotency_key_missing"


class KeyMalformed(errors.Invalid):
    """Say what an idempotency key looks like."""

    code = "idempotency_key_malformed"


class BodyMalformed(errors.Invalid):
    """Say that the body is no JSON."""

    code = "body_malformed"


class ContentTypeUnsupported(errors.Invalid):
    """Say that a body comes under another name than JSON's."""

    code = "content_type_unsupported"


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Write an amount as decimal text beside its currency."""

    amount: str
    currency: str


class ChargeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask for a charge."""

    division_id: str
    amount: Money
    order_id: Label | None = None
    line_reference: Label | None = None
    note: Note | None = None


class ElementAsked(ChargeAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask for a charge within a batch, with a key of its own."""

    idempotency_key: str


class BatchAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for many charges; each element is read by itself."""

    charges: list[msgspec.Raw]


class HoldAsked(ChargeAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Ask for a hold, until an instant that may be named."""

    lapses_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class CaptureAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask to capture a hold, whole where no amount is named."""

    amount: Money | None = None


class ReleaseAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask to release a hold; there is nothing more to say."""


class ChargeRefundAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask to refund a charge, what is left of it where no amount is named."""

    amount: Money | None = None
    note: Note = ""


def read[T](body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Read a body of this shape; an empty one is an empty object. Raises BodyMalformed, Invalid."""
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.ValidationError as wrong:
        raise _invalid(str(wrong)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the last two come through from a text and from what is too deep
        raise BodyMalformed("The body is not valid JSON in UTF-8.") from None


def _invalid(message: str) -> errors.Invalid:
    found = _PLACE.fullmatch(message)
    assert found is not None, "every message matches"
    named = _FIELD.search(found["said"])
    path = (found["path"] or "").replace("[", ".").replace("]", "").lstrip(".").split(".")
    parts = [*filter(None, path), *([named["name"]] if named else [])]
    pointed = "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)
    return errors.Invalid(f"{found['said'].replace('`', '')}.", field=pointed)


def check_content_type(written: str) -> None:
    """Let JSON pass, what has no name, and curl's own name for everything. Raises ContentTypeUnsupported."""
    if written.partition(";")[0].strip().lower() not in _CONTENT_TYPES:
        raise ContentTypeUnsupported("Send the body as application/json.")


def idempotency_key(written: str) -> str:
    """Check an idempotency key: 1 to 255 visible ASCII characters. Raises KeyMissing, KeyMalformed."""
    if not written:
        raise KeyMissing("Send an Idempotency-Key that is new for each charge and the same when you repeat one.")
    if not _KEY.fullmatch(written):
        raise KeyMalformed("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    return written


def division(written: str, *, field: str = "division_id") -> int:
    """Read a division's id. Raises NotFound."""
    try:
        return ids.parse_integer("div", written)
    except errors.NotFound:
        raise errors.NotFound("There is no such division.", code="division_not_found", field=field) from None


def minor(asked: Money, currency: str) -> int:
    """Read an amount above zero in the customer's currency into minor units. Raises Invalid with a pointer."""
    if asked.currency != currency:
        raise errors.Invalid(f"This account is kept in {currency}.", code="currency_mismatch", field="amount/currency")
    if asked.amount != asked.amount.strip():
        raise errors.Invalid("Write the amount without blanks.", code="amount_malformed", field="amount/amount")
    amount_minor = money.parse(asked.amount, currency, field="amount/amount")
    if amount_minor == 0:
        raise errors.Invalid("The amount must be above zero.", code="amount_not_positive", field="amount/amount")
    return amount_minor


def amount(minor_units: int, currency: str) -> dict[str, str]:
    """Show an amount."""
    return {"amount": money.text(minor_units, currency), "currency": currency}


def instant(at: datetime) -> str:
    """Show an instant in UTC. Source: RFC 3339."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
