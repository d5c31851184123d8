"""Decide what follows an answer or the lack of one: take it, ask again after a pause, or give up."""

import email.utils
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

import httpx

from tallystick_client import problems
from tallystick_client.requests import Request

_AGAIN = {429, 500, 502, 503, 504}
_RUNNING = "request_running"
_FUSE = "spending_fuse_open"


@dataclass(frozen=True, slots=True)
class Retries:
    """Bound how often and how long one request is tried. A pause is drawn between nothing and a length that doubles, up to the longest."""

    attempts: int = 5
    first_pause_seconds: float = 0.25
    longest_pause_seconds: float = 8.0
    patience_seconds: float = 60.0
    """How long all pauses of one request may take together; a server that asks for more is told no, and the refusal is raised."""


class Built(TypedDict):
    """Name what httpx builds a request from."""

    method: str
    url: str
    params: Mapping[str, str]
    content: bytes
    headers: dict[str, str]


class Trial[T]:
    """Follow one request through all its tries: the same bytes and the same idempotency key each time."""

    def __init__(self, request: Request[T], retries: Retries) -> None:
        """Make the key once, unless the caller named one."""
        self.key = (request.idempotency_key or str(uuid.uuid4())) if request.takes_key else None
        self._request = request
        self._retries = retries
        self._made = 0
        self._paused_seconds = 0.0

    def built(self, secret: str) -> Built:
        """Say what is sent, each time."""
        asked = self._request
        return {
            "method": asked.method,
            "url": asked.path,
            "params": asked.query,
            "content": asked.body,
            "headers": asked.headers(secret, self.key),
        }

    def read(self, outcome: httpx.Response | httpx.TransportError) -> T:
        """Read the answer. Raises NotUnderstood."""
        assert isinstance(outcome, httpx.Response), "after a failure comes a pause, or an exception"
        return self._request.read(outcome)

    def pause_after(self, outcome: httpx.Response | httpx.TransportError) -> float | None:
        """Give the seconds to wait before the next try, or None where the answer is to be read. Raises Problem, Unreachable."""
        self._made += 1
        if isinstance(outcome, httpx.Response):
            if outcome.is_success:
                return None
            asked = retry_after(outcome)
            refused = problems.problem(outcome.status_code, _members(outcome), retry_after_seconds=asked, idempotency_key=self.key)
            pause = self._pause(asked) if _passes(refused) else None
            if pause is None:
                raise refused
            return pause
        pause = self._pause(None)
        if pause is None:
            sentence = f"No answer came, {self._made} times: {type(outcome).__name__} {outcome}".rstrip()
            raise problems.Unreachable(sentence, idempotency_key=self.key) from outcome
        return pause

    def _pause(self, asked_seconds: float | None) -> float | None:
        """Draw a pause, never shorter than the server asked for; None where tries or patience are used up."""
        if self._made >= self._retries.attempts:
            return None
        longest = min(self._retries.first_pause_seconds * 2 ** (self._made - 1), self._retries.longest_pause_seconds)
        drawn = random.uniform(0, longest)  # noqa: S311 - spreads clients, guards nothing
        pause = drawn if asked_seconds is None else asked_seconds + drawn
        self._paused_seconds += pause
        return pause if self._paused_seconds <= self._retries.patience_seconds else None


def _passes(refused: problems.Problem) -> bool:
    """Tell whether a refusal may pass by itself. An open fuse never does: it stops programs that run away."""
    return refused.code == _RUNNING or (refused.status in _AGAIN and refused.code != _FUSE)


def retry_after(answer: httpx.Response) -> float | None:
    """Read Retry-After in seconds: a number or an instant. Source: RFC 9110 section 10.2.3."""
    written = answer.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdecimal():
        return float(written)
    try:
        at = email.utils.parsedate_to_datetime(written)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _members(answer: httpx.Response) -> Mapping[str, object]:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
