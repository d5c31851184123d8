"""Say how late what is owed is: per customer, in five ages, as of the end of a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.invoicing import models, rules
from tallystick.domain.ledger import receivables
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Aged:
    """Show what one customer owes by age, in minor units: not due, 1 to 30 days late, 31 to 60, 61 to 90, over 90; `amounts` in this order."""

    customer_id: int
    customer_name: str
    currency: str
    amounts: tuple[int, ...]

    @property
    def total_minor(self) -> int:
        """Add the ages up."""
        return sum(self.amounts)

    @property
    def late_minor(self) -> int:
        """Add up what is overdue."""
        return sum(self.amounts[1:])


_ENTITIES = (
    "select d.customer_id, c.currency, d.due_date, sum(d.open_minor)::bigint from invoicing_due d join customers_customer c on c.id = d.customer_id"
    " where d.count > 0 and c.legal_entity_id = any(%s) group by 1, 2, 3"
)


def ageing(*, viewer: Viewer, day: date, now: datetime) -> list[Aged]:
    """List who owes what as of the end of a day in the zone of each seller, by currency and name; a day of the future counts as one to come.

    Of a day before today it is what is open now, less what the journal has moved since. Raises NotAllowed.
    """
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        sums: dict[tuple[int, str], list[int]] = {}
        for zone, entity_ids in _zones().items():
            today = now.astimezone(ZoneInfo(zone)).date()
            found = _now(entity_ids) if day >= today else _then(entity_ids, datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)))
            for customer_id, currency, due_date, open_minor in found:
                sums.setdefault((customer_id, currency), [0] * len(rules.AGES))[rules.age(due_date, day)] += open_minor
        names = dict(customers.Customer.objects.filter(id__in={owner for owner, _ in sums}).values_list("id", "name"))
    rows = [Aged(owner, names[owner], currency, tuple(amounts)) for (owner, currency), amounts in sums.items() if any(amounts)]
    return sorted(rows, key=lambda row: (row.currency, row.customer_name.casefold(), row.customer_id))


def _zones() -> dict[str, list[int]]:
    """Group the sellers by their zone: a day ends for all of them at once."""
    zones: dict[str, list[int]] = {}
    for entity_id, zone in customers.LegalEntity.objects.values_list("id", "time_zone"):
        zones.setdefault(zone, []).append(entity_id)
    return zones


def _now(entity_ids: list[int]) -> Iterable[tuple[int, str, date, int]]:
    """Read what is open, a sum for each customer and due day."""
    with scope.cursor() as cursor:
        cursor.execute(_ENTITIES, [entity_ids])
        found: list[tuple[int, str, date, int]] = cursor.fetchall()
    return found


def _then(entity_ids: list[int], instant: datetime) -> Iterable[tuple[int, str, date, int]]:
    """Reckon what was open just before an instant."""
    moved = receivables.receivables_of_all_since(instant=instant)
    owned = set(customers.Customer.objects.filter(legal_entity_id__in=entity_ids).values_list("id", flat=True))
    ids: set[UUID] = {invoice_id for customer_id, invoice_id in moved if customer_id in owned}
    wanted = models.Invoice.objects.filter(Q(open_minor__gt=0) | Q(id__in=ids), customer_id__in=owned)
    columns = ("customer_id", "id", "currency", "due_date", "open_minor")
    for customer_id, invoice_id, currency, due_date, open_minor in wanted.values_list(*columns):
        then_minor = open_minor - moved.get((customer_id, invoice_id), 0)
        if then_minor > 0:
            yield customer_id, currency, due_date, then_minor
