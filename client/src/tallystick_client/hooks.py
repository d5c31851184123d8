"""Read the feed of events, and keep the endpoints that they are sent to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick_client import requests, shapes
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Show one event, as the feed and the bodies of webhooks have it; a test message has no `sequence`."""

    id: str
    sequence: int | None
    type: str
    timestamp: datetime
    subject: str
    facts: Mapping[str, object] = shapes.called("data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Show an endpoint; its secret is not shown. No events: it gets all of them."""

    id: str
    url: str
    description: str
    events: tuple[str, ...]
    state: str
    off_reason: str | None
    off_at: datetime | None
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Show one try: the status that came back, or why none did."""

    made_at: datetime
    status: int | None
    error: str | None
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Show one message of an endpoint's log; a test has no event. Lists leave `tries` empty."""

    id: str
    endpoint_id: str
    event_id: str | None
    sequence: int | None
    type: str
    cause: str
    asked_by: str | None
    state: str
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    last_status: int | None
    last_error: str | None
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Tell how many messages are on their way."""

    count: int


class Events[S](Resource[S]):
    """Read the feed."""

    @Each
    def list(self, *, after: int = 0, type: str | None = None, limit: int | None = None) -> Listing[Event]:  # noqa: A002 - the parameter's own name
        """Go through what happened behind a sequence number, oldest first, up to now; `limit` is the size of a page."""
        return requests.listed(requests.at("events"), Event, after=after, type=type, limit=limit)


class Webhooks[S](Resource[S]):
    """Keep endpoints, read their logs, and have messages sent again."""

    @Each
    def list(self) -> Listing[Endpoint]:
        """Go through the endpoints, oldest first."""
        return requests.listed(requests.at("webhooks"), Endpoint)

    @Call
    def add(
        self, *, url: str, secret: str, events: Sequence[str] = (), description: str = "", idempotency_key: str | None = None
    ) -> Request[Endpoint]:
        """Add an endpoint, with the secret that its messages are signed with (`signatures.new_secret()`). Raises Invalid."""
        body = {"url": url, "secret": secret, "events": events, "description": description}
        return requests.sent(requests.at("webhooks"), Endpoint, body, idempotency_key=idempotency_key)

    @Call
    def get(self, webhook_id: str) -> Request[Endpoint]:
        """Open an endpoint. Raises NotFound."""
        return requests.fetched(requests.at("webhooks", webhook_id), Endpoint)

    @Call
    def change(
        self, webhook_id: str, *, url: str, events: Sequence[str] = (), description: str = "", idempotency_key: str | None = None
    ) -> Request[Endpoint]:
        """Change an endpoint: all of it is sent, as it is to be. Raises Invalid."""
        body = {"url": url, "events": events, "description": description}
        return requests.sent(requests.at("webhooks", webhook_id, "change"), Endpoint, body, idempotency_key=idempotency_key)

    @Call
    def rotate(self, webhook_id: str, *, secret: str, idempotency_key: str | None = None) -> Request[Endpoint]:
        """Give an endpoint another secret: for 24 hours messages carry both signatures."""
        path = requests.at("webhooks", webhook_id, "rotation")
        return requests.sent(path, Endpoint, {"secret": secret}, idempotency_key=idempotency_key)

    @Call
    def switch_on(self, webhook_id: str, *, idempotency_key: str | None = None) -> Request[Endpoint]:
        """Switch an endpoint on; what it missed is replayed by asking for it."""
        return requests.sent(requests.at("webhooks", webhook_id, "activation"), Endpoint, idempotency_key=idempotency_key)

    @Call
    def switch_off(self, webhook_id: str, *, idempotency_key: str | None = None) -> Request[Endpoint]:
        """Switch an endpoint off: messages that wait are stopped."""
        return requests.sent(requests.at("webhooks", webhook_id, "deactivation"), Endpoint, idempotency_key=idempotency_key)

    @Call
    def remove(self, webhook_id: str, *, idempotency_key: str | None = None) -> Request[Endpoint]:
        """Remove an endpoint and its secrets."""
        return requests.sent(requests.at("webhooks", webhook_id, "removal"), Endpoint, idempotency_key=idempotency_key)

    @Call
    def test(self, webhook_id: str, *, idempotency_key: str | None = None) -> Request[Message]:
        """Send a message that means nothing, once."""
        return requests.sent(requests.at("webhooks", webhook_id, "test"), Message, idempotency_key=idempotency_key)

    @Call
    def replay(self, webhook_id: str, *, first: int, last: int, idempotency_key: str | None = None) -> Request[Replayed]:
        """Send a range of the sequence once more, both ends inclusive, at most 1,000 events."""
        path = requests.at("webhooks", webhook_id, "replay")
        return requests.sent(path, Replayed, {"first": first, "last": last}, idempotency_key=idempotency_key)

    @Each
    def messages(self, webhook_id: str, *, limit: int | None = None) -> Listing[Message]:
        """Go through the log of an endpoint, newest first."""
        return requests.listed(requests.at("webhooks", webhook_id, "messages"), Message, limit=limit)

    @Call
    def message(self, message_id: str) -> Request[Message]:
        """Open a message of the log, with its tries. Raises NotFound."""
        return requests.fetched(requests.at("webhook-messages", message_id), Message)

    @Call
    def resend(self, message_id: str, *, idempotency_key: str | None = None) -> Request[Message]:
        """Send a message once more, under the same webhook-id."""
        return requests.sent(requests.at("webhook-messages", message_id, "resending"), Message, idempotency_key=idempotency_key)
