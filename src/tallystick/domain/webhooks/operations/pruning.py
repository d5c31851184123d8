"""Forget messages that ended long ago; the events that they told stay, and can be replayed."""

from datetime import datetime

from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.domain.webhooks import rules
from tallystick.integrations.postgres import scope


def prune(*, now: datetime, limit: int) -> int:
    """Forget at most so many messages with their tries, of all customers, the oldest first; tell how many. Messages that wait are kept."""
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        cursor.execute("select webhooks_prune(%s, %s)", [now - rules.KEPT, limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
