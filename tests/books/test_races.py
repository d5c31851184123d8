"""Do it all at once with real threads: no limit passed, no update lost, no deadlock that reaches a caller, nothing twice."""

import random
import uuid
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from django.db import connections

from domain.payments.world import ADMIN, APPROVER, NOW, Till, key, opened, tell
from given import Customer, customer, faults, in_threads, legal_entity
from tallystick.domain.customers.rules import CreditRule
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.operations import charging
from tallystick.domain.invoicing import models as documents
from tallystick.domain.payments import refusals, rules
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing.rules import OrderDraft
from tallystick.integrations.postgres import scope
from tallystick.lib import errors

CLIENTS = 16


def unexpected(answers: list[object], *allowed: type[Exception]) -> list[object]:
    """Find what was raised and is no answer."""
    return [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, allowed)]


def clean(*places: Customer) -> None:
    """Let `verify` prove these customers' books."""
    names = {f"customer {place.customer_id}," for place in places}
    assert not [fault for fault in faults() if any(name in fault for name in names)]


@pytest.mark.slow
@pytest.mark.parametrize("divisions", [1, 3])
def test_law_5_sixteen_clients_never_pass_the_limit(divisions: int) -> None:
    """They ask for twice what there is, on one division and on three that share the limit: the sum is exact, to the last minor unit."""
    place = customer(limit_minor=80_00, divisions=divisions - 1)
    if divisions > 1:
        place.separate(separate=True)
    place.fund(20_00, place.division_ids[-1])
    dice = random.Random(5)
    wanted = [[(dice.randint(1, 2_00), dice.choice(place.division_ids)) for _ in range(12)] for _ in range(CLIENTS)]

    def client(asks: list[tuple[int, int]]) -> int:
        return sum(amount for amount, division in asks if place.charge(amount, division).outcome is funds.Outcome.ACCEPTED)

    answers = in_threads([partial(client, asks) for asks in wanted])
    assert not unexpected(list(answers))
    spent = sum(answer for answer in answers if isinstance(answer, int))
    every = [place.figures(division) for division in place.division_ids]
    assert sum({one.fund_id: one.balance_minor for one in every}.values()) == 20_00 - spent
    assert all(one.credit_in_use_minor <= 80_00 for one in every)
    for division in place.division_ids:  # what is left can be spent exactly, and not one more
        left = place.available(division) or 0
        assert left >= 0
        if left:
            assert place.charge(left, division).outcome is funds.Outcome.ACCEPTED
        assert place.charge(1, division).outcome is funds.Outcome.INSUFFICIENT_FUNDS
    assert place.figures().credit_in_use_minor == 80_00
    clean(place)


@pytest.mark.slow
def test_law_8_the_same_key_fifty_times_at_once() -> None:
    """Charge, hold, transfer and recorded payment: one effect, equal answers."""
    place = customer(divisions=1)
    place.separate(separate=True)
    place.fund(1_000_00)
    names = [key() for _ in range(4)]
    charged = in_threads([lambda: place.charge(10_00, idempotency_key=names[0])] * 50)
    assert not unexpected(list(charged))
    assert len({(one.transfer_id, one.balance_after_minor) for one in charged if isinstance(one, funds.ChargeAnswer)}) == 1
    assert {answer.outcome.value for answer in charged if isinstance(answer, funds.ChargeAnswer)} == {"accepted", "replayed"}
    held = in_threads([lambda: str(place.hold(20_00, idempotency_key=names[1]).hold_id)] * 50)
    moved = in_threads([lambda: place.transfer(5_00, place.division_ids[0], place.division_ids[1], names[2])] * 50)
    invoice_id, bank = place.issue((30_00, "0")), key()
    paid = in_threads([lambda: str(place.record(30_00, (invoice_id, 30_00), idempotency_key=names[3], reference=bank))] * 50)
    assert [len(set(map(str, answers))) for answers in (held, moved, paid)] == [1, 1, 1], (held, moved, paid)
    assert place.figures().balance_minor == 1_000_00 - 10_00 - 20_00 - 5_00 + 30_00
    clean(place)


