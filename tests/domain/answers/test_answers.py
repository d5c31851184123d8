"""Remember answers by key: replayed, refused to another request, taken over from one that died, given back, forgotten after 30 days."""

import dataclasses
from datetime import timedelta

import pytest

import given
from domain.payments.world import NOW
from tallystick.domain.answers import operations as answers
from tallystick.domain.customers.rules import Viewer
from tallystick.lib import ids

TOLD = answers.Kept(201, {"ETag": '"1"'}, '{"id":"pay_1"}')


@pytest.fixture
def viewer() -> Viewer:
    """Somebody of a customer."""
    return given.customer().viewer()


def asked(mark: str = "a", **more: bool) -> answers.Asked:
    return answers.Asked(str(ids.new()), answers.fingerprint(mark.encode()), **more)


def test_what_was_answered_is_given_again(viewer: Viewer) -> None:
    one = asked()
    assert answers.claim(viewer=viewer, asked=one, now=NOW) is None
    answers.keep(viewer=viewer, asked=one, answered=TOLD)
    assert answers.claim(viewer=viewer, asked=one, now=NOW + timedelta(days=30)) == TOLD
    with pytest.raises(answers.KeyReused):
        answers.claim(viewer=viewer, asked=dataclasses.replace(one, fingerprint="b"), now=NOW)


def test_while_the_first_runs_the_second_is_told_so_and_takes_over_from_one_that_died(viewer: Viewer) -> None:
    one = asked()
    assert answers.claim(viewer=viewer, asked=one, now=NOW) is None
    with pytest.raises(answers.StillRunning):
        answers.claim(viewer=viewer, asked=one, now=NOW + timedelta(seconds=119))
    assert answers.claim(viewer=viewer, asked=one, now=NOW + timedelta(seconds=120)) is None
    with pytest.raises(answers.StillRunning):
        answers.claim(viewer=viewer, asked=one, now=NOW + timedelta(seconds=121))


def test_a_key_without_effect_is_given_back_and_one_with_an_answer_is_not(viewer: Viewer) -> None:
    one = asked()
    answers.claim(viewer=viewer, asked=one, now=NOW)
    answers.drop(viewer=viewer, asked=one)
    assert answers.claim(viewer=viewer, asked=one, now=NOW) is None
    answers.keep(viewer=viewer, asked=one, answered=TOLD)
    answers.drop(viewer=viewer, asked=one)
    assert answers.claim(viewer=viewer, asked=one, now=NOW) == TOLD


def test_after_thirty_days_a_key_is_new_unless_it_is_kept_for_ever(viewer: Viewer) -> None:
    one, ever = asked(), asked(is_kept_forever=True)
    for each in (one, ever):
        answers.claim(viewer=viewer, asked=each, now=NOW)
        answers.keep(viewer=viewer, asked=each, answered=TOLD)
    later = NOW + timedelta(days=30, seconds=1)
    assert answers.claim(viewer=viewer, asked=one, now=later) is None
    assert answers.claim(viewer=viewer, asked=ever, now=later + timedelta(days=3650)) == TOLD


def test_the_worker_forgets_whatever_is_over_in_bounded_steps(viewer: Viewer) -> None:
    """Of customers and of the operator's programs alike; what is kept for ever, and what has not ended, stays."""
    long_ago = NOW - timedelta(days=3650)
    over = [(who, asked()) for who in (viewer, given.customer().viewer(), given.ADMIN)]
    ever, young = asked(is_kept_forever=True), asked()
    for who, one in over:
        answers.claim(viewer=who, asked=one, now=long_ago)
        answers.keep(viewer=who, asked=one, answered=TOLD)
    for one, at in ((ever, long_ago), (young, long_ago + timedelta(seconds=1))):
        answers.claim(viewer=viewer, asked=one, now=at)
        answers.keep(viewer=viewer, asked=one, answered=TOLD)
    assert answers.prune(now=long_ago + answers.KEPT, limit=10) == 0
    counts = [answers.prune(now=long_ago + answers.KEPT + timedelta(milliseconds=1), limit=2) for _ in range(3)]
    assert counts == [2, 1, 0]
    assert [answers.claim(viewer=who, asked=one, now=long_ago) for who, one in over] == [None] * 3
    assert answers.claim(viewer=viewer, asked=ever, now=NOW) == answers.claim(viewer=viewer, asked=young, now=long_ago) == TOLD


def test_a_key_counts_for_its_customer_and_for_the_divisions_in_sight(viewer: Viewer) -> None:
    one = asked()
    answers.claim(viewer=viewer, asked=one, now=NOW)
    answers.keep(viewer=viewer, asked=one, answered=TOLD)
    narrow = dataclasses.replace(viewer, division_ids=frozenset({7}))
    stranger = given.customer().viewer()
    for other in (narrow, stranger, given.ADMIN):
        assert answers.claim(viewer=other, asked=one, now=NOW) is None


def test_no_two_lists_of_parts_have_one_mark() -> None:
    assert answers.fingerprint(b"ab", b"c") != answers.fingerprint(b"a", b"bc")
