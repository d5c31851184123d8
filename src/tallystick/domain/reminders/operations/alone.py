"""Let one at a time decide about the reminders of a customer."""

from tallystick.integrations.postgres import scope


def lock(customer_id: int) -> None:
    """Wait for whoever is deciding about this customer's reminders, inside the running scope, before any row is locked."""
    with scope.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('reminders', %s))", [customer_id])
