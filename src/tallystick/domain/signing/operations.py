"""Make the key that signs a legal entity's documents, put another in its place, withdraw one that is no longer to be believed."""

from datetime import datetime

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit
from tallystick.domain.signing import models, rules
from tallystick.integrations.postgres import scope
from tallystick.integrations.signatures import keys
from tallystick.integrations.signatures.signing import Signer
from tallystick.lib import errors, texts

_WORKER = Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")


class KeyWithdrawn(errors.Conflict):
    """Say that a key was withdrawn before."""

    code = "signing_key_withdrawn"


@scope.retrying
def signer(*, legal_entity_id: int, secret: str, url: str, now: datetime) -> Signer:
    """Give what signs a legal entity's documents by now; its first key is made when it is first needed. Raises Locked."""
    with scope.of(_WORKER):
        row = _current(legal_entity_id) or _made(legal_entity_id, secret=secret, viewer=_WORKER, now=now)
        key_id, locked = row.key_id, bytes(row.locked or b"")
    return Signer(key_id, url, keys.unlock(locked, name=key_id, secret=secret))


@scope.retrying
def rotate_key(*, viewer: Viewer, legal_entity_id: int, secret: str, now: datetime) -> str:
    """Let another key sign from now on, and give its id. The private half of the one before is forgotten; its public half stays published.

    Raises NotAllowed, NotFound.
    """
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        if not customers.LegalEntity.objects.filter(id=legal_entity_id).exists():
            raise errors.NotFound(texts.marked("There is no such legal entity."))
        before = models.SigningKey.objects.select_for_update().filter(legal_entity_id=legal_entity_id, state=rules.State.CURRENT).first()
        if before is not None:
            _change(before, rules.ENDED, viewer, now, state=rules.State.ENDED, locked=None, ended_at=now)
        return _made(legal_entity_id, secret=secret, viewer=viewer, now=now).key_id


@scope.retrying
def withdraw_key(*, viewer: Viewer, key_id: str, now: datetime) -> None:
    """Tell the world that nothing this key signed is to be believed: somebody else may have it. Raises NotAllowed, NotFound, KeyWithdrawn."""
    permit(viewer, Act.ADMINISTER)
    with scope.of(viewer):
        row = models.SigningKey.objects.select_for_update().filter(key_id=key_id).first()
        if row is None:
            raise errors.NotFound(texts.marked("There is no such key."))
        if row.state == rules.State.WITHDRAWN:
            raise KeyWithdrawn(texts.marked("This key was withdrawn before."))
        _change(row, rules.WITHDRAWN, viewer, now, state=rules.State.WITHDRAWN, locked=None, ended_at=row.ended_at or now, withdrawn_at=now)


def _current(legal_entity_id: int) -> models.SigningKey | None:
    return models.SigningKey.objects.filter(legal_entity_id=legal_entity_id, state=rules.State.CURRENT).first()


def _made(legal_entity_id: int, *, secret: str, viewer: Viewer, now: datetime) -> models.SigningKey:
    """Write a new key; where another worker wrote one at the same moment, the whole operation runs again and finds it."""
    private, public = keys.make()
    key_id = keys.key_id(public)
    row = models.SigningKey(legal_entity_id=legal_entity_id, key_id=key_id, public=public, made_at=now)
    row.locked = keys.lock(private, name=key_id, secret=secret)
    row.save(force_insert=True)
    _record(key_id, rules.MADE, viewer, now)
    return row


def _change(row: models.SigningKey, kind: str, viewer: Viewer, now: datetime, **values: object) -> None:
    models.SigningKey.objects.filter(id=row.id).update(**values)
    _record(row.key_id, kind, viewer, now)


def _record(key_id: str, kind: str, viewer: Viewer, now: datetime) -> None:
    models.KeyChange.objects.create(key_id=key_id, kind=kind, changed_at=now, person_id=viewer.person_id, viewer_name=viewer.name)
