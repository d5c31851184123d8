"""Send webhooks to a real receiver: signed, retried for three days, switched off, resent and replayed, and told to nobody else."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.db.utils import DatabaseError
from django.utils import timezone
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

import given
from integrations.receiver import Came, Receiver
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, system
from tallystick.domain.events import models as events
from tallystick.domain.events import operations as queue
from tallystick.domain.events import queries as recorded
from tallystick.domain.webhooks import models, operations, queries, rules
from tallystick.domain.webhooks.operations.refusals import EndpointExists, EndpointOff
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids
from tallystick.reactions import table, webhooks, worker


@pytest.fixture
def receiver(database: dict[str, str]) -> Iterator[Receiver]:
    """Listen on loopback, which the operator allows for this test."""
    assert database, "the database comes first"
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=True)
    made = Receiver()
    yield made
    made.close()
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=False)


@pytest.fixture
def acme(receiver: Receiver) -> given.Customer:
    """Open a customer; what its opening leaves for the worker is done."""
    assert receiver, "it listens first"
    made = given.customer()
    worker.drain()
    return made


def _added(acme: given.Customer, receiver: Receiver, *kinds: str) -> operations.NewEndpoint:
    draft = operations.EndpointDraft(url=receiver.url, description="Shop", kinds=kinds or ("invoice.issued",))
    return operations.add_endpoint(viewer=acme.viewer(), draft=draft, now=timezone.now())


def _verified(secret: str, came: Came) -> dict[str, object]:
    return Webhook(secret).verify(came.body, came.headers)  # type: ignore[no-any-return]


def _log(acme: given.Customer, endpoint_id: UUID) -> list[queries.Message]:
    return queries.messages(viewer=acme.viewer(), endpoint_id=endpoint_id)


def _tried(acme: given.Customer, message: queries.Message, now: datetime, status: int | None) -> None:
    operations.note_outcome(
        customer_id=acme.customer_id, delivery_id=message.id, outcome=operations.Outcome(status, "", 1), now=now, spread_permille=0
    )


def test_every_reaction_is_on_the_screen() -> None:
    """The names that the domain queues stand in the table; what waits for machines of others is the couriers'."""
    assert {rules.REACTION_TELL, rules.REACTION_DELIVER} <= table.REACTIONS.keys()
    assert {rules.REACTION_DELIVER, "send_mail"} == table.SLOW


def test_an_event_arrives_signed(acme: given.Customer, receiver: Receiver) -> None:
    """The body is the feed's line; its id, instant and signature verify by the public library, and with no other secret."""
    made = _added(acme, receiver)
    invoice_id = acme.issue((10_000, "0"))
    worker.drain()
    (came,) = receiver.came
    told = _verified(made.secret, came)
    assert (told["type"], told["subject"]) == ("invoice.issued", ids.public("inv", invoice_id))
    assert told["id"] == came.headers["webhook-id"]
    feed = queries.feed(viewer=acme.viewer())
    assert told in [json.loads(json.dumps(one.shape())) for one in feed]
    assert [one.number for one in feed] == list(range(1, len(feed) + 1))
    with pytest.raises(WebhookVerificationError):
        _verified(rules.secret_of(b"x" * 32), came)
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(came.body.replace(b"USD", b"EUR"), came.headers)
    (message,) = _log(acme, made.id)
    assert (message.state, message.attempts, message.last_status, message.number) == ("delivered", 1, 204, told["sequence"])
    _shown, tries = queries.message(viewer=acme.viewer(), delivery_id=message.id)
    assert [(one.status, one.error) for one in tries] == [(204, "")]


def test_only_what_was_asked_for_and_only_to_its_customer(acme: given.Customer, receiver: Receiver) -> None:
    """Another customer's events and other kinds do not come; a customer without endpoints has no job for its events."""
    _added(acme, receiver, "invoice.paid")
    other = given.customer()
    other.fund(5_000)
    acme.issue((10_000, "0"))
    with scope.of(system(acme.customer_id)):
        queue.number(reactions={})
    with scope.of(given.ADMIN):
        told = set(events.Job.objects.filter(reaction=rules.REACTION_TELL).values_list("customer_id", flat=True))
    assert acme.customer_id in told
    assert other.customer_id not in told
    worker.drain()
    assert receiver.came == []
    acme.fund(7_000)
    worker.drain()
    assert [json.loads(came.body)["type"] for came in receiver.came] == ["invoice.paid"]


