"""Pay by card through the real fake gateway over HTTP: starts at once, messages in any order and number, no answer, late money."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.payments import world
from domain.payments.world import Till, World
from tallystick.domain.payments import operations, refusals, rules
from tallystick.integrations.gateways import http, protocol
from tallystick.lib import ids

CARD = rules.Method.CARD


def test_card_pays_when_the_message_says_so(acme: World, till: Till) -> None:
    """The start decides nothing; the stored message settles, with what the receipt shows of the card."""
    invoice = acme.funding(500_00)
    started = acme.start(CARD, (invoice, 595_00), gateway=till.gateway)
    assert (started.state, started.redirect_url != "") == ("started", True)
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference)
    assert acme.figures().balance_minor == 0
    world.tell(*till.messages(reference))
    row = acme.row(started.payment_id)
    assert (row.state, row.card_last4, acme.figures().balance_minor) == ("settled", "4242", 500_00)


@pytest.mark.parametrize(("time_zone", "day"), [("Pacific/Kiritimati", 21), ("UTC", 20), ("Pacific/Pago_Pago", 19)])
def test_card_money_arrives_on_the_legal_entitys_day(till: Till, time_zone: str, day: int) -> None:
    """The value date is that of the books, not of the gateway's clock."""
    island = world.opened(percent="0", time_zone=time_zone)
    started = island.start(CARD, (island.funding(500_00), 500_00), gateway=till.gateway)
    reference = island.row(started.payment_id).provider_reference
    till.pay(reference)
    world.tell(*(replace(one, occurred_at=datetime(2026, 11, 20, 10, 30, tzinfo=UTC)) for one in till.messages(reference)))
    assert island.row(started.payment_id).received_date == date(2026, 11, day)


def test_declined_card_lets_the_next_attempt_pass(acme: World, till: Till) -> None:
    """One open attempt per invoice: while it is open no other is started; a failed one blocks nothing."""
    invoice = acme.funding(100_00)
    started = acme.start(CARD, (invoice, 119_00), gateway=till.gateway)
    with pytest.raises(refusals.PaymentInProgress):
        acme.start(CARD, (invoice, 1_00), gateway=till.gateway)
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference, "4000000000000002")
    world.tell(*till.messages(reference))
    assert (acme.row(started.payment_id).state, acme.row(started.payment_id).failure) == ("failed", "card_declined")
    assert acme.start(CARD, (invoice, 119_00), gateway=till.gateway).state == "started"


def test_fifty_equal_starts_are_one(acme: World, till: Till) -> None:
    """Law 8: one effect; everyone is told the same, or to ask again while the first call still runs."""
    invoice, key = acme.funding(100_00), world.key()
    answers = world.at_once(50, lambda _: acme.start(CARD, (invoice, 119_00), gateway=till.gateway, idempotency_key=key))
    wrong = [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, refusals.PaymentStarting)]
    assert not wrong
    told = {(answer.payment_id, answer.redirect_url) for answer in answers if isinstance(answer, operations.Started)}
    assert len(told) == 1
    assert acme.start(CARD, (invoice, 119_00), gateway=till.gateway, idempotency_key=key).redirect_url == told.pop()[1]
    with pytest.raises(refusals.IdempotencyKeyReused):
        acme.start(CARD, (invoice, 118_00), gateway=till.gateway, idempotency_key=key)


def test_fifty_different_starts_have_one_winner(acme: World, till: Till) -> None:
    """Law 9: one open card attempt per invoice."""
    invoice = acme.funding(100_00)
    answers = world.at_once(20, lambda _: acme.start(CARD, (invoice, 119_00), gateway=till.gateway))
    assert sum(isinstance(answer, operations.Started) for answer in answers) == 1
    assert sum(isinstance(answer, refusals.PaymentInProgress) for answer in answers) == 19


