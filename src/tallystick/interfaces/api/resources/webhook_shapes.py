"""Word endpoints, and the messages of their logs."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tallystick.domain.webhooks import queries, rules
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Shape
from tallystick.lib import ids

Secret = Annotated[
    str,
    Field(
        max_length=120,
        pattern="^whsec_[A-Za-z0-9+/=]+$",
        examples=["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="],
        description="whsec_ and the base64 of 24 to 64 random bytes. It is never shown again.",
    ),
]


class EndpointAsked(Body):
    """Add an endpoint, with the secret that its messages are signed with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://hooks.northwind.example/tallystick",
                    "description": "Shop",
                    "events": ["invoice.issued", "invoice.paid"],
                    "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                }
            ]
        }
    )

    url: str = Field(min_length=1, max_length=rules.LONGEST_URL, examples=["https://hooks.northwind.example/tallystick"])
    description: Annotated[str, Field(max_length=rules.LONGEST_DESCRIPTION)] = ""
    events: list[Line] = Field(default_factory=list, max_length=100, examples=[["invoice.issued"]], description="None: every event.")
    secret: Secret


class EndpointChanged(Body):
    """Change an endpoint: all of it is sent, as it is to be."""

    url: str = Field(min_length=1, max_length=rules.LONGEST_URL, examples=["https://hooks.northwind.example/tallystick"])
    description: Annotated[str, Field(max_length=rules.LONGEST_DESCRIPTION)] = ""
    events: list[Line] = Field(default_factory=list, max_length=100, examples=[["invoice.issued"]], description="None: every event.")


class SecretAsked(Body):
    """Give an endpoint another secret."""

    secret: Secret


class RangeAsked(Body):
    """Name a range of the customer's sequence, both ends inclusive, at most 1,000 events."""

    first: int = Field(ge=1, lt=2**53, examples=[1042])
    last: int = Field(ge=1, lt=2**53, examples=[1057])


class Endpoint(Shape):
    """Show an endpoint; its secret is not shown."""

    id: str
    url: str
    description: str
    events: list[str]
    state: Literal["on", "off"]
    off_reason: Literal["person", "gone", "failing"] | None
    off_at: Instant | None
    failing_since: Instant | None
    created_at: Instant


class Try(Shape):
    """Show one try: the status that came back, or why none did."""

    made_at: Instant
    status: int | None
    error: str | None
    milliseconds: int


class Message(Shape):
    """Show one message of the log; a test has no event."""

    id: str
    endpoint_id: str
    event_id: str | None
    sequence: int | None
    type: str
    cause: Literal["event", "resent", "replayed", "test"]
    asked_by: str | None
    state: Literal["waiting", "delivered", "failed", "stopped"]
    attempts: int
    created_at: Instant
    next_try_at: Instant | None
    ended_at: Instant | None
    last_status: int | None
    last_error: str | None


class MessageInFull(Message):
    """Show one message with its tries, oldest first."""

    tries: list[Try]


class Replayed(Shape):
    """Tell how many messages are on their way."""

    count: int


def endpoint(shown: queries.Endpoint) -> Endpoint:
    """Word an endpoint."""
    return Endpoint.model_validate(
        {
            "id": ids.public("wh", shown.id),
            "url": shown.url,
            "description": shown.description,
            "events": list(shown.kinds),
            "state": "on" if shown.is_on else "off",
            "off_reason": shown.off_reason or None,
            "off_at": shown.off_at,
            "failing_since": shown.failing_since,
            "created_at": shown.created_at,
        }
    )


def message(shown: queries.Message) -> Message:
    """Word a message."""
    return Message.model_validate(_message(shown))


def in_full(shown: queries.Message, tries: list[queries.Try]) -> MessageInFull:
    """Word a message with its tries."""
    words = [{"made_at": one.made_at, "status": one.status, "error": one.error or None, "milliseconds": one.milliseconds} for one in tries]
    return MessageInFull.model_validate({**_message(shown), "tries": words})


def _message(shown: queries.Message) -> dict[str, object]:
    return {
        "id": ids.public("msg", shown.id),
        "endpoint_id": ids.public("wh", shown.endpoint_id),
        "event_id": ids.public("evt", shown.event_id) if shown.event_id else None,
        "sequence": shown.number,
        "type": shown.kind,
        "cause": shown.cause,
        "asked_by": shown.asked_by or None,
        "state": shown.state,
        "attempts": shown.attempts,
        "created_at": shown.created_at,
        "next_try_at": shown.next_at,
        "ended_at": shown.ended_at,
        "last_status": shown.last_status,
        "last_error": shown.last_error or None,
    }