def test_a_rotation_signs_twice_for_a_day(acme: given.Customer, receiver: Receiver) -> None:
    """Both secrets verify the same message; after the overlap, and after another rotation, the oldest does not."""
    first = _added(acme, receiver)
    second = operations.rotate_secret(viewer=acme.viewer(), endpoint_id=first.id, now=timezone.now())
    acme.issue((100, "0"))
    worker.drain()
    assert _verified(first.secret, receiver.came[0]) == _verified(second.secret, receiver.came[0])
    assert receiver.came[0].headers["webhook-signature"].count("v1,") == 2
    with scope.of(acme.worker):
        models.Secret.objects.filter(endpoint_id=first.id)  # the worker may read them
    third = operations.rotate_secret(viewer=acme.viewer(), endpoint_id=first.id, now=timezone.now())
    acme.issue((100, "0"))
    worker.drain()
    assert _verified(third.secret, receiver.came[1])
    assert _verified(second.secret, receiver.came[1])
    with pytest.raises(WebhookVerificationError):
        _verified(first.secret, receiver.came[1])


def test_pages_can_not_read_a_secret(acme: given.Customer, receiver: Receiver) -> None:
    """The role of the pages writes secrets and has no right to see one."""
    _added(acme, receiver)
    with pytest.raises(DatabaseError), scope.of(acme.viewer()):
        list(models.Secret.objects.all())
    with pytest.raises(DatabaseError), scope.of(given.ADMIN):
        list(models.Secret.objects.all())
    connections["default"].close()


def test_failures_are_tried_again_for_three_days_then_the_endpoint_is_off(acme: given.Customer, receiver: Receiver) -> None:
    """Eleven tries with growing pauses that end after 72 hours; nothing having arrived meanwhile, nothing more is sent."""
    made = _added(acme, receiver)
    acme.issue((100, "0"))
    receiver.status = 500
    worker.drain()
    (message,) = _log(acme, made.id)
    began = receiver_time = timezone.now()
    pauses = []
    while message.next_at is not None:
        pauses.append((message.next_at - receiver_time).total_seconds())
        receiver_time = message.next_at
        assert queries.endpoint(viewer=acme.viewer(), endpoint_id=made.id).is_on
        _tried(acme, message, receiver_time, None)
        (message,) = _log(acme, made.id)
    assert (message.state, message.attempts) == ("failed", 11)
    assert pauses[1:] == sorted(pauses[1:])
    assert timedelta(hours=71, minutes=59) < receiver_time - began <= timedelta(hours=72)
    shown = queries.endpoint(viewer=acme.viewer(), endpoint_id=made.id)
    assert (shown.is_on, shown.off_reason) == (False, "failing")
    with scope.of(given.ADMIN):
        (off,) = [one for one in recorded.log(customer_id=acme.customer_id) if one.kind == "webhook_endpoint.switched_off"]
    assert off.facts["reason"] == "failing"
    came = len(receiver.came)
    acme.issue((100, "0"))
    worker.drain()
    assert len(receiver.came) == came


def test_one_success_keeps_an_endpoint_on(acme: given.Customer, receiver: Receiver) -> None:
    """A message that is given up does not switch off what took another one meanwhile."""
    made = _added(acme, receiver)
    acme.issue((100, "0"))
    receiver.status = 503
    worker.drain()
    (message,) = _log(acme, made.id)
    now = timezone.now()
    receiver.status = 200
    acme.issue((100, "0"))
    worker.drain()
    with scope.of(acme.worker):
        models.Delivery.objects.filter(customer_id=acme.customer_id, id=message.id).update(attempts=10)
    _tried(acme, message, now + timedelta(hours=73), 503)
    assert queries.message(viewer=acme.viewer(), delivery_id=message.id)[0].state == "failed"
    assert queries.endpoint(viewer=acme.viewer(), endpoint_id=made.id).is_on


def test_gone_switches_off_at_once(acme: given.Customer, receiver: Receiver) -> None:
    """410 ends the endpoint, and what waits for it is stopped."""
    made = _added(acme, receiver)
    receiver.status = 410
    acme.issue((100, "0"))
    worker.drain()
    shown = queries.endpoint(viewer=acme.viewer(), endpoint_id=made.id)
    assert (shown.is_on, shown.off_reason) == (False, "gone")
    assert [one.state for one in _log(acme, made.id)] == ["failed"]
    operations.switch_on(viewer=acme.viewer(), endpoint_id=made.id)
    receiver.status = 500
    acme.issue((100, "0"))
    worker.drain()
    operations.switch_off(viewer=acme.viewer(), endpoint_id=made.id, now=timezone.now())
    waiting = _log(acme, made.id)[0]
    webhooks.deliver_webhook(acme.customer_id, waiting.id)
    assert waiting.state == "waiting"
    later = timezone.now() + timedelta(minutes=1)
    assert operations.take_message(customer_id=acme.customer_id, delivery_id=waiting.id, now=later) is None
    assert _log(acme, made.id)[0].state == "stopped"


