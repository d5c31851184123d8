"""Name what can go wrong: each refusal of the server as an exception of its own, with all that it said. Source: RFC 9457."""

from collections.abc import Mapping
from dataclasses import dataclass

from tallystick_client.money import Money


class TallystickError(Exception):
    """Be the root of all that this package raises on purpose."""


class NotUnderstood(TallystickError):
    """Say that the answer is not what this client knows: another server, or a newer one."""


class Unreachable(TallystickError):
    """Say that no answer came, after all tries. It may have happened: ask again with `idempotency_key`, and it happens once."""

    def __init__(self, sentence: str, *, idempotency_key: str | None) -> None:
        """Keep the key of the request."""
        super().__init__(sentence)
        self.idempotency_key = idempotency_key


@dataclass(frozen=True, slots=True)
class Wrong:
    """Point at one part of the request that has to be mended."""

    pointer: str
    detail: str


class Problem(TallystickError):
    """Hold a refusal: branch on `code`, show `detail`; `members` has all of it as it came."""

    def __init__(
        self, status: int, members: Mapping[str, object], *, retry_after_seconds: float | None = None, idempotency_key: str | None = None
    ) -> None:
        """Read a problem; whatever is missing of it is empty."""
        self.status = status
        self.members = members
        self.code = _text(members.get("code"))
        self.title = _text(members.get("title"))
        self.detail = _text(members.get("detail")) or self.title or f"The server answered {status}."
        self.type = _text(members.get("type")) or "about:blank"
        self.instance = _text(members.get("instance"))
        self.request_id = _text(members.get("request_id"))
        self.errors = _wrongs(members.get("errors"))
        self.retry_after_seconds = retry_after_seconds
        self.idempotency_key = idempotency_key
        super().__init__(f"{self.detail} ({status}{f' {self.code}' if self.code else ''})")


class Malformed(Problem):
    """Say that the request could not be read (400, 405, 413, 415)."""


class Unauthenticated(Problem):
    """Say that the key is missing, wrong, expired or revoked (401)."""


class InsufficientFunds(Problem):
    """Say that the amount is more than what is available (402), with the figures; None where the server does not tell."""

    @property
    def available(self) -> Money | None:
        """Tell what is available; it may be negative."""
        return _money(self.members.get("available"))

    @property
    def required(self) -> Money | None:
        """Tell what was asked for."""
        return _money(self.members.get("required"))

    @property
    def limit(self) -> Money | None:
        """Tell the credit limit."""
        return _money(self.members.get("limit"))

    @property
    def used_by_other_divisions(self) -> Money | None:
        """Tell how much of the limit other divisions use."""
        return _money(self.members.get("used_by_other_divisions"))


class NotAllowed(Problem):
    """Say that this key may not do this (403)."""


class NotFound(Problem):
    """Say that there is no such thing, or that this key does not see it (404)."""


class Conflict(Problem):
    """Say that it is not possible in the present state (409)."""


class Stale(Problem):
    """Say that it changed since it was looked at (412)."""


class Invalid(Problem):
    """Say that the request cannot be carried out as it is (422); `errors` point at what to mend."""


class MatchMissing(Problem):
    """Say that this is only done to what was looked at: send `if_match` (428)."""


class RateLimited(Problem):
    """Say that this key asks too often (429), even after waiting as long as the server said."""


class SpendingFuseOpen(Problem):
    """Say that the division's spending fuse is open (429): stop, a person has to close it. Never tried again by itself."""


class ServerFailed(Problem):
    """Say that the server failed or was away (5xx), after all tries. It may have happened: ask again with `idempotency_key`."""


_BY_STATUS: Mapping[int, type[Problem]] = {
    400: Malformed,
    401: Unauthenticated,
    402: InsufficientFunds,
    403: NotAllowed,
    404: NotFound,
    405: Malformed,
    409: Conflict,
    412: Stale,
    413: Malformed,
    415: Malformed,
    422: Invalid,
    428: MatchMissing,
    429: RateLimited,
}
_FAILED = 500


def problem(status: int, members: Mapping[str, object], *, retry_after_seconds: float | None = None, idempotency_key: str | None = None) -> Problem:
    """Make the exception of a refusal; an answer of the CertCentral face is read alike."""
    kind = ServerFailed if status >= _FAILED else _BY_STATUS.get(status, Problem)
    told = _certcentral(members) if "code" not in members else members
    if told.get("code") == "spending_fuse_open":
        kind = SpendingFuseOpen
    return kind(status, told, retry_after_seconds=retry_after_seconds, idempotency_key=idempotency_key)


def _certcentral(members: Mapping[str, object]) -> Mapping[str, object]:
    """Read `{"errors": [{"code", "message"}]}` as a problem."""
    errors = members.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, dict):
        return members
    return {"code": first.get("code"), "detail": first.get("message")}


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _money(found: object) -> Money | None:
    if not isinstance(found, dict) or not isinstance(found.get("amount"), str):
        return None
    return Money(found["amount"], _text(found.get("currency")))


def _wrongs(found: object) -> tuple[Wrong, ...]:
    listed = found if isinstance(found, list) else []
    return tuple(Wrong(_text(one.get("pointer")), _text(one.get("detail"))) for one in listed if isinstance(one, dict))
