"""Tell that a balance is low, and that the credit limit was reached: once each, until it is over.

Nothing of it is decided while a charge waits, but for one note: the first refusal for want of funds is written on the credit row (sql/decide.sql).
"""

from datetime import datetime

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer, system
from tallystick.domain.events import operations as events
from tallystick.domain.funds import models
from tallystick.domain.funds.operations import posting
from tallystick.integrations.postgres import scope
from tallystick.lib import ids, money


@scope.retrying
def tell_alerts(*, customer_id: int, now: datetime) -> None:
    """Record what is true of a customer now and was not told, and forget what is over."""
    viewer = system(customer_id)
    with scope.of(viewer):
        posting.lock(customer_id)
        _tell_low(customer_id, viewer)
        _tell_reached(customer_id, viewer, now)


def _tell_low(customer_id: int, viewer: Viewer) -> None:
    """Tell of each fund that is below the threshold of the customer's settings; a lifted threshold is forgotten without a word."""
    customer = customers.customer(viewer=viewer)
    with scope.cursor() as cursor:
        cursor.execute(
            "update funds_fund f set is_low = not f.is_low where f.customer_id = %s and f.holder_id = f.id and f.is_open"
            " and funds_is_low(f, %s) <> f.is_low returning f.id, f.balance_minor, f.is_low",
            [customer_id, customer.notify_below_minor],
        )
        changed = cursor.fetchall()
    for fund_id, balance_minor, is_low in changed:
        if is_low:
            named = ids.public("div", fund_id)
            facts = {
                "division_id": named,
                "currency": customer.currency,
                "balance": money.text(balance_minor, customer.currency),
                "threshold": money.text(customer.notify_below_minor or 0, customer.currency),
            }
            events.record(customer_id=customer_id, kind="balance.low", subject_id=named, facts=facts, viewer=viewer)


def _tell_reached(customer_id: int, viewer: Viewer, now: datetime) -> None:
    """Tell that a charge was refused for want of funds, or that nothing is left of the limit; forget it when there is more to spend than then."""
    credit = models.Credit.objects.get(customer_id=customer_id)
    with scope.cursor() as cursor:
        cursor.execute("select funds_left(%s)", [customer_id])
        (left_minor,) = cursor.fetchone() or (None,)
    marks: dict[str, object] = {}
    if credit.reached_left_minor is not None:
        if left_minor is None or left_minor > credit.reached_left_minor:
            marks = {"reached_at": None, "reached_division_id": None, "reached_required_minor": None, "reached_left_minor": None}
    elif left_minor is None:  # refused before the limit was lifted
        marks = {"reached_at": None, "reached_division_id": None, "reached_required_minor": None}
    elif credit.reached_at is not None or (credit.limit_minor and credit.in_use_minor >= credit.limit_minor):
        marks = {"reached_at": credit.reached_at or now, "reached_left_minor": left_minor}
        _record_reached(credit, viewer)
    if marks:
        models.Credit.objects.filter(customer_id=customer_id).update(**marks)


def _record_reached(credit: models.Credit, viewer: Viewer) -> None:
    division_id, required_minor, currency = credit.reached_division_id, credit.reached_required_minor, credit.currency
    facts = {
        "currency": currency,
        "limit": money.text(credit.limit_minor or 0, currency),
        "used": money.text(credit.in_use_minor, currency),
        "division_id": ids.public("div", division_id) if division_id is not None else None,
        "required": money.text(required_minor, currency) if required_minor is not None else None,
    }
    subject = ids.public("cus", credit.customer_id)
    events.record(customer_id=credit.customer_id, kind="credit_limit.reached", subject_id=subject, facts=facts, viewer=viewer)
