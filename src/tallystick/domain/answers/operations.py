"""Claim an idempotency key, keep what was answered to it, and give it again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

KEPT = timedelta(days=30)
_DEAD_AFTER = timedelta(minutes=2)
"""A request that has not ended by then died; the next one with its key takes its place."""
_OPERATOR = 0


class KeyReused(errors.Invalid):
    """Say that the key belongs to another request."""

    code = "idempotency_key_reused"


class StillRunning(errors.Conflict):
    """Say that the first request of this key has not ended."""

    code = "request_running"


@dataclass(frozen=True, slots=True)
class Asked:
    """Name a request: its key, and the mark of all that makes it this request and no other. `is_kept_forever` is for money that moves."""

    key: str
    fingerprint: str
    is_kept_forever: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold an answer as it was given."""

    status: int
    headers: dict[str, str]
    body: str


def fingerprint(*parts: bytes) -> str:
    """Mark a request: each part counts by itself, so that no two lists of parts look alike."""
    mark = hashlib.sha256()
    for part in parts:
        mark.update(b"%d:" % len(part))
        mark.update(part)
    return mark.hexdigest()


def claim(*, viewer: Viewer, asked: Asked, now: datetime) -> Kept | None:
    """Claim a key inside the scope of its effect: None where the effect is still to be had, else what was answered.

    Of two at once the second waits for the first. Raises KeyReused, StillRunning.
    """
    owner, name = _owner(viewer), _name(viewer, asked)
    until = None if asked.is_kept_forever else now + KEPT
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute("delete from answers_answer where customer_id = %s and key_sha256 = %s and kept_until < %s", [owner, name, now])
        cursor.execute(
            "insert into answers_answer (customer_id, id, key_sha256, fingerprint, headers, body, asked_at, kept_until)"
            " values (%s, %s, %s, %s, '{}', '', %s, %s) on conflict (customer_id, key_sha256) do nothing",
            [owner, ids.new(), name, asked.fingerprint, now, until],
        )
        if cursor.rowcount:
            return None
        cursor.execute(
            "select fingerprint, status, headers::text, body, asked_at from answers_answer where customer_id = %s and key_sha256 = %s for update",
            [owner, name],
        )
        known, status, headers, body, asked_at = cursor.fetchone() or ("", None, "{}", "", now)
        if known != asked.fingerprint:
            raise KeyReused(texts.marked("This Idempotency-Key was used for another request."))
        if status is not None:
            return Kept(status, json.loads(headers), body)
        if now - asked_at < _DEAD_AFTER:
            raise StillRunning(texts.marked("The first request with this Idempotency-Key still runs. Send it again in a moment."))
        cursor.execute("update answers_answer set asked_at = %s where customer_id = %s and key_sha256 = %s", [now, owner, name])
        return None


def keep(*, viewer: Viewer, asked: Asked, answered: Kept) -> None:
    """Keep what was answered, in the scope of the effect."""
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(
            "update answers_answer set status = %s, headers = %s, body = %s where customer_id = %s and key_sha256 = %s",
            [answered.status, json.dumps(answered.headers), answered.body, _owner(viewer), _name(viewer, asked)],
        )


def drop(*, viewer: Viewer, asked: Asked) -> None:
    """Give a claimed key back whose request had no effect."""
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(
            "delete from answers_answer where customer_id = %s and key_sha256 = %s and status is null", [_owner(viewer), _name(viewer, asked)]
        )


def prune(*, now: datetime, limit: int) -> int:
    """Forget at most so many answers whose time is over, of all customers and the operator's programs, the oldest first; tell how many."""
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        cursor.execute("select answers_prune(%s, %s)", [now, limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _owner(viewer: Viewer) -> int:
    return _OPERATOR if viewer.customer_id is None else viewer.customer_id


def _name(viewer: Viewer, asked: Asked) -> str:
    """Hash a key together with the divisions in sight, so that a narrower key is never given what a wider one was told."""
    reach = "all" if viewer.division_ids is None else ",".join(str(one) for one in sorted(viewer.division_ids))
    return fingerprint(reach.encode(), asked.key.encode())