def test_a_failing_endpoint_is_left_alone(acme: given.Customer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five failures in a row other messages wait without being tried, so that it keeps no worker busy."""
    monkeypatch.setattr(rules, "PAUSES_SECONDS", (3600,))  # however slow this machine is, none is tried a second time meanwhile
    made = _added(acme, receiver)
    receiver.status = 500
    for _ in range(8):
        acme.issue((100, "0"))
        worker.drain()
    assert len(receiver.came) == 5
    assert [one.attempts for one in _log(acme, made.id)] == [0, 0, 0, 1, 1, 1, 1, 1]


def test_a_job_that_runs_twice_sends_twice_at_most_and_counts_once(acme: given.Customer, receiver: Receiver) -> None:
    """A worker killed after noting its try leaves a job that finds its work done; the fan-out finds its messages queued."""
    made = _added(acme, receiver)
    acme.issue((100, "0"))
    worker.drain()
    (message,) = _log(acme, made.id)
    webhooks.deliver_webhook(acme.customer_id, message.id)
    assert message.event_id
    webhooks.tell_endpoints(acme.customer_id, message.event_id)
    worker.drain()
    assert len(receiver.came) == 1
    assert len(_log(acme, made.id)) == 1


def test_resend_replay_and_test(acme: given.Customer, receiver: Receiver) -> None:
    """Once more under the same webhook-id; a range by its numbers, of the kinds asked for; a test that means nothing."""
    made = _added(acme, receiver)
    for _ in range(3):
        acme.issue((100, "0"))
    worker.drain()
    sent = [came.headers["webhook-id"] for came in receiver.came]
    newest = _log(acme, made.id)[0]
    operations.resend(viewer=acme.viewer(), delivery_id=newest.id, now=timezone.now())
    worker.drain()
    assert receiver.came[3].headers["webhook-id"] == ids.public("evt", newest.event_id)  # type: ignore[arg-type]
    last = queries.last_number(viewer=acme.viewer())
    assert operations.replay(viewer=acme.viewer(), endpoint_id=made.id, first=1, last=last, now=timezone.now()) == 3
    worker.drain()
    assert sorted(came.headers["webhook-id"] for came in receiver.came[4:7]) == sorted(sent)
    operations.send_test(viewer=acme.viewer(), endpoint_id=made.id, now=timezone.now())
    worker.drain()
    assert (told := _verified(made.secret, receiver.came[7]))["type"] == "webhook_endpoint.tested"
    assert (told["sequence"], told["data"]) == (None, {})
    assert {one.cause for one in _log(acme, made.id)} == {"event", "resent", "replayed", "test"}
    operations.switch_off(viewer=acme.viewer(), endpoint_id=made.id, now=timezone.now())
    with pytest.raises(EndpointOff):
        operations.resend(viewer=acme.viewer(), delivery_id=newest.id, now=timezone.now())
    with pytest.raises(errors.Invalid):
        operations.replay(viewer=acme.viewer(), endpoint_id=made.id, first=1, last=1001, now=timezone.now())


def test_everybody_else_is_refused(acme: given.Customer, receiver: Receiver) -> None:
    """Another customer finds nothing, a restricted or lesser role may nothing, and the feed is the unrestricted one's."""
    made = _added(acme, receiver)
    acme.issue((100, "0"))
    worker.drain()
    message = _log(acme, made.id)[0]
    stranger, now = given.customer().viewer(), timezone.now()
    for act in (
        lambda: queries.endpoint(viewer=stranger, endpoint_id=made.id),
        lambda: queries.message(viewer=stranger, delivery_id=message.id),
        lambda: operations.rotate_secret(viewer=stranger, endpoint_id=made.id, now=now),
        lambda: operations.switch_off(viewer=stranger, endpoint_id=made.id, now=now),
        lambda: operations.remove_endpoint(viewer=stranger, endpoint_id=made.id, now=now),
        lambda: operations.send_test(viewer=stranger, endpoint_id=made.id, now=now),
        lambda: operations.resend(viewer=stranger, delivery_id=message.id, now=now),
        lambda: operations.replay(viewer=stranger, endpoint_id=made.id, first=1, last=2, now=now),
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert queries.endpoints(viewer=stranger) == queries.messages(viewer=stranger, endpoint_id=made.id) == []
    for viewer in (acme.viewer(division_ids=frozenset({acme.top_id})), acme.viewer(CustomerRole.STANDARD_USER), acme.viewer(CustomerRole.MANAGER)):
        with pytest.raises(errors.NotAllowed):
            queries.endpoints(viewer=viewer)
    with pytest.raises(errors.NotAllowed):
        queries.feed(viewer=acme.viewer(division_ids=frozenset({acme.top_id})))


def test_the_feed_goes_on_after_a_number_and_keeps_staffs_words(acme: given.Customer) -> None:
    """Numbers have no gap; what the operator's people wrote for each other keeps its place and tells nothing."""
    acme.terms(300_000)
    worker.drain()
    feed = queries.feed(viewer=acme.viewer())
    kinds = {one.kind: one.shape()["data"] for one in feed}
    assert kinds["terms.requested"] == {}
    assert "reason" not in kinds["terms.approved"]  # type: ignore[operator]
    assert [one.number for one in queries.feed(viewer=acme.viewer(), after=feed[1].number or 0, limit=1)] == [feed[2].number]
    assert {one.kind for one in queries.feed(viewer=acme.viewer(), kinds=["terms.approved"])} == {"terms.approved"}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://hooks.example/", "invalid_url"),
        ("http://hooks.example/", "invalid_url"),
        ("https://", "invalid_url"),
        ("https://user:pass@hooks.example/", "invalid_url"),
        ("https://hooks.example/#part", "invalid_url"),
        ("https://hooks.example:99999/", "invalid_url"),
        ("https://hooks.example/\r\nx: y", "invalid_url"),
        ("https://127.0.0.1/", "private_url"),
        ("https://[::1]/", "private_url"),
        ("https://[::ffff:10.0.0.1]/", "private_url"),
        ("https://2130706433/", "private_url"),
        ("https://169.254.169.254/", "private_url"),
    ],
)
def test_an_address_that_can_not_be_is_refused_at_once(url: str, code: str) -> None:
    """Where private targets are not allowed."""
    with pytest.raises(errors.Invalid) as refused:
        rules.checked_url(url, private_allowed=False)
    assert refused.value.code == code


