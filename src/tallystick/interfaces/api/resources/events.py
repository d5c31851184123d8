"""Events: the feed of what happened to a customer, in the order of its gapless sequence."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.webhooks import queries
from tallystick.interfaces.api.framework import callers, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.lib import errors

events = resource.Resource("events", tag="Events", prefix="/events")
RESOURCES = (events,)


class EventsAsked(shapes.Shape):
    """Ask for the events behind a number."""

    after: int = Field(0, ge=0, lt=2**53, description="The sequence number behind which the page begins; 0 is the beginning.")
    limit: int = Field(25, ge=1, le=200, description="How many at most.")
    type: str | None = Field(None, max_length=60, pattern=r"^[a-z_]+\.[a-z_]+$", description="Events of this type only.")


class Event(shapes.Shape):
    """Show one event: the same line as the body of its webhook."""

    id: str
    sequence: int
    type: str
    timestamp: str
    subject: str
    facts: dict[str, Any] = Field(serialization_alias="data")


@events.reading("", answers=shapes.Listed[Event])
def list_events(request: HttpRequest, asked: Query[EventsAsked]) -> Told:
    """List what happened, the oldest first: numbers have no gap, and `after` goes on behind the last one that you have."""
    viewer = callers.of(request).viewer
    if viewer.customer_id is None:
        raise errors.NotAllowed("The feed is a customer's: ask with a key of the customer.")
    found = queries.feed(viewer=viewer, after=asked.after, kinds=[asked.type] if asked.type else (), limit=asked.limit + 1)
    shown = found[: asked.limit]
    has_more = len(found) > asked.limit
    content = shapes.Listed[Event](rows=[_worded(one.shape()) for one in shown], has_more=has_more)
    if not has_more:
        return Told(content=content)
    following = {"after": shown[-1].number, "limit": asked.limit, **({"type": asked.type} if asked.type else {})}
    return Told(content=content, headers={"Link": f'<{request.path}?{urlencode(following)}>; rel="next"'})


def _worded(shape: dict[str, object]) -> Event:
    return Event.model_validate({name: value for name, value in shape.items() if name != "data"} | {"facts": shape["data"]})
