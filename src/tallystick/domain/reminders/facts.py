"""Gather what is looked at before anybody is reminded, of several customers in one question, and decide."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.invoicing.rules import CreditState
from tallystick.domain.payments.rules import State
from tallystick.domain.reminders import models, rules
from tallystick.integrations.postgres import scope

_READ = [str(CustomerRole.FINANCE_MANAGER), str(CustomerRole.ADMINISTRATOR)]
_LOOKED = """
with asked as (
  select c.*, e.time_zone, coalesce((select sum(f.unapplied_minor) from funds_fund f where f.customer_id = c.id), 0) as unapplied
    from customers_customer c join customers_legalentity e on e.id = c.legal_entity_id where c.id = any(%(ids)s::bigint[])
), announced as (
  select a.customer_id, a.invoice_id, sum(a.amount_minor) as minor from payments_payment p
    join payments_attempt a on a.customer_id = p.customer_id and a.payment_id = p.id
   where p.customer_id = any(%(ids)s::bigint[]) and p.state = %(started)s group by 1, 2
), crediting as (
  select n.customer_id, n.invoice_id, sum(n.gross_minor) as minor from invoicing_creditnote n
   where n.customer_id = any(%(ids)s::bigint[]) and n.state = %(requested)s group by 1, 2
), paused as (
  select p.customer_id, p.invoice_id, p.until from reminders_pause p where p.customer_id = any(%(ids)s::bigint[]) and p.lifted_at is null
)
select c.id, c.name, c.currency, c.time_zone, g.id, g.name, g.steps::text, c.unapplied,
       exists (select from customers_division d where d.customer_id = c.id and d.parent_id is null and d.closed_at is not null),
       c.billing_email <> '' or jsonb_array_length(c.recipients) > 0 or exists (
         select from customers_membership m where m.customer_id = c.id and m.is_active and m.role = any(%(read)s)),
       (select p.until from paused p where p.customer_id = c.id and p.invoice_id is null),
       coalesce((select json_agg(json_build_object(
           'id', i.id, 'number', i.number, 'division_id', i.division_id, 'issue_date', i.issue_date, 'due_date', i.due_date,
           'open_minor', i.open_minor, 'is_disputed', i.disputed, 'dispute', i.dispute_reason, 'announced_minor', coalesce(a.minor, 0),
           'crediting_minor', coalesce(n.minor, 0), 'paused_until', p.until,
           'told', (select json_agg(json_build_array(t.step, t.day) order by t.id) from reminders_told t
                     where t.customer_id = i.customer_id and t.invoice_id = i.id)) order by i.due_date, i.id)
         from invoicing_invoice i
         left join announced a on a.customer_id = i.customer_id and a.invoice_id = i.id
         left join crediting n on n.customer_id = i.customer_id and n.invoice_id = i.id
         left join paused p on p.customer_id = i.customer_id and p.invoice_id = i.id
        where i.customer_id = c.id and i.open_minor > 0 and (%(until)s::date is null or i.due_date <= %(until)s)
          -- without credit no other invoice has a say about one
          and (%(only)s::uuid is null or i.id = %(only)s or c.unapplied > 0 and i.due_date <= (
            select o.due_date from invoicing_invoice o where o.customer_id = c.id and o.id = %(only)s))), '[]')::text
  from asked c
  left join reminders_membership m on m.customer_id = c.id
  join reminders_group g on g.id = m.group_id or m.group_id is null and g.is_default
"""


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


def steps_of(row: models.Group) -> tuple[rules.Step, ...]:
    """Read a group's schedule."""
    return _steps(row.steps)


def ahead(groups: Iterable[models.Group]) -> int:
    """Tell how many days before its due day an invoice may be reminded of at the earliest."""
    return max((-step.days for row in groups for step in steps_of(row)), default=0)


def horizon(now: datetime) -> date:
    """Name the last due day for which a step may have come anywhere on earth, inside the running scope."""
    return now.date() + timedelta(days=1 + ahead(models.Group.objects.all()))


def looked(customer_ids: Sequence[int], now: datetime, *, due_until: date | None = None, only: UUID | None = None) -> list[Looked]:
    """Look at customers as of their legal entities' days, in the order given, inside the running scope; who is not there is left out.

    Decisions about what is due first need nothing that is due later: `due_until` leaves the rest out, and `only` all that one invoice's does not need.
    Then the exposure is that of what was looked at.
    """
    asked = {"ids": list(customer_ids), "until": due_until, "only": only, "read": _READ, "started": State.STARTED, "requested": CreditState.REQUESTED}
    with scope.cursor() as cursor:
        cursor.execute(_LOOKED, asked)
        found = {row[0]: _looked(row, now) for row in cursor.fetchall()}
    return [found[customer_id] for customer_id in customer_ids if customer_id in found]


def _looked(row: tuple[Any, ...], now: datetime) -> Looked:
    customer_id, name, currency, zone, group_id, group_name, written, unapplied, is_closed, has_address, paused_until, invoices = row
    rows = [{**one, "id": UUID(one["id"])} for one in json.loads(invoices)]
    account = rules.Account(unapplied_minor=int(unapplied), is_closed=is_closed, paused_until=paused_until, has_address=has_address)
    found, steps, today = [_invoice(one) for one in rows], _steps(json.loads(written)), now.astimezone(ZoneInfo(zone)).date()
    return Looked(
        customer_id=customer_id,
        customer_name=name,
        currency=currency,
        today=today,
        group_id=group_id,
        group_name=group_name,
        steps=steps,
        account=account,
        exposure=rules.exposure(found, account.unapplied_minor),
        invoices=found,
        numbers={one["id"]: one["number"] for one in rows},
        divisions={one["id"]: one["division_id"] for one in rows},
        disputes={one["id"]: one["dispute"] for one in rows if one["is_disputed"]},
        decisions=rules.decisions(found, account, steps, today),
    )


def _invoice(row: Mapping[str, Any]) -> rules.Invoice:
    return rules.Invoice(
        id=row["id"],
        issue_date=date.fromisoformat(row["issue_date"]),
        due_date=date.fromisoformat(row["due_date"]),
        open_minor=row["open_minor"],
        announced_minor=row["announced_minor"],
        crediting_minor=row["crediting_minor"],
        is_disputed=row["is_disputed"],
        paused_until=date.fromisoformat(row["paused_until"]) if row["paused_until"] else None,
        told=[rules.Told(step, date.fromisoformat(day)) for step, day in row["told"] or ()],
    )


def _steps(written: Iterable[Sequence[Any]]) -> tuple[rules.Step, ...]:
    return tuple(rules.Step(days, rules.Tone(tone)) for days, tone in written)
