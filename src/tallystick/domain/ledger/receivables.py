"""Ask the journal by how much what customers owe has moved, all customers at once: for the operator's reports."""

from datetime import datetime
from uuid import UUID

from tallystick.integrations.postgres import scope

_MOVED = (
    "select customer_id, invoice_id, sum(case when debit in (10, 11) then amount_minor else -amount_minor end)::bigint"
    " from ledger_transfer where kind <> 1 and invoice_id is not null and posted_at >= %s"
    " and ((debit in (10, 11)) <> (credit in (10, 11))) group by customer_id, invoice_id"
)


def receivables_of_all_since(*, instant: datetime) -> dict[tuple[int, UUID], int]:
    """Tell by how much each invoice's open amount has risen (or, below zero, fallen) since an instant, by customer and invoice.

    Charges are many and owe nothing, so they are never read. Inside the running scope, which decides whose rows are seen.
    """
    with scope.cursor() as cursor:
        cursor.execute(_MOVED, [instant])
        return {(customer_id, invoice_id): minor for customer_id, invoice_id, minor in cursor.fetchall()}
