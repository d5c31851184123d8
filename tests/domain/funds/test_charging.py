"""Charge, hold and refund on a real database: the answers of one batch, and the rows they leave."""

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.funds import histories, queries
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.operations import charging, holding, transferring
from tallystick.integrations.postgres import scope
from tallystick.lib import errors

ADMIN = Viewer(kind=ViewerKind.STAFF, name="Olga", person_id=900, staff_role=StaffRole.ADMINISTRATOR)
TODAY = dt.datetime(2099, 12, 31, tzinfo=dt.UTC)
TOMORROW = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class World:
    """Hold money.md's customer with separate funds: limit 2,000.00, divisions A, B, C with -300.00, 100.00 and 0.00."""

    viewer: Viewer
    a: int
    b: int
    c: int

    def asked(self, division: int, amount: int, key: str, order: str | None = None) -> funds.Charge:
        assert self.viewer.customer_id is not None, "a customer's viewer"
        return funds.Charge(customer_id=self.viewer.customer_id, division_id=division, amount_minor=amount, idempotency_key=key, order_id=order)

    def balances(self) -> list[int]:
        return [figures.balance_minor for figures in queries.figures_by_division(viewer=self.viewer).values()]

    def available(self) -> list[int | None]:
        return [figures.available_minor for figures in queries.figures_by_division(viewer=self.viewer).values()]


@pytest.fixture
def world() -> World:
    entity = customers.create_legal_entity(viewer=ADMIN, name="Lanternfield, Inc.", address="88 Harbor Lane", country="US")
    draft = customers.CustomerDraft(legal_entity_id=entity, name="Northwind", currency="USD", limit_minor=2000_00, separate_funds=True)
    opened = administration.create_customer(viewer=ADMIN, draft=draft)
    more = [
        administration.create_division(viewer=ADMIN, parent_id=opened.top_division_id, name=name, customer_id=opened.customer_id) for name in "BC"
    ]
    viewer = Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=1, customer_id=opened.customer_id, role=CustomerRole.ADMINISTRATOR)
    with scope.of(viewer):
        funds.post_opening_balance(customer_id=opened.customer_id, division_id=opened.top_division_id, amount_minor=-300_00)
        funds.post_opening_balance(customer_id=opened.customer_id, division_id=more[0], amount_minor=100_00)
    return World(viewer, opened.top_division_id, *more)


def test_the_example_of_separate_funds(world: World) -> None:
    assert world.available() == [1700_00, 1800_00, 1700_00]


def test_a_batch_answers_every_element_by_itself_and_in_order(world: World) -> None:
    asked = [
        (world.asked(world.b, 50_00, "k1", "o1"), "accepted"),
        (world.asked(world.b, 50_00, "k1", "o1"), "replayed"),
        (world.asked(world.b, 50_01, "k1", "o1"), "key_reused"),
        (world.asked(world.b, 1, "k2", "o1"), "order_charged"),
        (world.asked(world.b, 1760_00, "k3"), "insufficient_funds"),
        (world.asked(world.b, 1749_99, "k4"), "accepted"),
        (world.asked(world.b, 1, "k5"), "accepted"),
        (world.asked(world.c, 1, "k6"), "insufficient_funds"),
        (world.asked(999, 1, "k7"), "unknown_division"),
    ]
    answers = funds.charge(viewer=world.viewer, charges=[charge for charge, _ in asked])
    assert [answer.outcome for answer in answers] == [outcome for _, outcome in asked]
    assert answers[1].transfer_id == answers[0].transfer_id
    assert answers[4].available_minor == 0
    assert answers[4].used_by_others_minor == 300_00
    assert world.balances() == [-300_00, -1700_00, 0]


def test_a_covered_batch_takes_the_fast_way_with_the_running_balance(world: World) -> None:
    answers = funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 10_00, str(uuid.uuid4())) for _ in range(10)])
    assert [answer.balance_after_minor for answer in answers] == [100_00 - 10_00 * (n + 1) for n in range(10)]
    assert {answer.fund_id for answer in answers} == {world.b}


def test_a_refusal_is_not_remembered(world: World) -> None:
    refused = funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 1900_00, "later")])[0]
    assert refused.outcome is funds.Outcome.INSUFFICIENT_FUNDS
    with scope.of(world.viewer):
        funds.post_opening_balance(customer_id=world.viewer.customer_id or 0, division_id=world.b, amount_minor=500_00)
    assert funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 1900_00, "later")])[0].outcome is funds.Outcome.ACCEPTED