def test_same_message_twenty_times_reordered(acme: World, till: Till) -> None:
    """Law 9: settled, half charged back, and all of it 20 times, turned round, in threads."""
    invoice = acme.funding(100_00)
    started = acme.start(CARD, (invoice, 119_00), gateway=till.gateway)
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference, "4000000000003055")
    said = list(till.messages(reference)) * 20
    random.Random(7).shuffle(said)
    answers = world.at_once(len(said), lambda place: world.tell(said[place]))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    operations.act_on_messages(now=world.NOW + timedelta(hours=2))
    row = acme.row(started.payment_id)
    assert (row.state, row.settled_minor, row.reversed_minor) == ("partially_reversed", 119_00, 59_50)
    assert (acme.figures().balance_minor, acme.invoice(invoice).paid_minor) == (50_00, 59_50)


def test_money_that_two_payments_bring_is_credited_once(acme: World, till: Till) -> None:
    """A transfer is recorded while the card page is open: the card's money is all surplus."""
    invoice = acme.funding(100_00)
    started = acme.start(CARD, (invoice, 119_00), gateway=till.gateway)
    acme.record(119_00, (invoice, 119_00))
    reference = acme.row(started.payment_id).provider_reference
    till.pay(reference)
    world.tell(*till.messages(reference))
    assert (acme.figures().balance_minor, acme.figures().unapplied_minor) == (100_00, 119_00)


def test_no_answer_blocks_until_it_is_known(acme: World, till: Till) -> None:
    """A gateway that is down: the attempt stays, a new one is refused, the same request again goes on."""
    invoice, key = acme.funding(100_00), world.key()
    nowhere = http.PlainGateway(base_url="http://127.0.0.1:9", secret=world.SECRET, timeout_seconds=1)
    with pytest.raises(refusals.PaymentResultUnknown):
        acme.start(CARD, (invoice, 119_00), gateway=nowhere, idempotency_key=key)
    with pytest.raises(refusals.PaymentInProgress):
        acme.start(CARD, (invoice, 119_00), gateway=till.gateway)
    started = acme.start(CARD, (invoice, 119_00), gateway=till.gateway, idempotency_key=key)
    assert started.redirect_url


def test_silence_is_resolved_by_asking(acme: World, till: Till) -> None:
    """No message ever came: the fetched ones go through the same door; an attempt that nobody finishes expires, and late money counts."""
    one, two = acme.funding(100_00), acme.funding(100_00)
    paid = acme.start(CARD, (one, 119_00), gateway=till.gateway)
    left = acme.start(CARD, (two, 119_00), gateway=till.gateway)
    till.pay(acme.row(paid.payment_id).provider_reference)
    own = {"customer_id": acme.customer_id, "gateway": till.gateway}
    assert operations.resolve_payment(**own, payment_id=paid.payment_id, now=world.NOW) == "settled"  # type: ignore[arg-type]
    assert operations.resolve_payment(**own, payment_id=left.payment_id, now=world.NOW) == "started"  # type: ignore[arg-type]
    late = world.NOW + timedelta(days=2)
    assert operations.resolve_payment(**own, payment_id=left.payment_id, now=late) == "expired"  # type: ignore[arg-type]
    reference = acme.row(left.payment_id).provider_reference
    till.pay(reference)
    world.tell(*till.messages(reference), now=late)
    assert acme.row(left.payment_id).state == "settled"
    assert acme.figures().balance_minor == 200_00


def test_cut_off_call_is_finished(acme: World, till: Till) -> None:
    """A crash between the commit and the gateway's answer: asking makes the same call again, once the first can not be running."""
    invoice = acme.funding(100_00)
    nowhere = http.PlainGateway(base_url="http://127.0.0.1:9", secret=world.SECRET, timeout_seconds=1)
    with pytest.raises(refusals.PaymentResultUnknown) as unknown:
        acme.start(CARD, (invoice, 119_00), gateway=nowhere)
    assert unknown.value.facts["payment_id"]
    waiting = acme.payments()[0].id
    state = operations.resolve_payment(customer_id=acme.customer_id, payment_id=waiting, gateway=till.gateway, now=world.NOW)
    assert (state, acme.row(waiting).redirect_url != "") == ("started", True)


