"""Let a form of staff have its effect once: the second press finds where the first one led."""

from datetime import datetime, timedelta
from uuid import UUID

from tallystick.domain.customers.rules import Viewer
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

_KEPT = timedelta(days=30)


class AlreadySent(errors.Conflict):
    """Say that this very form was sent before and had its effect."""

    code = "already_sent"


def take_form(*, viewer: Viewer, key: UUID, now: datetime) -> None:
    """Claim a form's token inside the scope of its effect; of two at once the second waits for the first. Raises AlreadySent."""
    with scope.cursor() as cursor:
        cursor.execute("delete from customers_sentform where sent_at < %s", [now - _KEPT])
        cursor.execute(
            "insert into customers_sentform (key, person_id, sent_at) values (%s, %s, %s) on conflict do nothing", [key, viewer.person_id, now]
        )
        if not cursor.rowcount:
            raise AlreadySent(texts.marked("This form was sent already, and had its effect once. Open it anew to send another."))


def lead_form(*, key: UUID, address: str) -> None:
    """Keep the page to which a form led, inside the scope of its effect."""
    with scope.cursor() as cursor:
        cursor.execute("update customers_sentform set address = %s where key = %s", [address, key])


def form_led_to(*, viewer: Viewer, key: UUID) -> str | None:
    """Tell where this person's form of that token led; None where it had no effect yet."""
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute("select address from customers_sentform where key = %s and person_id = %s", [key, viewer.person_id])
        row = cursor.fetchone()
    return row[0] if row else None
