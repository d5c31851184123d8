"""Tell an open page whether something happened since it was made, for the price of one read of an index (ADR 0010).

The address carries a signed name of whose events are meant, so that asking needs no session, no person and no seat.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from tallystick.domain.customers import rules
from tallystick.domain.events import queries as events
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import scope

_SALT = "tallystick.live"
_STAFF = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Stand on a page: where to ask, and the state that the page shows."""

    address: str
    version: str


def mark(request: HttpRequest, viewer: rules.Viewer) -> Mark | None:
    """Mark the state before the page reads anything, inside its scope; none for a fragment, which has its page's mark."""
    if request.method != "GET" or "HX-Request" in request.headers:
        return None
    token = signing.dumps(viewer.customer_id or _STAFF, salt=_SALT)
    return Mark(reverse("live", args=[token]), _version(viewer))


def version(token: str) -> str | None:
    """Tell how far the events have come; None where the token is none of ours, or older than a session may be."""
    try:
        customer_id: int = signing.loads(token, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    kind = rules.ViewerKind.STAFF if customer_id == _STAFF else rules.ViewerKind.CUSTOMER
    asking = rules.Viewer(kind=kind, name="", customer_id=customer_id or None)
    with scope.of(asking):
        return _version(asking)


def _version(viewer: rules.Viewer) -> str:
    """Mark the state inside the running scope; staff also see approvals that run in a moment, which are no events of the customer yet."""
    if viewer.customer_id is not None:
        return events.version(customer_id=viewer.customer_id)
    return events.version(customer_id=None, beside=purchasing.WAITING_MARK)
