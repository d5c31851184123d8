"""Show who did what and when: the customer's events, newest first."""

from django.http import HttpResponse
from django.urls import reverse

from tallystick.domain.customers.rules import Act
from tallystick.domain.events import queries as events
from tallystick.interfaces.web import page
from tallystick.lib import ids

_ROWS = 50


@page.page(Act.MANAGE_USERS)
def audit_log(request: page.Seen) -> HttpResponse:
    """Page through the events of the customer."""
    customer_id = request.viewer.customer_id
    assert customer_id is not None, "staff have pages of their own"
    asked = request.GET.get("before", "")
    found = events.log(customer_id=customer_id, before=ids.parse("evt", asked) if asked else None, limit=_ROWS + 1)
    shown = found[:_ROWS]
    context = {
        "events": [(event, event.kind.replace(".", " ").replace("_", " ").capitalize()) for event in shown],
        "older": f"before={ids.public('evt', shown[-1].id)}" if len(found) > _ROWS else "",
        "newest": reverse("audit-log") if asked else "",
    }
    return page.show(request, "web/audit_log.html", lambda: context)
