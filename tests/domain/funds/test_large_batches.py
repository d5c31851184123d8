"""Charge more than a hundred divisions at once: taken for serving themselves first, whether they do or not, the answers are the same."""

import uuid
from dataclasses import dataclass

import pytest

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds import queries
from tallystick.domain.ledger import models
from tallystick.integrations.postgres import scope

ADMIN = Viewer(kind=ViewerKind.STAFF, name="Olga", person_id=900, staff_role=StaffRole.ADMINISTRATOR)
MANY = 101
OWN_MINOR = 1000


@dataclass(frozen=True)
class Shop:
    """Hold a customer with more divisions than the quick way looks up first; its credit is nothing, so that only own money is spent."""

    viewer: Viewer
    division_ids: list[int]

    def asked(self, division_id: int, amount_minor: int, hold_id: uuid.UUID | None = None) -> funds.Charge:
        assert self.viewer.customer_id is not None
        key = str(uuid.uuid4())
        return funds.Charge(
            customer_id=self.viewer.customer_id, division_id=division_id, amount_minor=amount_minor, idempotency_key=key, hold_id=hold_id
        )


@pytest.fixture(params=[True, False], ids=["separate", "shared"])
def shop(request: pytest.FixtureRequest) -> Shop:
    entity = customers.create_legal_entity(viewer=ADMIN, name="Lanternfield, Inc.", address="88 Harbor Lane", country="US")
    draft = customers.CustomerDraft(legal_entity_id=entity, name="Many", currency="USD", limit_minor=0, separate_funds=request.param)
    opened = administration.create_customer(viewer=ADMIN, draft=draft)
    division_ids = [opened.top_division_id] + [
        administration.create_division(viewer=ADMIN, parent_id=opened.top_division_id, name=f"D{n}", customer_id=opened.customer_id)
        for n in range(MANY - 1)
    ]
    viewer = Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=1, customer_id=opened.customer_id, role=CustomerRole.ADMINISTRATOR)
    with scope.of(viewer):
        for division_id in division_ids:
            funds.post_opening_balance(customer_id=opened.customer_id, division_id=division_id, amount_minor=OWN_MINOR)
    return Shop(viewer, division_ids)


def _fund_ids(shop: Shop) -> dict[int, int]:
    return {division_id: figures.fund_id for division_id, figures in queries.figures_by_division(viewer=shop.viewer).items()}


def test_each_division_pays_from_the_fund_that_serves_it(shop: Shop) -> None:
    """Two charges of each, one of them a hold, in backward order: funds, running balances, numbers and held money are right."""
    held = uuid.uuid4()
    asked = [shop.asked(division_id, 3) for division_id in reversed(shop.division_ids)]
    asked += [shop.asked(division_id, 4, held if division_id == shop.division_ids[7] else None) for division_id in shop.division_ids]
    before = {figures.fund_id: figures.balance_minor for figures in queries.figures_by_division(viewer=shop.viewer).values()}
    serving = _fund_ids(shop)
    answers = funds.charge(viewer=shop.viewer, charges=asked)
    assert {answer.outcome for answer in answers} == {funds.Outcome.ACCEPTED}
    assert [answer.fund_id for answer in answers] == [serving[charge.division_id] for charge in asked]
    for charge, answer in zip(asked, answers, strict=True):
        before[serving[charge.division_id]] -= charge.amount_minor
        assert answer.balance_after_minor == before[serving[charge.division_id]]
    numbers = [answer.transfer_id for answer in answers]
    assert numbers == sorted(set(numbers), key=lambda number: number or 0)
    after = queries.figures_by_division(viewer=shop.viewer)
    assert {figures.fund_id: figures.balance_minor for figures in after.values()} == before
    assert sum({figures.fund_id: figures.held_minor for figures in after.values()}.values()) == 4
    with scope.of(shop.viewer):
        kept = dict(models.Transfer.objects.filter(id__in=numbers).values_list("id", "division_id"))
    assert [kept[number or 0] for number in numbers] == [charge.division_id for charge in asked]


def test_one_that_does_not_fit_is_refused_and_the_others_are_not(shop: Shop) -> None:
    """More than all the money of one element, and a division that is not there: both are answered by themselves."""
    asked = [shop.asked(division_id, 1) for division_id in shop.division_ids]
    asked[50] = shop.asked(shop.division_ids[50], OWN_MINOR * MANY + 1)
    asked.append(shop.asked(10**12, 1))
    total = sum({f.fund_id: f.balance_minor for f in queries.figures_by_division(viewer=shop.viewer).values()}.values())
    answers = funds.charge(viewer=shop.viewer, charges=asked)
    refused = {place: answer.outcome for place, answer in enumerate(answers) if answer.outcome is not funds.Outcome.ACCEPTED}
    assert refused == {50: funds.Outcome.INSUFFICIENT_FUNDS, MANY: funds.Outcome.UNKNOWN_DIVISION}
    after = sum({f.fund_id: f.balance_minor for f in queries.figures_by_division(viewer=shop.viewer).values()}.values())
    assert total - after == MANY - 1


def test_a_batch_sent_again_is_replayed(shop: Shop) -> None:
    """The same keys give the first answers, and nothing more is taken."""
    asked = [shop.asked(division_id, 2) for division_id in shop.division_ids]
    first = funds.charge(viewer=shop.viewer, charges=asked)
    again = funds.charge(viewer=shop.viewer, charges=asked)
    assert {answer.outcome for answer in again} == {funds.Outcome.REPLAYED}
    assert [answer.transfer_id for answer in again] == [answer.transfer_id for answer in first]
