"""Load what every payment stands on: the customer's currency, tax rate and day, its invoices under lock, and the row of the payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models as django

from tallystick.domain.customers.rules import Viewer, ViewerKind
from tallystick.domain.events import operations as events
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import rules as invoicing
from tallystick.domain.payments import models, refusals, rules
from tallystick.integrations.postgres import rows, scope
from tallystick.lib import errors, ids, money, texts

_LONGEST_KEY = 200
_TERMS = (
    "select c.currency, coalesce(r.percent, 0), e.time_zone from customers_customer c join customers_legalentity e on e.id = c.legal_entity_id"
    " left join customers_taxrate r on r.id = c.tax_rate_id where c.id = %s"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what a customer pays in: its currency, its rate for deposits (millionths of a percent) and its legal entity's zone."""

    currency: str
    percent_millionths: int
    zone: str

    def today(self, now: datetime) -> date:
        """Tell the day in the legal entity's zone."""
        return now.astimezone(ZoneInfo(self.zone)).date()


def terms(customer_id: int) -> Terms:
    """Load a customer's terms inside the running scope, in one question: every payment asks it. Raises NotFound."""
    with scope.cursor() as cursor:
        cursor.execute(_TERMS, [customer_id])
        row = cursor.fetchone()
    if row is None:
        raise errors.NotFound(texts.marked("There is no such customer."))
    return Terms(row[0], invoicing.millionths(row[1]), row[2])


def permit_method(customer_id: int, method: rules.Method) -> None:
    """Refuse a method that the customer's settings leave out, inside the running scope. Raises PaymentMethodNotAllowed."""
    with scope.cursor() as cursor:
        cursor.execute("select payment_methods ? %s from customers_customer where id = %s", [method.value, customer_id])
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise refusals.PaymentMethodNotAllowed(
            texts.marked("Your company's settings do not allow this method of payment. Choose another."), field="method"
        )


def replay[T: django.Model](
    model: type[T], customer_id: int, key: str, fingerprint: str, *, of: str = "idempotency", in_line: bool = True
) -> T | None:
    """Find the row that this idempotency key made (or, `of` "recording", recorded), None where it is new.

    Equal requests at once stand in line here, before anything else is locked; not those whose first write is the row of the key itself.

    Raises IdempotencyKeyReused, Invalid.
    """
    if in_line:
        with scope.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"payments {customer_id} {key}"])
    is_recorded = of == "recording"
    if not 0 < len(key) <= _LONGEST_KEY:
        raise errors.Invalid(texts.marked("An idempotency key of 1 to 200 characters is needed."), field="idempotency_key")
    named = "where customer_id = %s and recording_key = %s" if is_recorded else "where customer_id = %s and idempotency_key = %s"
    found = next(iter(rows.read(model, named, customer_id, key)), None)
    if found is not None and getattr(found, "recording_fingerprint" if is_recorded else "fingerprint") != fingerprint:
        raise refusals.IdempotencyKeyReused(texts.marked("This key was used with another request. Use a new one."), field="idempotency_key")
    return found


def locked(viewer: Viewer, payment_id: UUID) -> models.Payment:
    """Lock a payment's row: first in the lock order of its subject; staff need not name the customer. Raises NotFound."""
    seen = "where id = %s and (%s::bigint is null or customer_id = %s) for no key update"
    found = rows.read(models.Payment, seen, payment_id, viewer.customer_id, viewer.customer_id)
    if not found:
        raise errors.NotFound(texts.marked("There is no such payment."))
    return found[0]


def fund_that_got(row: models.Allocation | models.Surplus | models.ReversalPart | models.Refund) -> int:
    """Tell which fund answers now for the money of a row: the one that it went to or came from, or what that was joined into since."""
    assert row.fund_id is not None, "the row moved money"
    assert row.journal_number is not None, "the row moved money"
    return funds.fund_that_got(customer_id=row.customer_id, fund_id=row.fund_id, journal_number=row.journal_number)


type Owned = models.Payment | models.Attempt | models.Allocation | models.Surplus | models.ReversalPart | models.Deposit | models.Refund
"""What an operation may change."""


def change(row: Owned, **values: object) -> None:
    """Write some columns of a row by its whole key, and on the object."""
    every = type(row)._default_manager  # noqa: SLF001 - Django's own name for it
    every.filter(customer_id=row.customer_id, pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)


def enter(payment: models.Payment, state: rules.State, **values: object) -> None:
    """Take a payment into a state, by the table of rules.py only."""
    before = rules.State(payment.state)
    assert state is before or state in rules.TRANSITIONS[before], f"a payment does not go from {before} to {state}"
    change(payment, state=state, **values)


def take_reference(*, provider: str, reference: str, customer_id: int, subject: str, subject_id: UUID) -> None:
    """Take a gateway's or bank's reference once and for ever (law 9). Raises ReferenceTaken."""
    with scope.cursor() as cursor:
        cursor.execute(
            "insert into payments_providerreference (id, provider, reference, customer_id, subject, subject_id)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [ids.new(), provider, reference, customer_id, subject, subject_id],
        )
        if cursor.rowcount == 0:
            raise refusals.ReferenceTaken(
                texts.marked("A payment with the reference %(reference)s is recorded already.", reference=reference[:80]), field="reference"
            )


def owner(viewer: Viewer) -> int:
    """Name the customer whose viewer this is. Raises NotAllowed for staff, who record payments instead of starting them."""
    if viewer.customer_id is None:
        raise errors.NotAllowed(texts.marked("Only a customer starts payments. Record the payment that arrived instead."))
    return viewer.customer_id


def check_asks(asks: Sequence[rules.Ask]) -> None:
    """Refuse amounts and lists that can not be right. Raises Invalid."""
    if len(asks) > rules.MOST_INVOICES:
        raise errors.Invalid(
            texts.marked("One payment takes at most %(most)s invoices.", most=rules.MOST_INVOICES), code="too_many_invoices", field="invoices"
        )
    if len({ask.invoice_id for ask in asks}) != len(asks):
        raise errors.Invalid(texts.marked("Name each invoice once."), field="invoices")
    for ask in asks:
        if not 0 < ask.amount_minor < money.LARGEST_MINOR:
            raise errors.Invalid(texts.marked("Enter an amount above zero."), code="amount_not_positive", field="amount")


def record(payment: models.Payment, kind: str, viewer: Viewer, **facts: object) -> None:
    """Record an event of a payment with its figures."""
    events.record(
        customer_id=payment.customer_id,
        kind=kind,
        subject_id=ids.public("pay", payment.id),
        facts={
            "method": payment.method,
            "currency": payment.currency,
            "amount": money.text(payment.amount_minor, payment.currency),
            "settled": money.text(payment.settled_minor, payment.currency),
            "reversed": money.text(payment.reversed_minor, payment.currency),
            "reference": payment.reference,
            **facts,
        },
        viewer=viewer,
    )


def entered_by(viewer: Viewer) -> dict[str, object]:
    """Say on a row who entered it; the worker is nobody."""
    return {"entered_by_id": None if viewer.kind is ViewerKind.SYSTEM else viewer.person_id, "entered_by": viewer.name}
