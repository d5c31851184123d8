"""Load what an order of a customer is read against and reckoned with."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Viewer, sees_division
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.purchasing import reading, rules
from tallystick.lib import errors, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Hold what an order of a customer is read against and reckoned with."""

    customer_id: int
    legal_entity_id: int
    zone: str
    currency: str
    percent_millionths: int
    setting: reading.Setting

    def today(self, now: datetime) -> date:
        """Tell the day in the legal entity's zone."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def totals(self, order: rules.Order) -> invoicing.Totals:
        """Reckon net, tax and gross at the customer's rate."""
        return invoicing.calculate(invoice_lines(order, self.percent_millionths))


def load(*, viewer: Viewer, customer_id: int) -> Ground:
    """Load it inside the running scope, with the divisions that the viewer sees. Raises NotFound."""
    customer = customers.Customer.objects.filter(id=customer_id).first()
    if customer is None:
        raise errors.NotFound(texts.marked("There is no such customer."), field="customer")
    zone = customers.LegalEntity.objects.values_list("time_zone", flat=True).get(id=customer.legal_entity_id)
    percent = customers.TaxRate.objects.filter(id=customer.tax_rate_id or 0).values_list("percent", flat=True).first()
    divisions = customers.Division.objects.filter(customer_id=customer_id).values_list("id", "closed_at")
    return Ground(
        customer_id=customer_id,
        legal_entity_id=customer.legal_entity_id,
        zone=zone,
        currency=customer.currency,
        percent_millionths=invoicing.millionths(percent) if percent else 0,
        setting=reading.Setting(
            currency=customer.currency,
            longest_terms_days=customer.terms_days,
            divisions={division_id: closed_at is None for division_id, closed_at in divisions if sees_division(viewer, division_id)},
        ),
    )


def invoice_lines(order: rules.Order, percent_millionths: int) -> tuple[invoicing.Line, ...]:
    """Turn the order's lines into the invoice's."""
    return tuple(
        invoicing.Line(
            description=line.description,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            percent_millionths=percent_millionths,
            order_reference=line.order_reference,
        )
        for line in order.lines
    )