@pytest.mark.slow
def test_law_8_one_key_ends_one_hold() -> None:
    """Two holds captured by the same key at once, for two amounts: one of them ends, once; all other requests are told that the key is taken."""
    place, name = customer(), key()
    holds = [place.hold(10_00).hold_id for _ in range(2)]
    jobs: list[Callable[[], object]] = [
        partial(funds.capture_hold, viewer=place.viewer(), hold_id=one, amount_minor=amount, idempotency_key=name)
        for one in holds
        for amount in (4_00, 6_00)
    ]
    answers = in_threads(jobs * 4)
    assert not unexpected(list(answers), charging.KeyReused)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 4
    assert place.figures().held_minor == 10_00
    assert place.figures().balance_minor in {-14_00, -16_00}
    clean(place)


@pytest.mark.slow
def test_law_9_the_same_message_twenty_times_reordered() -> None:
    """Settled and half charged back, each 20 times in a random order from many threads; a bank's reference from 20 clerks."""
    place, till = opened(percent="19"), Till()
    try:
        started = place.start(rules.Method.CARD, (place.funding(100_00), 119_00), gateway=till.gateway)  # type: ignore[arg-type]  # its name is only read
        reference = place.row(started.payment_id).provider_reference
        till.pay(reference, "4000000000003055")
        said = list(till.messages(reference)) * 20
        random.Random(9).shuffle(said)
        answers = in_threads([partial(tell, message) for message in said])
    finally:
        till.close()
    assert not unexpected(list(answers))
    tell()
    row = place.row(started.payment_id)
    assert (row.settled_minor, row.reversed_minor, place.figures().balance_minor) == (119_00, 59_50, 50_00)
    bank = key()
    recorded = in_threads([lambda: place.record(10_00, division_id=place.top_id, reference=bank)] * 20)
    assert sum(isinstance(one, uuid.UUID) for one in recorded) == 1
    assert not unexpected(list(recorded), refusals.ReferenceTaken)
    assert place.figures().unapplied_minor == 10_00


def submitted(place: Customer, number: str) -> uuid.UUID:
    """Submit a purchase order of 1.00."""
    order = OrderDraft(
        number=number,
        division=str(place.top_id),
        amount="1.00",
        bill_to_name="Acme",
        bill_to_street="1 Main Street",
        bill_to_city="Salem",
        bill_to_country="US",
        contact_name="Fiona",
        contact_mail="ap@acme.example",
        signed=True,
    )
    return purchasing.submit_purchase_order(viewer=place.fiona, order=order, now=NOW).id


@pytest.mark.slow
def test_law_10_a_hundred_approvals_at_once_on_one_series() -> None:
    """Ten customers of one legal entity; some approvals come twice; the numbers are 1 to 100, each once."""
    seller = legal_entity()
    places = [customer(legal_entity_id=seller) for _ in range(10)]
    orders = [submitted(places[at % 10], f"PO-{at}") for at in range(100)]

    def approve(order_id: uuid.UUID) -> str:
        try:
            purchasing.approve_purchase_order(viewer=APPROVER, purchase_order_id=order_id, expected_revision=1, now=NOW)
        except errors.Conflict as refusal:
            return refusal.code
        return "approved"

    jobs = [partial(approve, one) for one in [*orders, *orders[:10]]]
    answers = [answer for at in range(0, len(jobs), 55) for answer in in_threads(jobs[at : at + 55])]
    assert not unexpected(list(answers))
    with scope.of(ADMIN):
        numbers = list(documents.Invoice.objects.filter(customer_id__in=[one.customer_id for one in places]).values_list("number", flat=True))
    assert sorted(numbers) == [f"INV-{number:05}" for number in range(1, 101)]
    clean(*places)


