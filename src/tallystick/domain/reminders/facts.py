"""Gather what is looked at before anybody is reminded, of several customers in a fixed number of questions, and decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from tallystick.domain.customers import models as customers
from tallystick.domain.customers import queries as directory
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.funds import models as funds
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.invoicing.rules import CreditState
from tallystick.domain.payments import models as payments
from tallystick.domain.payments.rules import State
from tallystick.domain.reminders import models, rules

_READ = (CustomerRole.FINANCE_MANAGER, CustomerRole.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Hold a customer as it was looked at: its day, its schedule, what it owes, and what was decided about each open invoice (oldest due first)."""

    customer_id: int
    customer_name: str
    currency: str
    today: date
    group_id: int
    group_name: str
    steps: tuple[rules.Step, ...]
    account: rules.Account
    exposure: rules.Exposure
    invoices: Sequence[rules.Invoice]
    numbers: Mapping[UUID, str]
    divisions: Mapping[UUID, int]
    disputes: Mapping[UUID, str]
    decisions: Mapping[UUID, rules.Decision]

    @property
    def sent(self) -> list[rules.Invoice]:
        """List the invoices that are reminded of."""
        return [one for one in self.invoices if self.decisions[one.id].is_sent]

    @property
    def held(self) -> list[rules.Invoice]:
        """List the invoices whose step has come and that something holds back."""
        return [one for one in self.invoices if self.decisions[one.id].is_held]

    @property
    def asked_minor(self) -> int:
        """Add up what the reminder would ask for."""
        return sum(self.decisions[one.id].owed_minor for one in self.sent)

    @property
    def tone(self) -> rules.Tone:
        """Name the gravest tone of what is sent."""
        return max((self.decisions[one.id].tone for one in self.sent), key=lambda tone: rules.LEVELS[tone], default=rules.Tone.NOTICE)


@dataclass(slots=True)
class _Found:
    """Collect the rows of several customers by customer, and of invoices by invoice."""

    rows: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    announced: dict[UUID, int] = field(default_factory=dict)
    crediting: dict[UUID, int] = field(default_factory=dict)
    told: dict[UUID, list[rules.Told]] = field(default_factory=dict)
    paused: dict[UUID, date] = field(default_factory=dict)
    all_paused: dict[int, date] = field(default_factory=dict)
    unapplied: dict[int, int] = field(default_factory=dict)


_INVOICE = ("customer_id", "id", "number", "division_id", "issue_date", "due_date", "open_minor", "disputed", "dispute_reason")


def steps_of(row: models.Group) -> tuple[rules.Step, ...]:
    """Read a group's schedule."""
    return tuple(rules.Step(days, rules.Tone(tone)) for days, tone in row.steps)


def ahead(groups: Iterable[models.Group]) -> int:
    """Tell how many days before its due day an invoice may be reminded of at the earliest."""
    return max((-step.days for row in groups for step in steps_of(row)), default=0)


def horizon(now: datetime) -> date:
    """Name the last due day for which a step may have come anywhere on earth, inside the running scope."""
    return now.date() + timedelta(days=1 + ahead(models.Group.objects.all()))


def looked(customer_ids: Sequence[int], now: datetime, *, due_until: date | None = None, only: UUID | None = None) -> list[Looked]:
    """Look at customers as of their legal entities' days, in the order given, inside the running scope.

    Decisions about what is due first need nothing that is due later: `due_until` leaves the rest out, and `only` all that one invoice's does not need.
    Then the exposure is that of what was looked at.
    """
    known = customers.Customer.objects.in_bulk(customer_ids)
    zones = {entity.pk: entity.time_zone for entity in directory.legal_entities()}
    groups = {row.id: row for row in models.Group.objects.all()}
    default = next(row for row in groups.values() if row.is_default)
    chosen = dict(models.Membership.objects.filter(customer_id__in=customer_ids).values_list("customer_id", "group_id"))
    tops = customers.Division.objects.filter(customer_id__in=customer_ids, parent_id=None).exclude(closed_at=None)
    closed = set(tops.values_list("customer_id", flat=True))
    found, reached = _found(customer_ids, due_until, only), _reached(known.values())
    told: list[Looked] = []
    for customer_id in customer_ids:
        one = known[customer_id]
        account = rules.Account(
            unapplied_minor=found.unapplied.get(customer_id, 0),
            is_closed=customer_id in closed,
            paused_until=found.all_paused.get(customer_id),
            has_address=customer_id in reached,
        )
        today = now.astimezone(ZoneInfo(zones[one.legal_entity_id])).date()
        told.append(_looked(one, groups.get(chosen.get(customer_id, 0), default), account, found, today))
    return told


