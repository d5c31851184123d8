"""Let a random bookkeeper loose on PostgreSQL, and the auditor compare every figure and every refusal after each step."""

import os

import pytest

import given
from books.auditor import Books
from books.bookkeeper import Bookkeeper

NIGHTLY = os.environ.get("TALLYSTICK_NIGHTLY") == "1"
RUNS = 200 if NIGHTLY else 20
FIRST = int(os.environ.get("TALLYSTICK_SEED", "0"))
STEPS = 50


def kept(seed: int) -> Bookkeeper:
    """Keep books for a whole run."""
    keeper = Bookkeeper(seed)
    for _ in range(STEPS):
        keeper.step()
    return keeper


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
def test_the_auditor_agrees(seed: int) -> None:
    """Every figure of every division after every step, and every refusal by its code; at the end `verify` is clean."""
    keeper = kept(seed)
    wrong = [fault for fault in given.faults() if f"customer {keeper.place.customer_id}," in fault]
    assert not wrong, keeper.story("\n".join(wrong))


def test_an_auditor_who_forgets_the_others_credit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: a formula without the other divisions' credit does not get far."""
    monkeypatch.setattr(Books, "in_use", property(lambda books: max(0, -books.n(books.fund(books.top)))))
    with pytest.raises(AssertionError, match="division"):
        list(map(kept, range(10)))
