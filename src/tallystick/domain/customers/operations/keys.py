"""Make keys for programs, rotate and revoke them; each is shown once, and all that is done to them is on record."""

import dataclasses
import hashlib
import ipaddress
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import Connection

from tallystick.domain.customers import models, rules
from tallystick.domain.customers.rules import Act, CustomerRole, KeyKind, KeyMode, Viewer, ViewerKind, owner, permit
from tallystick.domain.events import operations as events
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

LONGEST_OVERLAP = timedelta(days=30)
MOST_NETWORKS = 50
_SHOWN = 13
"""Letters of a key that stay to be seen: its kind, its mode, and four more."""


class KeyEnded(errors.Conflict):
    """Say that a key was revoked or has expired, and cannot be rotated."""

    code = "key_ended"


@dataclass(frozen=True, slots=True)
class NewKey:
    """Show a key this one time."""

    id: UUID
    secret: str


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Say what a key may do, in which divisions (None: all of its person's), from where (empty: everywhere), until when, and in which mode."""

    scopes: tuple[str, ...]
    division_ids: tuple[int, ...] | None = None
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    mode: KeyMode = KeyMode.LIVE


def issue_key(
    *, viewer: Viewer, name: str, acts: Sequence[Act], division_ids: Sequence[int] | None = None, expires_at: datetime | None = None
) -> NewKey:
    """Make a key by whole acts, of all the scopes that they mean. Raises NotAllowed, NotFound, Invalid."""
    divisions = None if division_ids is None else tuple(division_ids)
    return make_key(viewer=viewer, name=name, terms=KeyTerms(tuple(sorted(rules.scopes_of(acts))), divisions, expires_at=expires_at))


def make_key(*, viewer: Viewer, name: str, terms: KeyTerms, by_key_id: UUID | None = None) -> NewKey:
    """Make a key with rights of the person who makes it, at most: its scopes and divisions narrow them. Shown once.

    A program makes keys with its own (`by_key_id`): none outlives that one, and none is usable from elsewhere.
    Raises NotAllowed, NotFound, Invalid.
    """
    permit(viewer, Act.MANAGE_KEYS)
    if viewer.customer_id is None or viewer.person_id is None or viewer.role is None:
        raise errors.NotAllowed(texts.marked("Keys belong to a person of a customer."))
    with scope.of(viewer):
        kept = dataclasses.replace(_within(by_key_id, terms), division_ids=_divisions(viewer, terms.division_ids))
        _check_scopes(viewer, kept.scopes)
        key = models.ApiKey(customer_id=viewer.customer_id, person_id=viewer.person_id, role=viewer.role)
        return _made(key, name, kept, viewer)


def make_operator_key(*, viewer: Viewer, person_id: int, name: str, terms: KeyTerms, by_key_id: UUID | None = None) -> NewKey:
    """Make a key for a program of the operator's, with the role of a member of staff at most; `by_key_id` as with `make_key`.

    Raises NotAllowed, NotFound, Invalid.
    """
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        role = models.Staff.objects.filter(person_id=person_id, is_active=True).values_list("role", flat=True).first()
        if role is None:
            raise errors.NotFound(texts.marked("There is no such person."), field="person")
        kept = dataclasses.replace(_within(by_key_id, terms), division_ids=None)
        if viewer.scopes is not None:
            _check_scopes(viewer, kept.scopes)
        return _made(models.ApiKey(kind=KeyKind.OPERATOR, person_id=person_id, role=role), name, kept, viewer)


def rotate_key(*, viewer: Viewer, key_id: UUID, overlap: timedelta, now: datetime, by_key_id: UUID | None = None) -> NewKey:
    """Make a key of the same terms in place of another, which goes on for `overlap` (none: it ends at once). Shown once.

    A key that was made to expire is followed by one that lives as long. A program rotates its own key (`by_key_id`), and those that it could make.
    Raises NotAllowed, NotFound, KeyEnded, Invalid.
    """
    _permit_keys(viewer)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise errors.Invalid(texts.marked("Both keys work together for %(days)s days at most.", days=LONGEST_OVERLAP.days), field="overlap")
    with scope.of(viewer):
        old = _found(viewer, key_id)
        if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
            raise KeyEnded(texts.marked("This key has ended already. Make a new one."))
        _check_reach(viewer, old)
        ends_at = now + overlap if old.expires_at is None else min(old.expires_at, now + overlap)
        lives = None if old.expires_at is None else now + (old.expires_at - old.created_at)
        mode = KeyMode.TEST if f"_{KeyMode.TEST}_" in old.shown_start else KeyMode.LIVE
        divisions = None if old.division_ids is None else tuple(old.division_ids)
        key = models.ApiKey(kind=old.kind, customer_id=old.customer_id, person_id=old.person_id, role=old.role, follows_id=old.id)
        terms = KeyTerms(tuple(old.scopes), divisions, tuple(old.networks), lives, mode)
        if by_key_id not in {None, old.id} and _within(by_key_id, terms) != terms:
            raise errors.NotAllowed(texts.marked("A key may do what you may do, at most."))
        made = _made(key, old.name, terms, viewer)
        models.ApiKey.objects.filter(id=old.id).update(expires_at=ends_at)
        _record(old, "key.rotated", viewer, followed_by=ids.public("key", made.id), ends_at=ends_at.isoformat())
    return made


def revoke_key(*, viewer: Viewer, key_id: UUID, now: datetime) -> None:
    """End a key at once; ended ones stay ended. Raises NotAllowed, NotFound."""
    _permit_keys(viewer)
    with scope.of(viewer):
        _revoke([_found(viewer, key_id)], viewer, now)


def follow_person(
    *, viewer: Viewer, customer_id: int | None, person_id: int, role: str, division_ids: Collection[int] | None, is_active: bool
) -> None:
    """Let a person's keys follow what the person may do by now: end them, or take role and divisions away. Inside the running scope.

    A key never gets more divisions by itself. Its last second in the memory of a server is the one that every revocation has.
    """
    for key in models.ApiKey.objects.select_for_update(no_key=True).filter(customer_id=customer_id, person_id=person_id, revoked_at=None):
        if not is_active:
            with scope.cursor() as cursor:
                cursor.execute("select ledger_now()")
                _revoke([key], viewer, cursor.fetchone()[0])
            continue
        held = key.division_ids
        narrowed = held if division_ids is None else sorted(division_ids if held is None else set(held) & set(division_ids))
        if (key.role, held) != (str(role), narrowed):
            models.ApiKey.objects.filter(id=key.id).update(role=role, division_ids=narrowed)
            _record(key, "key.narrowed", viewer, role=str(role), divisions=narrowed)


def mark_used(*, connection: Connection[tuple[object, ...]], key_ids: Collection[str], now: datetime) -> None:
    """Remember when keys were last used, to about a minute, in one statement."""
    connection.execute(
        "update customers_apikey set last_used_at = %s where id = any(%s::uuid[]) and coalesce(last_used_at < %s, true)",
        [now, sorted(key_ids), now - timedelta(seconds=50)],
    )


def _permit_keys(viewer: Viewer) -> None:
    permit(viewer, Act.ADMINISTER if viewer.kind is ViewerKind.STAFF else Act.MANAGE_KEYS)


def _found(viewer: Viewer, key_id: UUID) -> models.ApiKey:
    """Lock a key that the viewer may manage: an administrator all of the customer's, others their own; the operator's administrators any."""
    rows = models.ApiKey.objects.select_for_update(no_key=True).filter(id=key_id)
    key = rows.first() if viewer.kind is ViewerKind.STAFF else rows.filter(customer_id=owner(viewer)).first()
    own = key is not None and (viewer.kind is ViewerKind.STAFF or viewer.role is CustomerRole.ADMINISTRATOR or key.person_id == viewer.person_id)
    if key is None or not own:
        raise errors.NotFound(texts.marked("There is no such key."))
    return key


def _divisions(viewer: Viewer, wanted: Sequence[int] | None) -> tuple[int, ...] | None:
    if wanted is None:
        return None if viewer.division_ids is None else tuple(sorted(viewer.division_ids))
    if viewer.division_ids is not None and not viewer.division_ids.issuperset(wanted):
        raise errors.NotAllowed(texts.marked("A key reaches your own divisions only."), field="divisions")
    if models.Division.objects.filter(customer_id=owner(viewer), id__in=list(wanted)).count() != len(set(wanted)):
        raise errors.NotFound(texts.marked("There is no such division."), field="divisions")
    return tuple(sorted(set(wanted)))


def _within(by_key_id: UUID | None, terms: KeyTerms) -> KeyTerms:
    """Give a key that a program makes the end and the addresses of the program's own, unless it asks for less. Raises NotAllowed for more."""
    if by_key_id is None:
        return terms
    own = models.ApiKey.objects.get(id=by_key_id)
    ends_at = terms.expires_at or own.expires_at
    if own.expires_at is not None and ends_at is not None and ends_at > own.expires_at:
        raise errors.NotAllowed(texts.marked("A key may do what you may do, at most."), field="expires_at")
    reach = [ipaddress.ip_network(one) for one in own.networks]
    wanted = [ipaddress.ip_network(one) for one in _networks(terms.networks)] or reach
    if reach and not all(any(one.version == whole.version and one.subnet_of(whole) for whole in reach) for one in wanted):  # type: ignore[arg-type]
        raise errors.NotAllowed(texts.marked("A key may do what you may do, at most."), field="networks")
    return dataclasses.replace(terms, expires_at=ends_at, networks=tuple(str(one) for one in wanted))


def _check_scopes(viewer: Viewer, wanted: Collection[str]) -> None:
    """Let pass what the viewer may do. Raises NotAllowed; an act that takes no role of a person's needs none, and staff act by other ones."""
    is_staff = viewer.kind is ViewerKind.STAFF
    missing = {act for act in rules.acts_of(_known(wanted)) - {Act.CHARGE} if not is_staff and not rules.permits(viewer, act)}
    beyond = [one for one in wanted if not rules.key_permits(viewer, one.partition(":")[0], rules.Right(one.partition(":")[2]))]
    if missing or beyond:
        raise errors.NotAllowed(texts.marked("A key may do what you may do, at most."), field="scopes")


def _known(wanted: Collection[str]) -> Collection[str]:
    unknown = next((one for one in wanted if one not in rules.SCOPES), None)
    if unknown is not None or not wanted:
        raise errors.Invalid(texts.marked("Choose what the key may do."), field="scopes", facts={"unknown": unknown})
    return wanted


def _check_reach(viewer: Viewer, old: models.ApiKey) -> None:
    """Let nobody get a key by rotation that they could not make."""
    if viewer.scopes is not None or viewer.kind is not ViewerKind.STAFF:
        _check_scopes(viewer, old.scopes)
    if viewer.division_ids is not None and (old.division_ids is None or not viewer.division_ids.issuperset(old.division_ids)):
        raise errors.NotAllowed(texts.marked("A key reaches your own divisions only."), field="divisions")


def _networks(wanted: Sequence[str]) -> list[str]:
    try:
        found = [str(ipaddress.ip_network(one.strip(), strict=False)) for one in wanted if one.strip()]
    except ValueError:
        raise errors.Invalid(texts.marked("Write each address as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."), field="networks") from None
    if len(found) > MOST_NETWORKS:
        raise errors.Invalid(texts.marked("A key takes %(most)s addresses at most.", most=MOST_NETWORKS), field="networks")
    return list(dict.fromkeys(found))


def _made(key: models.ApiKey, name: str, terms: KeyTerms, viewer: Viewer) -> NewKey:
    if not name.strip():
        raise errors.Invalid(texts.marked("Name the program that will use this key."), field="name")
    secret = f"{rules.KEY_STARTS[KeyKind(key.kind)]}_{terms.mode}_{secrets.token_urlsafe(32)}"
    key.name, key.sha256, key.shown_start = name.strip(), hash_of(secret), secret[:_SHOWN]
    key.scopes, key.networks, key.expires_at = sorted(set(_known(terms.scopes))), _networks(terms.networks), terms.expires_at
    key.division_ids = None if terms.division_ids is None else list(terms.division_ids)
    key.save(force_insert=True)
    _record(key, "key.issued", viewer)
    return NewKey(key.id, secret)


def _revoke(keys: Sequence[models.ApiKey], viewer: Viewer, now: datetime) -> None:
    for key in keys:
        if models.ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=now):
            _record(key, "key.revoked", viewer)


def _record(key: models.ApiKey, kind: str, viewer: Viewer, **more: object) -> None:
    facts = {
        "name": key.name,
        "starts_with": key.shown_start,
        "scopes": key.scopes,
        "divisions": key.division_ids,
        "networks": key.networks,
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
        **more,
    }
    if key.customer_id is None:
        models.KeyChange.objects.create(key_id=key.id, kind=kind, facts=facts, person_id=viewer.person_id, viewer_name=viewer.name)
    else:
        events.record(customer_id=key.customer_id, kind=kind, subject_id=ids.public("key", key.id), facts=facts, viewer=viewer)


def hash_of(secret: str) -> bytes:
    """Give what is kept of a secret."""
    # 256 random bits need no salt and no slow hash: there is nothing to guess
    return hashlib.sha256(secret.encode()).digest()
