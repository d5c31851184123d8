"""Ask which invoices have fallen due without anybody having been told."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.integrations.postgres import scope


def overdue_untold(*, now: datetime, limit: int) -> list[tuple[date, int, list[UUID]]]:
    """List for the worker, over all customers, what is overdue on its legal entity's day: that day, the customer, and its invoices.

    At most `limit` of each legal entity, the longest overdue first.
    """
    found: dict[tuple[date, int], list[UUID]] = {}
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        for entity in customers.legal_entities():
            today = now.astimezone(ZoneInfo(entity.time_zone)).date()
            cursor.execute("select customer_id, invoice_id from invoicing_overdue(%s, %s, %s)", [entity.pk, today, limit])
            for customer_id, invoice_id in cursor.fetchall():
                found.setdefault((today, customer_id), []).append(invoice_id)
    return [(today, customer_id, invoice_ids) for (today, customer_id), invoice_ids in found.items()]
