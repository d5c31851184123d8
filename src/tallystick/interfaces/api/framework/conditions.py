"""Compare what a program looked at with what is there now. Source: RFC 9110 section 13, RFC 6585 section 3."""

from django.http import HttpRequest

from tallystick.lib import errors


class Stale(errors.Conflict):
    """Say that the object changed since it was looked at."""

    code = "precondition_failed"


class MatchMissing(errors.Invalid):
    """Say that this is only done to what was looked at."""

    code = "if_match_missing"


def tag(*parts: object) -> str:
    """Make the mark of a state from what changes with it."""
    return '"' + "-".join(str(part) for part in parts) + '"'


def sent(request: HttpRequest, name: str) -> set[str]:
    """List the marks of If-Match or If-None-Match."""
    return {part.strip() for part in request.headers.get(name, "").split(",") if part.strip()}


def require_sent(request: HttpRequest) -> None:
    """Let pass only who says what they looked at. Raises MatchMissing."""
    if not sent(request, "If-Match"):
        raise MatchMissing("Send If-Match with the ETag of what you looked at.")


def require(request: HttpRequest, etag: str) -> None:
    """Let pass what was looked at, and who says nothing of it. Raises Stale."""
    marks = sent(request, "If-Match")
    if marks and etag not in marks and "*" not in marks:
        raise Stale("This changed since you looked at it. Get it again, and decide on what it is now.")
