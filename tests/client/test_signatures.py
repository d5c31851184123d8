"""Verify messages as the `standardwebhooks` package signs them, and refuse what it refuses."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from tallystick_client import NotVerified, signatures

SECRET = "whsec_" + base64.b64encode(b"the new one of thirty-two letters").decode()
OLD = "whsec_" + base64.b64encode(b"the old one of thirty-two letters").decode()
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BODY = json.dumps(
    {"id": "evt_1", "sequence": 7, "type": "invoice.paid", "timestamp": "2026-11-22T09:29:59Z", "subject": "inv_1", "data": {"open": "0.00"}}
)


def headers(*secrets: str, at: datetime = AT, body: str = BODY, message_id: str = "evt_1") -> dict[str, str]:
    signed = " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets)
    return {"Webhook-Id": message_id, "Webhook-Timestamp": str(int(at.timestamp())), "Webhook-Signature": signed}


def verify(found: dict[str, str], *secrets: str, body: str = BODY, at: datetime = AT) -> str:
    return signatures.verify(body.encode(), found, secrets, now_seconds=at.timestamp()).id


def test_a_message_is_verified_and_read() -> None:
    told = signatures.verify(BODY.encode(), headers(SECRET), SECRET, now_seconds=AT.timestamp())
    assert (told.sequence, told.type, told.facts["open"]) == (7, "invoice.paid", "0.00")
    assert told.timestamp == datetime(2026, 11, 22, 9, 29, 59, tzinfo=UTC)


def test_the_secret_that_it_makes_is_one_of_the_package() -> None:
    made = signatures.new_secret()
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32
    assert verify(headers(made), made)


def test_while_a_secret_changes_both_ends_may_have_two() -> None:
    assert verify(headers(OLD, SECRET), SECRET)
    assert verify(headers(OLD, SECRET), OLD)
    assert verify(headers(SECRET), OLD, SECRET)
    assert verify(headers(OLD), OLD, SECRET)


@pytest.mark.parametrize("seconds", [-300, 300, 0])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert verify(headers(SECRET, at=AT + timedelta(seconds=seconds)), SECRET)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_but_not_by_more(seconds: int) -> None:
    with pytest.raises(NotVerified, match="old"):
        verify(headers(SECRET, at=AT + timedelta(seconds=seconds)), SECRET)


CHANGES: list[dict[str, str]] = [
    {"Webhook-Id": "evt_2"},
    {"Webhook-Id": ""},
    {"Webhook-Timestamp": str(int(AT.timestamp()) + 1)},
    {"Webhook-Timestamp": "now"},
    {"Webhook-Timestamp": "9" * 400},
    {"Webhook-Signature": ""},
    {"Webhook-Signature": "v1,"},
    {"Webhook-Signature": "v1,\u00e9"},
    {"Webhook-Signature": headers(OLD)["Webhook-Signature"]},
    {"Webhook-Signature": headers(SECRET)["Webhook-Signature"].replace("v1,", "v1a,")},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_was_changed_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(NotVerified):
        verify({**headers(SECRET), **change}, SECRET)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(NotVerified, match="No signature"):
        verify(headers(SECRET), SECRET, body=BODY.replace("0.00", "1.00"))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_***"])
def test_a_secret_that_is_none_is_a_mistake_of_the_program(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        verify(headers(SECRET), secret)