def test_a_refund_gives_back_at_most_the_charge(world: World) -> None:
    charged = funds.charge(viewer=world.viewer, charges=[world.asked(world.b, 50_00, "k1", "o1")])[0]
    assert charged.transfer_id is not None
    first = funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=20_00, idempotency_key="r1")
    again = funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=20_00, idempotency_key="r1")
    assert (first.left_minor, again.replayed, again.transfer_id) == (30_00, True, first.transfer_id)
    with pytest.raises(charging.RefundTooLarge):
        funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=30_01, idempotency_key="r2")
    with pytest.raises(charging.KeyReused):
        funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=1, idempotency_key="r1")
    funds.refund_charge(viewer=world.viewer, transfer_id=charged.transfer_id, amount_minor=None, idempotency_key="r3")
    assert world.balances()[1] == 100_00


def test_a_hold_is_captured_in_part_and_the_rest_released(world: World) -> None:
    held = funds.hold(viewer=world.viewer, asked=world.asked(world.b, 40_00, "h1", "o1"), now=TODAY, lapses_at=TOMORROW)
    assert world.balances()[1] == 60_00
    assert funds.hold(viewer=world.viewer, asked=world.asked(world.b, 40_00, "h1", "o1"), now=TODAY, lapses_at=TOMORROW).hold_id == held.hold_id
    with pytest.raises(holding.CaptureTooLarge):
        funds.capture_hold(viewer=world.viewer, hold_id=held.hold_id, amount_minor=40_01, idempotency_key="c1")
    row = funds.capture_hold(viewer=world.viewer, hold_id=held.hold_id, amount_minor=30_00, idempotency_key="c1")
    assert funds.capture_hold(viewer=world.viewer, hold_id=held.hold_id, amount_minor=30_00, idempotency_key="c1") == row
    assert world.balances()[1] == 70_00
    with pytest.raises(holding.HoldNotOpen):
        funds.release_hold(viewer=world.viewer, hold_id=held.hold_id, idempotency_key="x")


def test_a_hold_lapses_once_and_not_before_its_time(world: World) -> None:
    held = funds.hold(viewer=world.viewer, asked=world.asked(world.b, 40_00, "h1"), now=TODAY, lapses_at=TOMORROW)
    assert not funds.lapse_hold(viewer=world.viewer, hold_id=held.hold_id, now=TOMORROW - dt.timedelta(seconds=1))
    assert funds.lapse_hold(viewer=world.viewer, hold_id=held.hold_id, now=TOMORROW)
    assert not funds.lapse_hold(viewer=world.viewer, hold_id=held.hold_id, now=TOMORROW)
    assert world.balances()[1] == 100_00


@pytest.mark.parametrize(
    ("amount", "refusal"), [(0, errors.Invalid), (-5, errors.Invalid), (100_01, errors.InsufficientFunds)], ids=["nothing", "negative", "credit"]
)
def test_only_movable_funds_move(world: World, amount: int, refusal: type[errors.Refusal]) -> None:
    with pytest.raises(refusal):
        funds.transfer(viewer=world.viewer, from_division_id=world.b, to_division_id=world.c, amount_minor=amount, idempotency_key="t1")
    assert world.balances() == [-300_00, 100_00, 0]


def test_a_transfer_moves_once_and_stands_in_both_histories(world: World) -> None:
    for _ in range(2):
        funds.transfer(viewer=world.viewer, from_division_id=world.b, to_division_id=world.c, amount_minor=100_00, idempotency_key="t1")
    assert world.balances() == [-300_00, 0, 100_00]
    for division, moved in ((world.b, -100_00), (world.c, 100_00)):
        assert histories.movements(viewer=world.viewer, division_id=division)[0].amount_minor == moved


def test_shared_funds_have_nothing_to_move(world: World) -> None:
    administration.switch_separate_funds(viewer=world.viewer, separate=False)
    assert world.balances() == [-200_00] * 3
    with pytest.raises(transferring.SeparateFundsOff):
        funds.transfer(viewer=world.viewer, from_division_id=world.b, to_division_id=world.c, amount_minor=1, idempotency_key="t1")
