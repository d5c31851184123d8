"""Make, rotate and withdraw the keys that sign: one at a time, the private half locked and forgotten, the public half published for ever."""

import psycopg
import pytest
from django.db import connections
from django.db.utils import ProgrammingError

import given
from domain.payments.world import ADMIN, CLERK, NOW
from tallystick.domain.signing import operations, queries, rules
from tallystick.integrations.signatures import keys
from tallystick.integrations.signatures.signing import Signer
from tallystick.lib import errors

SECRET = "the installation's secret, of many characters"
URL = "https://pay.example"


def signer(entity: int, secret: str = SECRET) -> Signer:
    """Sign as the worker does."""
    return operations.signer(legal_entity_id=entity, secret=secret, url=URL, now=NOW)


def published(key_id: str) -> keys.Published:
    """Find a key where everybody finds it."""
    return next(key for key in queries.published() if key.key_id == key_id)


def test_the_first_key_is_made_when_it_is_needed_and_stays() -> None:
    """Once, also where two workers need it at the same moment; it is published with its owner's name."""
    entity = given.legal_entity()
    made = given.in_threads([lambda: signer(entity) for _ in range(4)])
    assert all(isinstance(one, Signer) for one in made)
    assert len({one.key for one in made if isinstance(one, Signer)}) == 1
    key = published(signer(entity).key)
    assert (key.issuer, key.valid_until, key.withdrawn_at) == ("Tally Inc.", "", "")
    assert key.signed(keys.sign(signer(entity).private, b"x"), b"x")


def test_each_legal_entity_has_its_own() -> None:
    """A document of one is no document of the other."""
    assert signer(given.legal_entity()).key != signer(given.legal_entity()).key


def test_a_rotated_key_signs_no_more_and_stays_published(database: dict[str, str]) -> None:
    """Its private half is gone from the table; who did it stands on record."""
    entity = given.legal_entity()
    first = signer(entity)
    second = operations.rotate_key(viewer=ADMIN, legal_entity_id=entity, secret=SECRET, now=NOW)
    assert signer(entity).key == second != first.key
    assert published(first.key).valid_until
    assert published(first.key).public
    with psycopg.connect(database["owner"]) as connection:
        rows = connection.execute("select locked is null, state from signing_signingkey where legal_entity_id = %s order by id", [entity]).fetchall()
        said = connection.execute("select kind, viewer_name from signing_keychange where key_id = %s order by id", [first.key]).fetchall()
    assert rows == [(True, rules.State.ENDED), (False, rules.State.CURRENT)]
    assert said == [(rules.MADE, "Tallystick"), (rules.ENDED, ADMIN.name)]


def test_a_key_is_rotated_before_the_first_document_too() -> None:
    """So that it can be published before anybody needs it."""
    entity = given.legal_entity()
    made = operations.rotate_key(viewer=ADMIN, legal_entity_id=entity, secret=SECRET, now=NOW)
    assert signer(entity).key == made


def test_a_withdrawn_key_is_published_as_such() -> None:
    """Also one that ended before; a second time is refused. Another one signs from then on."""
    entity = given.legal_entity()
    first = signer(entity).key
    operations.withdraw_key(viewer=ADMIN, key_id=first, now=NOW)
    assert published(first).withdrawn_at
    assert signer(entity).key != first
    with pytest.raises(operations.KeyWithdrawn):
        operations.withdraw_key(viewer=ADMIN, key_id=first, now=NOW)
    with pytest.raises(errors.NotFound):
        operations.withdraw_key(viewer=ADMIN, key_id="nothing", now=NOW)
    with pytest.raises(errors.NotFound):
        operations.rotate_key(viewer=ADMIN, legal_entity_id=1 << 40, secret=SECRET, now=NOW)


def test_only_an_administrator_changes_keys() -> None:
    """A clerk of the operator's is refused."""
    entity = given.legal_entity()
    first = signer(entity).key
    with pytest.raises(errors.NotAllowed):
        operations.rotate_key(viewer=CLERK, legal_entity_id=entity, secret=SECRET, now=NOW)
    with pytest.raises(errors.NotAllowed):
        operations.withdraw_key(viewer=CLERK, key_id=first, now=NOW)
    assert signer(entity).key == first


def test_another_secret_opens_no_key() -> None:
    """Whoever changed the installation's secret is told what to do."""
    entity = given.legal_entity()
    signer(entity)
    with pytest.raises(keys.Locked, match="signing-keys rotate"):
        signer(entity, "another secret of the installation, as long")


def test_pages_can_not_read_a_private_key() -> None:
    """Their role has no right to the column, nor to write keys."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select key_id, public from signing_signingkey")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("select locked from signing_signingkey")
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("update signing_signingkey set state = 'withdrawn'")
