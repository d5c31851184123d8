"""Keep users and the keys of programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick_client import requests
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Show a key; `starts_with` is all that is known of its secret. No divisions: all of its user's. No networks: from everywhere."""

    id: str
    kind: str
    name: str
    starts_with: str
    user_id: str
    scopes: tuple[str, ...]
    division_ids: tuple[str, ...] | None
    networks: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    follows_id: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMade(Key):
    """Show a new key with its secret, this once: None where an earlier try made it and its answer was lost. Revoke it then, and make another."""

    secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Show a user of a customer. No divisions: all of them."""

    id: str
    name: str
    email: str
    role: str
    division_ids: tuple[str, ...] | None
    is_active: bool
    etag: str = ""
    replayed: bool = False


class Keys[S](Resource[S]):
    """Make, list, rotate and revoke keys."""

    @Each
    def list(self) -> Listing[Key]:
        """Go through the keys."""
        return requests.listed(requests.at("keys"), Key)

    @Call
    def get(self, key_id: str) -> Request[Key]:
        """Open a key. Raises NotFound."""
        return requests.fetched(requests.at("keys", key_id), Key)

    @Call
    def make(
        self,
        *,
        name: str,
        scopes: Sequence[str],
        division_ids: Sequence[str] | None = None,
        networks: Sequence[str] = (),
        expires_at: datetime | None = None,
        user_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request[KeyMade]:
        """Make a key that may do no more than the one that asks. Raises Invalid, NotAllowed."""
        body = {"name": name, "scopes": scopes, "division_ids": division_ids, "networks": networks, "expires_at": expires_at, "user_id": user_id}
        return requests.sent(requests.at("keys"), KeyMade, body, idempotency_key=idempotency_key)

    @Call
    def rotate(self, key_id: str, *, overlap_hours: int = 24, idempotency_key: str | None = None) -> Request[KeyMade]:
        """Make a key in place of another; both work for a while. Raises Conflict, NotFound."""
        body = {"overlap_hours": overlap_hours}
        return requests.sent(requests.at("keys", key_id, "rotation"), KeyMade, body, idempotency_key=idempotency_key)

    @Call
    def revoke(self, key_id: str, *, idempotency_key: str | None = None) -> Request[Key]:
        """End a key at once. Raises NotFound."""
        return requests.sent(requests.at("keys", key_id, "revocation"), Key, idempotency_key=idempotency_key)


class Users[S](Resource[S]):
    """Invite users, and say what they may do."""

    @Each
    def list(self, *, customer: str | None = None) -> Listing[User]:
        """Go through the users of a customer."""
        return requests.listed(requests.at("users"), User, customer=customer)

    @Call
    def get(self, user_id: str, *, customer: str | None = None) -> Request[User]:
        """Open a user. Raises NotFound."""
        return requests.fetched(requests.at("users", user_id), User, customer=customer)

    @Call
    def invite(
        self,
        *,
        email: str,
        name: str,
        role: str,
        division_ids: Sequence[str] | None = None,
        customer_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request[User]:
        """Invite a person. Raises Invalid, Conflict."""
        body = {"email": email, "name": name, "role": role, "division_ids": division_ids, "customer_id": customer_id}
        return requests.sent(requests.at("users"), User, body, idempotency_key=idempotency_key)

    @Call
    def change(
        self,
        user_id: str,
        *,
        role: str,
        division_ids: Sequence[str] | None = None,
        is_active: bool = True,
        customer_id: str | None = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Request[User]:
        """Say what a user may do; all of it is sent, as it is to be. Inactive ones do nothing, and their keys neither. Raises Conflict, Stale."""
        body = {"role": role, "division_ids": division_ids, "is_active": is_active, "customer_id": customer_id}
        path = requests.at("users", user_id, "access")
        return requests.sent(path, User, body, if_match=if_match, idempotency_key=idempotency_key)
