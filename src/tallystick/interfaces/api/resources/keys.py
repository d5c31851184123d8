"""Keys: list, make, rotate and revoke them; the operator's programs keep the operator's.

A secret is shown in the first answer alone: what a repeat of the request is answered has none.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from pydantic import ConfigDict, Field

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.integrations.postgres import scope
from tallystick.interfaces import callers as origin
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, conditions, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Moment, Shape
from tallystick.lib import errors, ids

keys = resource.Resource("keys", tag="Keys", prefix="/keys")
RESOURCES = (keys,)
_FIELDS = {"divisions": "division_ids", "person": "user_id", "overlap": "overlap_hours"}


class KeyAsked(Body):
    """Make a key: its scopes and divisions narrow what the asking key may do, and it neither outlives it nor is usable from elsewhere."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Till 7", "scopes": ["balance:read"]}]})

    name: Line = Field(examples=["Till 7"])
    scopes: list[Line] = Field(min_length=1, max_length=100, examples=[["balance:read", "charges:write"]])
    division_ids: list[Line] | None = Field(None, max_length=1000, description="None: all divisions of the asking key.")
    networks: list[Line] = Field(default_factory=list, max_length=50, examples=[["192.0.2.0/24"]], description="None: from everywhere.")
    expires_at: Annotated[Moment, Field(strict=False)] | None = None
    user_id: Line | None = Field(
        None, description="The operator's programs only: the member of staff whose role it has; else that of the asking key."
    )


class RotationAsked(Body):
    """Put another key in the place of one, which goes on for so many hours."""

    overlap_hours: int = Field(24, ge=0, le=720, examples=[24])


class Key(Shape):
    """Show a key by its first letters; the whole is never shown again."""

    id: str
    kind: rules.KeyKind
    name: str
    starts_with: str
    user_id: str
    scopes: list[str]
    division_ids: list[str] | None
    networks: list[str]
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    revoked_at: Instant | None
    follows_id: str | None = Field(description="The key in whose place this one was made.")


class KeyMade(Key):
    """Show a new key, this one time."""

    secret: str | None = Field(description="Null in the answer to a repeat: it is kept nowhere. Where it was lost, revoke the key and make another.")


@keys.reading("", answers=shapes.Listed[Key])
def list_keys(request: HttpRequest) -> Told:
    """List the keys that the asking one may manage, the newest 200 first."""
    found = queries.keys(viewer=callers.of(request).viewer)
    return Told(content=shapes.Listed[Key](rows=[_key(one) for one in found], has_more=False))


@keys.reading("/{key_id}", answers=Key)
def get_key(request: HttpRequest, key_id: str) -> Told:
    """Open a key."""
    return _told(callers.of(request).viewer, ids.parse("key", key_id))


@keys.writing("", answers=KeyMade, status=201)
def make_key(request: HttpRequest, asked: KeyAsked) -> Act:
    """Make a key. Its secret is in this answer, and nowhere else."""
    caller = callers.of(request)
    viewer, own_id = caller.viewer, UUID(caller.facts.key_id)
    terms = operations.KeyTerms(
        scopes=tuple(asked.scopes),
        division_ids=None if asked.division_ids is None else tuple(words.division(one, field="division_ids") for one in asked.division_ids),
        networks=tuple(asked.networks),
        expires_at=asked.expires_at,
        mode=origin.key_mode(),
    )
    if asked.user_id is not None and viewer.kind is not ViewerKind.STAFF:
        raise errors.Invalid("Only the operator's programs name a user: a customer's key is that of the asking key's user.", field="user_id")
    if terms.expires_at is not None and terms.expires_at <= _now():
        raise errors.Invalid("This instant is past.", field="expires_at")

    def act() -> Told:
        try:
            if viewer.kind is ViewerKind.STAFF:
                person_id = viewer.person_id if asked.user_id is None else ids.parse_integer("usr", asked.user_id)
                made = operations.make_operator_key(viewer=viewer, person_id=person_id or 0, name=asked.name, terms=terms, by_key_id=own_id)
            else:
                made = operations.make_key(viewer=viewer, name=asked.name, terms=terms, by_key_id=own_id)
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        return _made(viewer, made)

    return act


@keys.writing("/{key_id}/rotation", answers=KeyMade, status=201)
def rotate_key(request: HttpRequest, key_id: str, asked: RotationAsked) -> Act:
    """Make a key of the same terms in place of another: both work until the overlap is over."""
    caller, old_id = callers.of(request), ids.parse("key", key_id)
    viewer, own_id, overlap = caller.viewer, UUID(caller.facts.key_id), timedelta(hours=asked.overlap_hours)

    def act() -> Told:
        queries.key(viewer=viewer, key_id=old_id)  # the operator's programs keep the operator's keys: of customers' they learn nothing
        try:
            made = operations.rotate_key(viewer=viewer, key_id=old_id, overlap=overlap, now=_now(), by_key_id=own_id)
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        return _made(viewer, made)

    return act


@keys.writing("/{key_id}/revocation", answers=Key)
def revoke_key(request: HttpRequest, key_id: str) -> Act:
    """End a key for good: within a second no server takes it any more."""
    viewer, old_id = callers.of(request).viewer, ids.parse("key", key_id)

    def act() -> Told:
        queries.key(viewer=viewer, key_id=old_id)
        operations.revoke_key(viewer=viewer, key_id=old_id, now=_now())
        return _told(viewer, old_id)

    return act


def _told(viewer: Viewer, key_id: UUID) -> Told:
    scope.write_gathered()
    found = queries.key(viewer=viewer, key_id=key_id)
    return Told(
        content=_key(found), etag=conditions.tag(ids.public("key", found.id), found.expires_at, found.revoked_at, *(found.division_ids or ()))
    )


def _made(viewer: Viewer, made: operations.NewKey) -> Told:
    scope.write_gathered()
    shown = _key(queries.key(viewer=viewer, key_id=made.id)).model_dump()
    first, again = (KeyMade.model_validate({**shown, "secret": secret}) for secret in (made.secret, None))
    return Told(content=first, repeated=again, headers={"Location": f"/api/v1/keys/{ids.public('key', made.id)}"})


def _key(kept: queries.Key) -> Key:
    return Key(
        id=ids.public("key", kept.id),
        kind=rules.KeyKind(kept.kind),
        name=kept.name,
        starts_with=kept.shown_start,
        user_id=ids.public("usr", kept.person_id),
        scopes=list(kept.scopes),
        division_ids=None if kept.division_ids is None else [ids.public("div", one) for one in kept.division_ids],
        networks=list(kept.networks),
        created_at=kept.created_at,
        expires_at=kept.expires_at,
        last_used_at=kept.last_used_at,
        revoked_at=kept.revoked_at,
        follows_id=None if kept.follows_id is None else ids.public("key", kept.follows_id),
    )


def _now() -> datetime:
    return datetime.now(UTC)
