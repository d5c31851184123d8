"""Let people and programs in: roles, one-time sign-in links, API keys. Secrets are shown once and kept as hashes."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers import models
from tallystick.domain.customers.operations import keys
from tallystick.domain.customers.rules import Act, CustomerRole, StaffRole, Viewer, ViewerKind, permit, standing
from tallystick.domain.events import operations as events
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts

LINK_LASTS = timedelta(days=2)


class LinkSpent(errors.NotAllowed):
    """Say that a sign-in link was used, has expired or never was."""

    code = "link_spent"


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

    `expected` is the mark (`rules.standing`) of what the form showed; empty asks for none. Nobody changes their own access.
    Raises NotAllowed, NotFound, MembershipChanged.
    """
    permit(viewer, Act.ADMINISTER if viewer.kind is ViewerKind.STAFF else Act.MANAGE_USERS)
    if viewer.kind in {ViewerKind.CUSTOMER, ViewerKind.KEY} and viewer.person_id == person_id:
        raise errors.NotAllowed(texts.marked("Ask another administrator to change your own access."))
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
        keys.follow_person(
            viewer=viewer, customer_id=customer_id, person_id=person_id, role=role, division_ids=membership.division_ids, is_active=is_active
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
        keys.follow_person(viewer=viewer, customer_id=None, person_id=person_id, role=role, division_ids=None, is_active=is_active)


def issue_sign_in_link(*, viewer: Viewer, person_id: int, now: datetime) -> str:
    """Make a one-time token that signs a person in, good for LINK_LASTS; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with scope.of(viewer):
        models.SignInLink.objects.create(token_sha256=keys.hash_of(token), person_id=person_id, expires_at=now + LINK_LASTS)
    return token


def spend_sign_in_link(*, token: str, now: datetime) -> int:
    """Use a one-time token up and tell whose it was; two uses at once have one winner. Raises LinkSpent."""
    found = models.SignInLink.objects.filter(token_sha256=keys.hash_of(token), used_at=None, expires_at__gt=now)
    person_id = found.values_list("person_id", flat=True).first()
    if person_id is None or not found.update(used_at=now):
        raise LinkSpent(texts.marked("This sign-in link was used already or has expired. Ask for a new one."))
    return person_id