@pytest.mark.slow
@pytest.mark.parametrize("funded", [0, 9_000_00])
def test_batches_from_eight_threads_over_many_funds(funded: int) -> None:
    """Batches over the same customers' funds, each in another order: no deadlock reaches the caller, every element is answered, the sum is exact.

    Out of credit they go the exact way; out of own funds the quick one.
    """
    places = [customer(limit_minor=1_000_00, divisions=2) for _ in range(4)]
    for place in places:
        place.separate(separate=True)
        for division in place.division_ids if funded else ():
            place.fund(funded, division)
    facts = connections["default"].settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    conninfo = psycopg.conninfo.make_conninfo(**{name: str(facts[setting]) for name, setting in names.items()})

    def client(seed: int) -> int:
        dice, accepted = random.Random(seed), 0
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for _ in range(6):
                asked = [one.asked(dice.randint(1, 3_00), division) for one in places for division in one.division_ids for _ in range(8)]
                dice.shuffle(asked)
                answers = funds.debit(connection=connection, charges=asked)
                assert len(answers) == len(asked)
                accepted += sum(
                    charge.amount_minor for charge, answer in zip(asked, answers, strict=True) if answer.outcome is funds.Outcome.ACCEPTED
                )
        return accepted

    answers = in_threads([partial(client, seed) for seed in range(8)])
    assert not unexpected(list(answers))
    balances = [one.figures(division).balance_minor for one in places for division in one.division_ids]
    assert funded * len(balances) - sum(balances) == sum(answer for answer in answers if isinstance(answer, int))
    assert all(one.figures().credit_in_use_minor <= 1_000_00 for one in places)
    clean(*places)


@pytest.mark.slow
def test_opposite_transfers_at_once() -> None:
    """Money goes round three divisions both ways, and charges take some: nothing is lost, nobody sees a deadlock."""
    place = customer(limit_minor=0, divisions=2)
    place.separate(separate=True)
    for division in place.division_ids:
        place.fund(100_00, division)

    def client(seed: int) -> int:
        dice, spent = random.Random(seed), 0
        for _ in range(10):
            source, target = dice.sample(place.division_ids, 2)
            try:
                place.transfer(dice.randint(1, 60_00), source, target)
            except errors.InsufficientFunds:
                amount = dice.randint(1, 2_00)
                spent += amount if place.charge(amount, source).outcome is funds.Outcome.ACCEPTED else 0
        return spent

    answers = in_threads([partial(client, seed) for seed in range(8)])
    assert not unexpected(list(answers))
    balances = [place.figures(division).balance_minor for division in place.division_ids]
    assert min(balances) >= 0
    assert sum(balances) == 300_00 - sum(answer for answer in answers if isinstance(answer, int))
    clean(place)


def charge_and_refund(place: Customer, seed: int) -> None:
    """Charge, and refund some."""
    dice = random.Random(seed)
    for _ in range(15):
        answer = place.charge(dice.randint(1, 40_00), dice.choice(place.division_ids))
        if answer.outcome is funds.Outcome.ACCEPTED and answer.transfer_id and dice.random() < 0.3:
            funds.refund_charge(viewer=place.viewer(), transfer_id=answer.transfer_id, amount_minor=None, idempotency_key=key())


def pay_and_bounce(place: Customer, invoices: list[uuid.UUID]) -> None:
    """Pay with a surplus, and let half bounce."""
    for invoice_id in invoices:
        place.bounce(place.record(130_00, (invoice_id, 119_00)), 60_00, key())


def change_terms(place: Customer) -> None:
    """Change limit and rule."""
    for limit, rule in [(100_00, CreditRule.ALL_UNPAID), (None, CreditRule.CONSUMPTION), (300_00, CreditRule.CONSUMPTION)] * 2:
        place.terms(limit, rule)


def switch_funds(place: Customer) -> None:
    """Switch separate funds on and off."""
    for separate in (True, False) * 3:
        place.separate(separate=separate)


@pytest.mark.slow
def test_charges_against_payments_bounces_limits_and_switches() -> None:
    """Everything that moves the figures at once: they still equal the journal, and no charge was let through above the limit of its instant."""
    place = customer(percent="19", limit_minor=500_00, divisions=2)
    invoices = [place.issue((100_00, "19"), division_id=place.division_ids[at % 3]) for at in range(12)]

    jobs: list[Callable[[], None]] = [partial(charge_and_refund, place, seed) for seed in range(5)]
    jobs += [partial(pay_and_bounce, place, invoices[at::3]) for at in range(3)]
    answers = in_threads([*jobs, lambda: change_terms(place), lambda: switch_funds(place)])
    assert not unexpected(list(answers))
    clean(place)
    every = [place.figures(division) for division in place.division_ids]
    assert len({one.credit_in_use_minor for one in every}) == 1