def _looked(one: customers.Customer, group: models.Group, account: rules.Account, found: _Found, today: date) -> Looked:
    rows = found.rows.get(one.id, [])
    invoices = [
        rules.Invoice(
            id=row["id"],
            issue_date=row["issue_date"],
            due_date=row["due_date"],
            open_minor=row["open_minor"],
            announced_minor=found.announced.get(row["id"], 0),
            crediting_minor=found.crediting.get(row["id"], 0),
            is_disputed=row["disputed"],
            paused_until=found.paused.get(row["id"]),
            told=found.told.get(row["id"], ()),
        )
        for row in rows
    ]
    steps = steps_of(group)
    return Looked(
        customer_id=one.id,
        customer_name=one.name,
        currency=one.currency,
        today=today,
        group_id=group.id,
        group_name=group.name,
        steps=steps,
        account=account,
        exposure=rules.exposure(invoices, account.unapplied_minor),
        invoices=invoices,
        numbers={row["id"]: row["number"] for row in rows},
        divisions={row["id"]: row["division_id"] for row in rows},
        disputes={row["id"]: row["dispute_reason"] for row in rows if row["disputed"]},
        decisions=rules.decisions(invoices, account, steps, today),
    )


def _found(customer_ids: Sequence[int], due_until: date | None, only: UUID | None) -> _Found:
    """Read what there is of these customers."""
    found, own = _Found(), {"customer_id__in": customer_ids}
    for customer_id, minor in funds.Fund.objects.filter(**own, unapplied_minor__gt=0).values_list("customer_id", "unapplied_minor"):
        found.unapplied[customer_id] = found.unapplied.get(customer_id, 0) + minor
    for row in _wanted(customer_ids, due_until, only, has_credit=bool(found.unapplied)).order_by("due_date", "id").values(*_INVOICE):
        found.rows.setdefault(row["customer_id"], []).append(row)
    started = payments.Payment.objects.filter(**own, state=State.STARTED).values("id")
    for invoice_id, minor in payments.Attempt.objects.filter(**own, payment_id__in=started).values_list("invoice_id", "amount_minor"):
        found.announced[invoice_id] = found.announced.get(invoice_id, 0) + minor
    notes = invoicing.CreditNote.objects.filter(**own, state=CreditState.REQUESTED)
    for invoice_id, minor in notes.values_list("invoice_id", "gross_minor"):
        found.crediting[invoice_id] = found.crediting.get(invoice_id, 0) + minor
    open_ids = [row["id"] for rows in found.rows.values() for row in rows]
    for invoice_id, step, day in models.Told.objects.filter(**own, invoice_id__in=open_ids).order_by("id").values_list("invoice_id", "step", "day"):
        found.told.setdefault(invoice_id, []).append(rules.Told(step, day))
    for pause in models.Pause.objects.filter(**own, lifted_at=None):
        if pause.invoice_id is None:
            found.all_paused[pause.customer_id] = pause.until
        else:
            found.paused[pause.invoice_id] = pause.until
    return found


def _wanted(customer_ids: Sequence[int], due_until: date | None, only: UUID | None, *, has_credit: bool) -> QuerySet[invoicing.Invoice]:
    """Choose the open invoices to look at; without credit no other invoice has a say about one."""
    found = invoicing.Invoice.objects.filter(customer_id__in=customer_ids, open_minor__gt=0)
    if only is not None and has_credit:
        due_until = found.filter(id=only).values_list("due_date", flat=True).first()
    if only is not None and due_until is None:
        return found.filter(id=only)
    return found if due_until is None else found.filter(due_date__lte=due_until)


def _reached(rows: Iterable[customers.Customer]) -> set[int]:
    """Tell who has somebody to write to: a billing contact, a further recipient, or a person who works with the finances."""
    every = list(rows)
    named = {row.id for row in every if row.billing_email or row.recipients}
    left = [row.id for row in every if row.id not in named]
    if left:
        people = customers.Membership.objects.filter(customer_id__in=left, is_active=True, role__in=_READ)
        named |= set(people.values_list("customer_id", flat=True))
    return named
