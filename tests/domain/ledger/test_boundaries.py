"""Let a random life of two funds pass, and compare where each stood at any instant with a plain walk through the journal."""

import random
from datetime import timedelta

import pytest

import given
from tallystick.domain.ledger import queries as ledger
from tallystick.integrations.postgres import scope

ADMIN = given.ADMIN
READ_WHOLE = 300
"""A fund of so many movements or fewer is read whole (boundaries.sql)."""
MANY = 1_000


def _walk(customer_id: int, fund_id: int) -> list[tuple[object, int, int]]:
    """Read instant, number and balance of every movement of a fund from the plain rows, in the order of the journal."""
    with scope.of(ADMIN), scope.cursor() as cursor:
        cursor.execute(
            "select posted_at, id, fund_id, credit_fund_id, debit, credit, debit_balance_after, credit_balance_after"
            " from ledger_transfer where customer_id = %s order by id",
            [customer_id],
        )
        rows = cursor.fetchall()
    walked = []
    for at, number, fund, credit_fund, debit, credit, debit_after, credit_after in rows:
        if debit == 30 and fund == fund_id:
            walked.append((at, number, debit_after))
        if credit == 30 and (fund if credit_fund is None else credit_fund) == fund_id:
            walked.append((at, number, credit_after))
    return walked


def _busy(seed: int, steps: int) -> given.Customer:
    """Let two separate funds live: payments in, charges, holds, transfers both ways."""
    chance = random.Random(seed)
    acme = given.customer(divisions=1, separate=True, limit_minor=10_000_000)
    for _ in range(steps):
        division, other = chance.sample(acme.division_ids, 2)
        match chance.randrange(4):
            case 0:
                acme.fund(chance.randrange(1, 5000), division)
            case 1 | 2:
                acme.charge(chance.randrange(1, 3000), division)
            case _:
                if acme.figures(division).movable_minor:
                    acme.transfer(acme.figures(division).movable_minor, division, other)
    return acme


@pytest.mark.parametrize(("seed", "steps"), [(0, 40), (1, 40), (2, 40), (3, MANY)])
def test_where_a_fund_stood_is_what_a_walk_through_the_journal_says(seed: int, steps: int) -> None:
    """Few movements are read whole, of many the place is found by halving: both ways say the same as the walk."""
    acme = _busy(seed, steps)
    for fund_id in acme.division_ids:
        walked = _walk(acme.customer_id, fund_id)
        assert (len(walked) > READ_WHOLE) == (steps == MANY), "both ways are taken"
        instants = sorted({at for at, _, _ in walked})
        asked = [instants[0] - timedelta(days=1), *instants, *(at + timedelta(microseconds=1) for at in instants), instants[-1] + timedelta(days=400)]
        with scope.of(ADMIN):
            found = ledger.standing(customer_id=acme.customer_id, fund_id=fund_id, instants=asked)
        for instant in asked:
            before = [(number, balance) for at, number, balance in walked if at < instant]  # type: ignore[operator]
            number, balance = before[-1] if before else (0, 0)
            assert (found[instant].transfer_id, found[instant].balance_minor) == (number, balance)
        assert found[asked[-1]].balance_minor == acme.figures(fund_id).balance_minor


def test_a_fund_without_movements_stood_at_zero() -> None:
    acme = given.customer()
    with scope.of(ADMIN):
        found = ledger.standing(customer_id=acme.customer_id, fund_id=acme.top_id, instants=[given.NOW])
    assert found[given.NOW] == ledger.Standing(0, 0)
