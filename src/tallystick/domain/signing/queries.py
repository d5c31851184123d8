"""Ask for the public keys: to publish them, and to check documents with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.signing import models
from tallystick.integrations.postgres import scope
from tallystick.integrations.signatures.keys import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """Show a key as the operator's list has it."""

    key_id: str
    legal_entity_id: int
    legal_entity_name: str
    state: str
    made_at: datetime
    ended_at: datetime | None
    withdrawn_at: datetime | None


_SHOWN = ("legal_entity_id", "legal_entity__name", "key_id", "state", "made_at", "ended_at", "withdrawn_at")


def published() -> list[Published]:
    """Give every public key that ever signed, newest first: documents are kept for ten years, and so are the keys that prove them."""
    rows = models.SigningKey.objects.order_by("-id").values_list(*_SHOWN, "public")
    return [
        Published(
            key_id=key_id,
            public=bytes(public),
            issuer=issuer,
            valid_from=_instant(made_at),
            valid_until=_instant(ended_at),
            withdrawn_at=_instant(withdrawn_at),
        )
        for _, issuer, key_id, _, made_at, ended_at, withdrawn_at, public in rows
    ]


def signing_keys(*, viewer: Viewer) -> Sequence[SigningKey]:
    """List the keys of all legal entities, newest first. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.SigningKey.objects.order_by("-id").values_list(*_SHOWN)
        return [
            SigningKey(
                key_id=key_id,
                legal_entity_id=legal_entity_id,
                legal_entity_name=name,
                state=state,
                made_at=made_at,
                ended_at=ended_at,
                withdrawn_at=withdrawn_at,
            )
            for legal_entity_id, name, key_id, state, made_at, ended_at, withdrawn_at in rows
        ]


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
