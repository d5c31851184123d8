"""Turn refusals into problem+json: the one table of refusal kind to status of this face. Source: RFC 9457."""

from collections.abc import Mapping

from tallystick.lib import errors, money

CONTENT_TYPE = "application/problem+json"
UNAUTHENTICATED = 401
INSUFFICIENT = 402
UNAVAILABLE = 503

_KINDS: tuple[tuple[type[errors.Refusal], int], ...] = (
    (errors.NotFound, 404),
    (errors.NotAllowed, 403),
    (errors.InsufficientFunds, 402),
    (errors.Conflict, 409),
    (errors.Invalid, 422),
)
_CODES = {
    "body_malformed": 400,
    "idempotency_key_missing": 400,
    "idempotency_key_malformed": 400,
    "unauthenticated": 401,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "content_type_unsupported": 415,
    "idempotency_key_reused": 422,
    "precondition_failed": 412,
    "stale": 412,
    "if_match_missing": 428,
    "rate_limited": 429,
    "spending_fuse_open": 429,
    "unavailable": 503,
}
"""Codes whose status is not that of their kind."""

_TITLES = {
    400: "The request cannot be read",
    401: "The key is missing or not valid",
    402: "Not enough available funds",
    403: "This key may not do this",
    404: "Not found",
    405: "The method is not allowed here",
    409: "Not possible in the present state",
    412: "It changed since it was looked at",
    413: "The request is too large",
    415: "The body is of another type",
    422: "The request cannot be carried out as it is",
    428: "Say what was looked at",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Not available for the moment",
}
_POINTERS = {"division": "division_id"}
_FIGURES = {"available_minor": "available", "required_minor": "required", "limit_minor": "limit", "used_by_others_minor": "used_by_other_divisions"}


class Unauthenticated(errors.NotAllowed):
    """Say that no live key came with the request."""

    code = "unauthenticated"


class Unavailable(errors.Refusal):
    """Say that the database cannot answer for the moment; to be asked again with the same key."""

    code = "unavailable"


def status(refusal: errors.Refusal) -> int:
    """Tell the status of a refusal."""
    if refusal.code in _CODES:
        return _CODES[refusal.code]
    return next((number for kind, number in _KINDS if isinstance(refusal, kind)), 500)


def title(number: int) -> str:
    """Say what a status means."""
    return _TITLES[number]


def shown(refusal: errors.Refusal) -> dict[str, object]:
    """Show a refusal, as an answer of its own or as one element of a batch; programs are answered in English, whatever language is active."""
    number = status(refusal)
    made: dict[str, object] = {
        "type": f"urn:tallystick:problem:{refusal.code}",
        "title": _TITLES[number],
        "status": number,
        "detail": str(refusal.sentence),
        "code": refusal.code,
    }
    wrong = _errors(refusal)
    if wrong:
        made["errors"] = wrong
    if isinstance(refusal, errors.InsufficientFunds):
        made.update(_figures(refusal.facts))
    return made


def _errors(refusal: errors.Refusal) -> list[dict[str, str]]:
    fields = refusal.fields if isinstance(refusal, errors.InvalidFields) else {refusal.field: refusal.sentence} if refusal.field is not None else {}
    return [{"pointer": pointer(field), "detail": str(sentence)} for field, sentence in fields.items()]


def pointer(field: str) -> str:
    """Point into the body of the request; a parameter is named behind a question mark. Source: RFC 6901."""
    if field.startswith("?"):
        return field
    name = _POINTERS.get(field, field)
    return f"/{name}" if name else ""


def _figures(facts: Mapping[str, object]) -> dict[str, object]:
    currency = str(facts["currency"])
    return {
        name: {"amount": money.text(value, currency), "currency": currency} if isinstance(value, int) else None
        for fact, name in _FIGURES.items()
        for value in (facts.get(fact),)
    }
