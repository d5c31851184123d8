"""Let people and programs in: roles, one-time sign-in links, API keys. Secrets are shown once and kept as hashes."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers import models
from tallystick.domain.customers.rules import Act, CustomerRole, StaffRole, Viewer, ViewerKind, owner, permit, standing
from tallystick.domain.events import operations as events
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

LINK_LASTS = timedelta(days=2)


class LinkSpent(errors.NotAllowed):
    """Say that a sign-in link was used, has expired or never was."""

    code = "link_spent"


@dataclass(frozen=True, slots=True)
class NewKey:
    """Show a key this one time."""

    id: UUID
    secret: str


class MembershipChanged(errors.Conflict):
    """Say that a colleague changed the user's rights since the form was opened."""

    code = "membership_changed"


def set_membership(
    *,
    viewer: Viewer,
    customer_id: int,
    person_id: int,
    role: CustomerRole,
    division_ids: Sequence[int] | None = None,
    is_active: bool = True,
    expected: str = "",
) -> UUID:
    """Let a person work for a customer in a role, restricted to divisions or not (None); or stop it.

    `expected` is the mark (`rules.standing`) of what the form showed; empty asks for none. Raises NotAllowed, NotFound, MembershipChanged.
    """
    permit(viewer, Act.ADMINISTER if viewer.kind is ViewerKind.STAFF else Act.MANAGE_USERS)
    if viewer.division_ids is not None and (division_ids is None or not viewer.division_ids.issuperset(division_ids)):
        raise errors.NotAllowed(texts.marked("You can give access to your own divisions only."), field="divisions")
    with scope.of(viewer):
        if division_ids is not None:
            known = models.Division.objects.filter(customer_id=customer_id, id__in=list(division_ids)).count()
            if known != len(set(division_ids)):
                raise errors.NotFound(texts.marked("There is no such division."), field="divisions")
        held = models.Membership.objects.select_for_update(no_key=True).filter(customer_id=customer_id, person_id=person_id).first()
        if expected and held and expected != standing(held.role, held.division_ids, is_active=held.is_active):
            raise MembershipChanged(
                texts.marked("Someone changed these rights meanwhile. Open the form again, look at what they did, and send yours then.")
            )
        membership, _ = models.Membership.objects.update_or_create(
            customer_id=customer_id,
            person_id=person_id,
            defaults={"role": role, "division_ids": sorted(set(division_ids)) if division_ids is not None else None, "is_active": is_active},
        )
        events.record(
            customer_id=customer_id,
            kind="membership.set",
            subject_id=ids.public("usr", person_id),
            facts={"role": role, "divisions": list(division_ids) if division_ids is not None else None, "active": is_active},
            viewer=viewer,
        )
    return membership.id


def set_staff(*, viewer: Viewer, person_id: int, role: StaffRole, is_active: bool = True) -> None:
    """Give a person a role on the operator's side, or take it away. Raises NotAllowed."""
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        models.Staff.objects.update_or_create(person_id=person_id, defaults={"role": role, "is_active": is_active})


def issue_sign_in_link(*, viewer: Viewer, person_id: int, now: datetime) -> str:
    """Make a one-time token that signs a person in, good for LINK_LASTS; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with scope.of(viewer):
        models.SignInLink.objects.create(token_sha256=_sha256(token), person_id=person_id, expires_at=now + LINK_LASTS)
    return token


def spend_sign_in_link(*, token: str, now: datetime) -> int:
    """Use a one-time token up and tell whose it was; two uses at once have one winner. Raises LinkSpent."""
    found = models.SignInLink.objects.filter(token_sha256=_sha256(token), used_at=None, expires_at__gt=now)
    person_id = found.values_list("person_id", flat=True).first()
    if person_id is None or not found.update(used_at=now):
        raise LinkSpent(texts.marked("This sign-in link was used already or has expired. Ask for a new one."))
    return person_id


def issue_key(
    *, viewer: Viewer, name: str, acts: Sequence[Act], division_ids: Sequence[int] | None = None, expires_at: datetime | None = None
) -> NewKey:
    """Make a key with rights of the person who makes it, at most: its acts and divisions narrow them. Shown once. Raises NotAllowed, Invalid."""
    permit(viewer, Act.MANAGE_KEYS)
    if viewer.customer_id is None or viewer.person_id is None or viewer.role is None:
        raise errors.NotAllowed(texts.marked("Keys belong to a person of a customer."))
    if not name.strip():
        raise errors.Invalid(texts.marked("Name the program that will use this key."), field="name")
    if viewer.division_ids is not None and division_ids is None:
        division_ids = sorted(viewer.division_ids)
    if viewer.division_ids is not None and division_ids is not None and not viewer.division_ids.issuperset(division_ids):
        raise errors.NotAllowed(texts.marked("A key reaches your own divisions only."), field="divisions")
    secret = f"tsk_live_{secrets.token_urlsafe(32)}"
    with scope.of(viewer):
        key = models.ApiKey.objects.create(
            sha256=_sha256(secret),
            shown_start=secret[:13],
            name=name.strip(),
            customer_id=viewer.customer_id,
            person_id=viewer.person_id,
            role=viewer.role,
            division_ids=list(division_ids) if division_ids is not None else None,
            acts=[str(act) for act in acts],
            expires_at=expires_at,
        )
        _record_key(key, "key.issued", viewer)
    return NewKey(key.id, secret)


def revoke_key(*, viewer: Viewer, key_id: UUID, now: datetime) -> None:
    """End a key at once; ended ones stay ended. Raises NotAllowed, NotFound."""
    permit(viewer, Act.MANAGE_KEYS)
    with scope.of(viewer):
        key = models.ApiKey.objects.filter(id=key_id, customer_id=owner(viewer)).first()
        own = key is not None and (viewer.role is CustomerRole.ADMINISTRATOR or key.person_id == viewer.person_id)
        if key is None or not own:
            raise errors.NotFound(texts.marked("There is no such key."))
        if models.ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=now):
            _record_key(key, "key.revoked", viewer)


def _record_key(key: models.ApiKey, kind: str, viewer: Viewer) -> None:
    facts = {"name": key.name, "starts_with": key.shown_start, "acts": key.acts, "divisions": key.division_ids}
    events.record(customer_id=key.customer_id, kind=kind, subject_id=ids.public("key", key.id), facts=facts, viewer=viewer)


def _sha256(secret: str) -> bytes:
    # 256 random bits need no salt and no slow hash: there is nothing to guess
    return hashlib.sha256(secret.encode()).digest()
