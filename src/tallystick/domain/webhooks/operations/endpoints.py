"""Add an endpoint, change it, give it another secret, switch it on and off, remove it; each leaves its event."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.events import operations as events
from tallystick.domain.webhooks import models, queries, rules
from tallystick.domain.webhooks.operations.refusals import EndpointExists, TooManyEndpoints
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, texts


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """Describe an endpoint; no kinds means every event. A new endpoint gets a secret of ours unless it brings one."""

    url: str
    description: str = ""
    kinds: Sequence[str] = ()
    secret: str = ""


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """Show the secret of an endpoint this one time."""

    id: UUID
    secret: str


@scope.retrying
def add_endpoint(*, viewer: Viewer, draft: EndpointDraft, now: datetime) -> NewEndpoint:
    """Send what happens from now on to an address. Raises NotAllowed, Invalid, EndpointExists, TooManyEndpoints."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        values = _checked(draft)
        others = queries.kept(customer_id)
        if others.count() >= rules.MOST_ENDPOINTS:
            raise TooManyEndpoints(texts.marked("At most %(most)s endpoints can be kept. Remove one first.", most=rules.MOST_ENDPOINTS))
        if others.filter(url=values["url"]).exists():
            raise EndpointExists(texts.marked("Messages go to this address already. Change that endpoint instead."), field="url")
        made = models.Endpoint.objects.create(customer_id=customer_id, created_at=now, created_by=viewer.name, **values)
        secret = _write_secret(made, now, draft.secret)
        events.listen(customer_id=customer_id, reaction=rules.REACTION_TELL)
        record(made, "webhook_endpoint.added", viewer, kinds=made.kinds)
    return NewEndpoint(made.id, secret)


@scope.retrying
def change_endpoint(*, viewer: Viewer, endpoint_id: UUID, draft: EndpointDraft) -> None:
    """Change address, description and events of an endpoint. Raises NotAllowed, NotFound, Invalid, EndpointExists."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = locked(customer_id, endpoint_id)
        values = _checked(draft)
        if queries.kept(customer_id).filter(url=values["url"]).exclude(id=endpoint_id).exists():
            raise EndpointExists(texts.marked("Messages go to this address already. Change that endpoint instead."), field="url")
        before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
        if before:
            after = {name: values[name] for name in before}
            _update(row, **values)
            record(row, "webhook_endpoint.changed", viewer, before=before, after=after)


@scope.retrying
def rotate_secret(*, viewer: Viewer, endpoint_id: UUID, now: datetime, secret: str = "") -> NewEndpoint:
    """Give an endpoint another secret, of ours unless one is brought; messages carry both signatures for OVERLAP.

    Raises NotAllowed, NotFound, Invalid.
    """
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = locked(customer_id, endpoint_id)
        old = models.Secret.objects.filter(customer_id=customer_id, endpoint_id=endpoint_id)
        old.filter(expires_at__gt=now).update(expires_at=now)  # two signatures at most
        old.filter(expires_at=None).update(expires_at=now + rules.OVERLAP)
        made = _write_secret(row, now, secret)
        record(row, "webhook_endpoint.rotated", viewer, old_until=(now + rules.OVERLAP).isoformat())
    return NewEndpoint(endpoint_id, made)


@scope.retrying
def switch_on(*, viewer: Viewer, endpoint_id: UUID) -> None:
    """Send messages there again, from now on; what was missed is replayed by hand. Raises NotAllowed, NotFound."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = locked(customer_id, endpoint_id)
        if row.off_at is not None:
            _update(row, off_at=None, off_reason="", failing_since=None, failures=0, quiet_until=None)
            record(row, "webhook_endpoint.switched_on", viewer)


@scope.retrying
def switch_off(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> None:
    """Send nothing there any more; messages that wait are stopped. Raises NotAllowed, NotFound."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = locked(customer_id, endpoint_id)
        if row.off_at is None:
            put_off(row=row, reason=rules.Off.PERSON, now=now, viewer=viewer)


def put_off(*, row: models.Endpoint, reason: rules.Off, now: datetime, viewer: Viewer) -> None:
    """Switch a locked endpoint off and say why, inside the running scope."""
    _update(row, off_at=now, off_reason=reason)
    record(row, "webhook_endpoint.switched_off", viewer, reason=reason)


@scope.retrying
def remove_endpoint(*, viewer: Viewer, endpoint_id: UUID, now: datetime) -> None:
    """Forget an endpoint and its secrets; its log stays. Raises NotAllowed, NotFound."""
    customer_id = queries.permitted(viewer)
    with scope.of(viewer):
        row = locked(customer_id, endpoint_id)
        _update(row, removed_at=now)
        for unended in ({"expires_at": None}, {"expires_at__gt": now}):
            models.Secret.objects.filter(customer_id=customer_id, endpoint_id=endpoint_id, **unended).update(expires_at=now)
        record(row, "webhook_endpoint.removed", viewer)


def locked(customer_id: int, endpoint_id: UUID) -> models.Endpoint:
    """Lock an endpoint inside the running scope. Raises NotFound."""
    row = queries.kept(customer_id).select_for_update(no_key=True).filter(id=endpoint_id).first()
    if row is None:
        raise errors.NotFound(texts.marked("There is no such endpoint."))
    return row


def record(row: models.Endpoint, kind: str, viewer: Viewer, **facts: object) -> None:
    """Record an event of an endpoint with its address."""
    subject = ids.public("wh", row.id)
    events.record(customer_id=row.customer_id, kind=kind, subject_id=subject, facts={"url": row.url, **facts}, viewer=viewer)


def _checked(draft: EndpointDraft) -> dict[str, object]:
    """Read a draft inside the running scope. Raises Invalid."""
    description = " ".join(draft.description.split())
    if len(description) > rules.LONGEST_DESCRIPTION or not description.isprintable():
        raise errors.Invalid(texts.marked("Enter a name of at most 200 characters."), field="description")
    url = rules.checked_url(draft.url, private_allowed=queries.private_allowed())
    return {"url": url, "description": description, "kinds": rules.checked_kinds(draft.kinds)}


def _update(row: models.Endpoint, **values: object) -> None:
    models.Endpoint.objects.filter(customer_id=row.customer_id, id=row.id).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def _write_secret(row: models.Endpoint, now: datetime, brought: str = "") -> str:
    made = rules.checked_secret(brought) if brought else rules.secret_of(secrets.token_bytes(rules.SECRET_BYTES))
    models.Secret.objects.create(customer_id=row.customer_id, endpoint_id=row.id, secret=made, created_at=now)
    return made