def test_without_the_operators_leave_nothing_goes_to_loopback(acme: given.Customer, receiver: Receiver) -> None:
    """The setting is asked at every try, not only when the endpoint was added."""
    made = _added(acme, receiver)
    customers.set_setting(viewer=given.ADMIN, name=rules.PRIVATE_TARGETS, value=False)
    acme.issue((100, "0"))
    worker.drain()
    (message,) = _log(acme, made.id)
    assert (message.state, message.attempts) == ("waiting", 1)
    assert message.last_error
    assert receiver.came == []


def test_one_endpoint_for_an_address_and_every_change_is_in_the_log(acme: given.Customer, receiver: Receiver) -> None:
    """Adding, changing, rotating, switching and removing leave their events, none with a secret."""
    made = _added(acme, receiver)
    with pytest.raises(EndpointExists):
        _added(acme, receiver)
    viewer, now = acme.viewer(), timezone.now()
    operations.change_endpoint(viewer=viewer, endpoint_id=made.id, draft=operations.EndpointDraft(url=receiver.url, kinds=("payment.settled",)))
    rotated = operations.rotate_secret(viewer=viewer, endpoint_id=made.id, now=now)
    operations.switch_off(viewer=viewer, endpoint_id=made.id, now=now)
    operations.switch_on(viewer=viewer, endpoint_id=made.id)
    operations.remove_endpoint(viewer=viewer, endpoint_id=made.id, now=now)
    with scope.of(given.ADMIN):
        found = [one for one in recorded.log(customer_id=acme.customer_id) if one.kind.startswith("webhook_endpoint.")]
    assert [one.kind.partition(".")[2] for one in reversed(found)] == ["added", "changed", "rotated", "switched_off", "switched_on", "removed"]
    assert not any(secret in json.dumps(one.facts) for one in found for secret in (made.secret, rotated.secret))
    assert queries.endpoints(viewer=viewer) == []
    assert _added(acme, receiver).id != made.id


def test_a_running_worker_delivers(acme: given.Customer, receiver: Receiver) -> None:
    """The worker's couriers do it beside its leading thread, and all end with it."""
    _added(acme, receiver)
    stop = threading.Event()
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    try:
        acme.issue((100, "0"))
        until = time.monotonic() + 20
        while not receiver.came and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        stop.set()
        running.join(30)
    assert len(receiver.came) == 1
    assert not [each for each in threading.enumerate() if each.name.startswith("courier-")]