def _said(kind: str, amount_minor: int, second: int, reference: str = "x") -> protocol.Message:
    return protocol.Message(
        message_id=f"{reference}-{kind}-{second}",
        provider_reference=reference,
        kind=protocol.MessageKind(kind),
        amount_minor=amount_minor,
        currency="USD",
        occurred_at=world.NOW + timedelta(seconds=second),
    )


STORIES = {
    "chargeback lost": [("settled", 119_00), ("reversed", 119_00)],
    "dispute won": [("settled", 119_00), ("reversed", 119_00), ("reversal_undone", 119_00)],
    "two parts, one won": [("settled", 119_00), ("reversed", 40_00), ("reversed", 30_00), ("reversal_undone", 30_00)],
    "late failure, settled after all": [("settled", 119_00), ("failed", 119_00), ("settled", 119_00)],
    "declined, then paid": [("failed", 119_00), ("settled", 119_00)],
    "late failure": [("settled", 119_00), ("failed", 119_00)],
}


@pytest.mark.parametrize("story", STORIES)
def test_every_order_ends_the_same(acme: World, till: Till, story: str) -> None:
    """All orders of a story's messages end with the same figures."""
    ends = set()
    orders = list(itertools.permutations(range(len(STORIES[story]))))
    for order in random.Random(story).sample(orders, min(6, len(orders))):
        invoice = acme.funding(100_00)
        before = acme.figures().balance_minor
        started = acme.start(CARD, (invoice, 119_00), gateway=till.gateway)
        reference = acme.row(started.payment_id).provider_reference
        said = [_said(kind, amount_minor, second, reference) for second, (kind, amount_minor) in enumerate(STORIES[story])]
        world.tell(*(said[place] for place in order))
        operations.act_on_messages(now=world.NOW + timedelta(hours=2))
        row, kept = acme.row(started.payment_id), acme.invoice(invoice)
        ends.add((row.state, row.settled_minor, row.reversed_minor, kept.state, kept.open_minor, acme.figures().balance_minor - before))
    assert len(ends) == 1


_KINDS = st.sampled_from(["settled", "failed", "reversed", "reversal_undone"])


@given(said=st.lists(st.tuples(_KINDS, st.integers(1, 119_00)), min_size=1, max_size=8), order=st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_standing_does_not_depend_on_the_order(said: list[tuple[str, int]], order: random.Random) -> None:
    """Whatever is said, in any order and doubled: the same standing, never below zero, never above what was settled."""
    spoken = [rules.Said(kind, amount, world.NOW + timedelta(seconds=second), str(second)) for second, (kind, amount) in enumerate(said)]
    expected = rules.standing(spoken)
    shuffled = spoken * 2
    order.shuffle(shuffled)
    assert rules.standing(shuffled) == expected
    assert 0 <= expected.stands_minor <= expected.settled_minor


def test_a_message_before_its_reference_is_taken_up(acme: World, till: Till) -> None:
    """A crash after the gateway's answer and before it was stored: the message waits, asking finishes the call and takes it up at once."""
    invoice, key = acme.funding(100_00), world.key()
    nowhere = http.PlainGateway(base_url="http://127.0.0.1:9", secret=world.SECRET, timeout_seconds=1)
    with pytest.raises(refusals.PaymentResultUnknown):
        acme.start(CARD, (invoice, 119_00), gateway=nowhere, idempotency_key=key)
    row = acme.payments()[0]
    attempt = protocol.Attempt(
        idempotency_key=ids.public("pay", row.id), amount_minor=119_00, currency="USD", description=row.reference, return_url=row.return_url
    )
    reference = till.gateway.start(attempt).provider_reference
    till.pay(reference)
    for _ in range(5):
        world.tell(*till.messages(reference))
    assert acme.figures().balance_minor == 0
    assert operations.resolve_payment(customer_id=acme.customer_id, payment_id=row.id, gateway=till.gateway, now=world.NOW) == "settled"
    assert acme.figures().balance_minor == 100_00
