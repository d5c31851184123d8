"""Webhooks: add, change, switch and remove endpoints, test one, read its log, resend and replay.

A program brings the secret itself: an answer that is kept for repeats of its request must not have one in it.
"""

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.webhooks import operations, queries
from tallystick.interfaces.api.framework import bodies, callers, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act
from tallystick.interfaces.api.resources import webhook_shapes as told_as
from tallystick.lib import errors, ids

webhooks = resource.Resource("webhooks", tag="Webhooks", prefix="/webhooks")
messages = resource.Resource("webhooks", tag="Webhooks", prefix="/webhook-messages")
RESOURCES = (webhooks, messages)
_FIELDS = {"kinds": "events"}


@webhooks.reading("", answers=shapes.Listed[told_as.Endpoint])
def list_webhooks(request: HttpRequest) -> Told:
    """List the endpoints, the oldest first."""
    found = queries.endpoints(viewer=callers.of(request).viewer)
    return Told(content=shapes.Listed[told_as.Endpoint](rows=[told_as.endpoint(one) for one in found], has_more=False))


@webhooks.writing("", answers=told_as.Endpoint, status=201)
def add_webhook(request: HttpRequest, asked: told_as.EndpointAsked) -> Act:
    """Add an endpoint: what happens from now on is sent there, signed with the secret that was sent."""
    viewer = callers.of(request).viewer
    draft = operations.EndpointDraft(url=asked.url, description=asked.description, kinds=asked.events, secret=asked.secret)

    def act() -> Told:
        try:
            made = operations.add_endpoint(viewer=viewer, draft=draft, now=_now())
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        shown = _told(viewer, made.id)
        return Told(content=shown.content, headers={"Location": f"/api/v1/webhooks/{ids.public('wh', made.id)}"})

    return act


@webhooks.reading("/{webhook_id}", answers=told_as.Endpoint)
def get_webhook(request: HttpRequest, webhook_id: str) -> Told:
    """Open an endpoint."""
    return _told(callers.of(request).viewer, ids.parse("wh", webhook_id))


@webhooks.writing("/{webhook_id}/change", answers=told_as.Endpoint)
def change_webhook(request: HttpRequest, webhook_id: str, asked: told_as.EndpointChanged) -> Act:
    """Change address, description and events of an endpoint."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)
    draft = operations.EndpointDraft(url=asked.url, description=asked.description, kinds=asked.events)

    def act() -> Told:
        try:
            operations.change_endpoint(viewer=viewer, endpoint_id=endpoint_id, draft=draft)
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        return _told(viewer, endpoint_id)

    return act


@webhooks.writing("/{webhook_id}/rotation", answers=told_as.Endpoint)
def rotate_webhook_secret(request: HttpRequest, webhook_id: str, asked: told_as.SecretAsked) -> Act:
    """Give an endpoint another secret: for 24 hours messages carry both signatures."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)

    def act() -> Told:
        operations.rotate_secret(viewer=viewer, endpoint_id=endpoint_id, now=_now(), secret=asked.secret)
        return _told(viewer, endpoint_id)

    return act


@webhooks.writing("/{webhook_id}/activation", answers=told_as.Endpoint)
def switch_webhook_on(request: HttpRequest, webhook_id: str) -> Act:
    """Switch an endpoint on: what it missed is replayed by asking for it."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)

    def act() -> Told:
        operations.switch_on(viewer=viewer, endpoint_id=endpoint_id)
        return _told(viewer, endpoint_id)

    return act


@webhooks.writing("/{webhook_id}/deactivation", answers=told_as.Endpoint)
def switch_webhook_off(request: HttpRequest, webhook_id: str) -> Act:
    """Switch an endpoint off: messages that wait are stopped."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)

    def act() -> Told:
        operations.switch_off(viewer=viewer, endpoint_id=endpoint_id, now=_now())
        return _told(viewer, endpoint_id)

    return act


@webhooks.writing("/{webhook_id}/removal", answers=told_as.Endpoint)
def remove_webhook(request: HttpRequest, webhook_id: str) -> Act:
    """Remove an endpoint and its secrets: it is shown this last time."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)

    def act() -> Told:
        shown = _told(viewer, endpoint_id)
        operations.remove_endpoint(viewer=viewer, endpoint_id=endpoint_id, now=_now())
        return shown

    return act


@webhooks.writing("/{webhook_id}/test", answers=told_as.MessageInFull, status=201)
def test_webhook(request: HttpRequest, webhook_id: str) -> Act:
    """Send a message that means nothing, once: also to an endpoint that is switched off."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)
    return lambda: _message(viewer, operations.send_test(viewer=viewer, endpoint_id=endpoint_id, now=_now()))


@webhooks.writing("/{webhook_id}/replay", answers=told_as.Replayed)
def replay_webhook(request: HttpRequest, webhook_id: str, asked: told_as.RangeAsked) -> Act:
    """Send a range of the sequence once more: the events that the endpoint wants, both ends inclusive."""
    viewer, endpoint_id = callers.of(request).viewer, ids.parse("wh", webhook_id)

    def act() -> Told:
        count = operations.replay(viewer=viewer, endpoint_id=endpoint_id, first=asked.first, last=asked.last, now=_now())
        return Told(content=told_as.Replayed(count=count))

    return act


@webhooks.reading("/{webhook_id}/messages", answers=shapes.Listed[told_as.Message])
def list_webhook_messages(request: HttpRequest, webhook_id: str, asked: Query[shapes.Paged]) -> Told:
    """Page through the log of an endpoint, newest first."""
    at, viewer = paging.cursor(asked, "msg"), callers.of(request).viewer
    kept = queries.endpoint(viewer=viewer, endpoint_id=ids.parse("wh", webhook_id))
    found = queries.messages(viewer=viewer, endpoint_id=kept.id, before=at.older_than, newer_than=at.newer_than, limit=at.limit)
    return paging.told(request, found, at, prefix="msg", shape=shapes.Listed[told_as.Message], show=told_as.message)


@messages.reading("/{message_id}", answers=told_as.MessageInFull)
def get_webhook_message(request: HttpRequest, message_id: str) -> Told:
    """Open a message of the log, with its tries."""
    return _message(callers.of(request).viewer, ids.parse("msg", message_id))


@messages.writing("/{message_id}/resending", answers=told_as.MessageInFull, status=201)
def resend_webhook_message(request: HttpRequest, message_id: str) -> Act:
    """Send a message once more, under the same webhook-id."""
    viewer, delivery_id = callers.of(request).viewer, ids.parse("msg", message_id)
    return lambda: _message(viewer, operations.resend(viewer=viewer, delivery_id=delivery_id, now=_now()))


def _told(viewer: Viewer, endpoint_id: UUID) -> Told:
    return Told(content=told_as.endpoint(queries.endpoint(viewer=viewer, endpoint_id=endpoint_id)))


def _message(viewer: Viewer, delivery_id: UUID) -> Told:
    return Told(content=told_as.in_full(*queries.message(viewer=viewer, delivery_id=delivery_id)))


def _now() -> datetime:
    return datetime.now(UTC)
