"""Run the code of docs/integrating/webhooks.md, and hold what it says against the rules."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tallystick.domain.webhooks import rules
from tidy.house import ROOT

GUIDE = (ROOT / "docs" / "integrating" / "webhooks.md").read_text(encoding="utf-8")
SECRET = rules.secret_of(bytes(range(32)))
BODY = b'{"type":"invoice.paid"}'


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def written() -> dict[str, Callable[..., Any]]:
    """Give the functions that the guide writes."""
    found: dict[str, Any] = {}
    for block in _blocks("python"):
        exec(block, found)
    return found


@pytest.mark.parametrize("secrets", [[SECRET], [rules.secret_of(b"n" * 32), SECRET]])
def test_both_ways_to_verify_work(written: dict[str, Callable[..., Any]], secrets: list[str]) -> None:
    """By the library and by hand; during a rotation too, and not for another body."""
    sent = rules.headers(secrets=secrets, message_id="evt_1", sent_at=datetime.now(UTC), body=BODY)
    assert written["take"](BODY, sent, SECRET) == json.loads(BODY)
    assert written["fits"](BODY, sent, SECRET)
    other = BODY.replace(b"paid", b"void")
    assert written["take"](other, sent, SECRET) is None
    assert not written["fits"](other, sent, SECRET)
    assert (
        written["take"](BODY, rules.headers(secrets=secrets, message_id="evt_1", sent_at=datetime.now(UTC) - timedelta(hours=1), body=BODY), SECRET)
        is None
    )


def test_the_example_has_the_shape_of_a_message() -> None:
    """The same fields in the same order."""
    (example,) = (json.loads(block) for block in _blocks("json"))
    told = rules.Told("evt_1", 1, "invoice.paid", datetime.now(UTC), "inv_1", {})
    assert list(example) == list(told.shape())


def test_every_event_is_named_and_no_other() -> None:
    """The list at the end is the list of the rules."""
    told = set()
    for part in GUIDE.rpartition("## Events")[2].partition("\n\nCharges")[0].split("·"):
        whole, start = re.search(r"`([a-z_]+\.[a-z_]+)`", part), re.search(r"`([a-z_]+\.)`(.*)", part, re.DOTALL)
        told |= {whole[1]} if whole else {start[1] + name for name in re.findall(r"[a-z_]+", start[2])} if start else set()
    assert told == set(rules.KINDS)


def test_the_pauses_are_those_of_the_rules() -> None:
    """Together with their jitter they end with the 72 hours; each is longer than the one before."""
    assert sum(rules.PAUSES_SECONDS) == rules.GIVES_UP_AFTER.total_seconds()
    assert list(rules.PAUSES_SECONDS) == sorted(rules.PAUSES_SECONDS)
    began = datetime(2026, 11, 22, tzinfo=UTC)
    for spread in (-rules.SPREAD_PERMILLE, 0, rules.SPREAD_PERMILLE):
        now, attempts = began, 1
        while (following := rules.next_try(attempts=attempts, first_at=began, now=now, spread_permille=spread)) is not None:
            assert following > now
            now, attempts = following, attempts + 1
        assert timedelta(hours=64) < now - began <= rules.GIVES_UP_AFTER
    assert [rules.quiet_seconds(failures) for failures in (1, 4, 5, 6, 9, 10, 99)] == [0, 0, 30, 60, 480, 900, 900]
