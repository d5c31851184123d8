"""Word the answers of this face: errors are a list of codes and messages, whatever the status."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a status, a JSON body, and the headers beside the content type."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"


def shown(content: object) -> Answer:
    """Show content as JSON in UTF-8."""
    return Answer(200, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def table(csv: bytes) -> Answer:
    """Show a list as CSV."""
    return Answer(200, csv, content_type="text/csv; charset=utf-8")


NOTHING = Answer(204, b"")


def error(status: int, code: str, message: str, *headers: tuple[str, str]) -> Answer:
    """Make an error of one code."""
    return Answer(status, json.dumps({"errors": [{"code": code, "message": message}]}, separators=(",", ":")).encode(), headers)


def _denied(status: int, reason: str) -> Answer:
    return error(status, f"access_denied|{reason}", f"Access denied due to {reason}.")


MISSING_KEY = _denied(401, "access_denied_missing_key")
INVALID_KEY = _denied(403, "access_denied_invalid_key")
MISSING_PERMISSION = _denied(403, "missing_permission")
MISSING_CONTAINER = error(
    400, "missing_required_parameter|container_id", "The parameter container_id is required: this account has several containers."
)
MALFORMED_CONTAINER = error(400, "bad_request_format", "The parameter container_id must be a whole number.")
NOT_FOUND = error(404, "not_found", "The specified entity was not found.")
NO_ROUTE = error(404, "not_found|route", "The specified route was not found.")
BROKEN = error(500, "internal_error", "Something went wrong on our side. We have been told.")
TOO_LARGE = error(413, "bad_request_format", "The body is larger than what is taken.")
UNREADABLE = error(400, "bad_request_format", "The request cannot be read.")
UNAVAILABLE = error(503, "service_unavailable", "The service is unavailable for the moment. Try again shortly.", ("Retry-After", "2"))


def wrong_method(allowed: str) -> Answer:
    """Say which method a known path takes; what can be got can be asked for its headers alone."""
    return error(405, "not_found|route", f"The specified route takes {allowed} only.", ("Allow", "GET, HEAD" if allowed == "GET" else allowed))


def limited(seconds: int) -> Answer:
    """Say that this key has asked too often, and when to come back."""
    return error(429, "request_limit_exceeded", "Service unavailable, please limit request volume", ("Retry-After", str(seconds)))
