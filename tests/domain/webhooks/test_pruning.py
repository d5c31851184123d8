"""Messages to endpoints are forgotten ninety days after their end, in bounded steps; what they told, and what waits, stays."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db.utils import DatabaseError
from django.utils import timezone

import given
from tallystick.domain.events import queries as recorded
from tallystick.domain.webhooks import models, operations, queries, rules
from tallystick.integrations.postgres import scope
from tallystick.reactions import table, worker

LONG_AGO = timezone.now() - timedelta(days=3650)


@pytest.fixture
def acme() -> given.Customer:
    made = given.customer()
    worker.drain()
    return made


def endpoint(acme: given.Customer) -> UUID:
    draft = operations.EndpointDraft(url="https://hooks.example/", description="Shop", kinds=())
    return operations.add_endpoint(viewer=acme.viewer(), draft=draft, now=timezone.now()).id


def ended(acme: given.Customer, endpoint_id: UUID, at: datetime) -> UUID:
    """Send a test message that fails at an instant."""
    made = operations.send_test(viewer=acme.viewer(), endpoint_id=endpoint_id, now=at)
    outcome = operations.Outcome(500, "", 1)
    operations.note_outcome(customer_id=acme.customer_id, delivery_id=made, outcome=outcome, now=at, spread_permille=0)
    return made


def kept(acme: given.Customer) -> tuple[set[UUID], int]:
    """Give the messages that are left, and how many tries."""
    with scope.of(acme.viewer()):
        deliveries = set(models.Delivery.objects.filter(customer_id=acme.customer_id).values_list("id", flat=True))
        return deliveries, models.Attempt.objects.filter(customer_id=acme.customer_id).count()


def test_ninety_days_after_its_end_a_message_is_forgotten_with_its_tries(acme: given.Customer) -> None:
    hook = endpoint(acme)
    old, young = (ended(acme, hook, LONG_AGO + timedelta(seconds=after)) for after in (0, 1))
    waits = operations.send_test(viewer=acme.viewer(), endpoint_id=hook, now=LONG_AGO - timedelta(days=9))
    before = recorded.last_number(customer_id=acme.customer_id)
    operations.prune(now=LONG_AGO + rules.KEPT, limit=1000)
    assert kept(acme) == ({old, young, waits}, 2)
    operations.prune(now=LONG_AGO + rules.KEPT + timedelta(milliseconds=1), limit=1000)
    assert kept(acme) == ({young, waits}, 1)
    assert recorded.last_number(customer_id=acme.customer_id) == before
    assert [row.id for row in queries.messages(viewer=acme.viewer(), endpoint_id=hook)] == [waits, young]


def test_it_goes_in_bounded_steps_the_oldest_first(acme: given.Customer) -> None:
    hook, other = endpoint(acme), given.customer()
    worker.drain()
    first, second = ended(acme, hook, LONG_AGO - timedelta(days=2)), ended(other, endpoint(other), LONG_AGO - timedelta(days=1))
    third = ended(acme, hook, LONG_AGO)
    later = LONG_AGO + rules.KEPT
    assert operations.prune(now=later, limit=1) == 1
    assert first not in kept(acme)[0]
    assert second in kept(other)[0]
    assert operations.prune(now=later, limit=1) == 1
    assert second not in kept(other)[0]
    assert third in kept(acme)[0]
    assert operations.prune(now=later, limit=1) == 0


def test_the_worker_takes_the_step(acme: given.Customer) -> None:
    """A job that outlived its message ends quietly."""
    made = ended(acme, endpoint(acme), timezone.now() - rules.KEPT - timedelta(days=1))
    table.STEPS["prune"][1]()
    assert made not in kept(acme)[0]
    table.REACTIONS[rules.REACTION_DELIVER](acme.customer_id, made)


def test_nobody_changes_a_try(acme: given.Customer) -> None:
    """Rights keep what a trigger kept before."""
    ended(acme, endpoint(acme), timezone.now())
    for viewer in (acme.viewer(), given.ADMIN):
        for words in ("update webhooks_attempt set milliseconds = 2", "delete from webhooks_attempt"):
            with pytest.raises(DatabaseError), scope.of(viewer), scope.cursor() as cursor:
                cursor.execute(words)
