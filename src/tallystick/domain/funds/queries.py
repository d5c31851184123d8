"""Ask for the figures of divisions, for holds and for terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, owner, permit, permit_division, sees_division
from tallystick.domain.funds import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


@dataclass(frozen=True, slots=True)
class Exposure:
    """Sum up a customer for the operator's list, in minor units."""

    customer_id: int
    currency: str
    balance_minor: int
    unpaid_minor: int
    limit_minor: int | None
    in_use_minor: int


def read_figures(*, customer_id: int) -> dict[int, rules.Figures]:
    """Read the figures of every division of a customer inside the running scope, by division id."""
    with scope.cursor() as cursor:
        cursor.execute("select * from funds_figures(%s) order by division_id", [customer_id])
        return {row[0]: rules.Figures(*row) for row in cursor.fetchall()}


def figures(*, viewer: Viewer, division_id: int, customer_id: int | None = None) -> rules.Figures:
    """Read the figures of one division; with shared funds the customer's one set. Raises NotFound."""
    permit_division(viewer, division_id)
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute("select * from funds_figures(%s) where division_id = %s", [owner(viewer, customer_id), division_id])
        row = cursor.fetchone()
    if row is None:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    return rules.Figures(*row)


def figures_by_division(*, viewer: Viewer, customer_id: int | None = None) -> dict[int, rules.Figures]:
    """Read the figures of every division that the viewer sees, by division id. Staff name the customer."""
    whose = owner(viewer, customer_id)
    with scope.of(viewer):
        every = read_figures(customer_id=whose)
    return {key: value for key, value in every.items() if viewer.division_ids is None or key in viewer.division_ids}


def fund_of(*, customer_id: int, division_id: int) -> int:
    """Tell which division's fund serves the division, inside the running scope. Raises NotFound."""
    holder = models.Fund.objects.filter(customer_id=customer_id, id=division_id).values_list("holder_id", flat=True).first()
    if holder is None:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    return holder


_WAY = (
    "with recursive way (fund_id, number) as ("
    " select %(fund)s::bigint, %(number)s::bigint union all"
    " select j.into_id, j.id from way w cross join lateral (select g.into_id, g.id from funds_joining g"
    " where g.customer_id = %(customer)s and g.fund_id = w.fund_id and g.id > w.number order by g.id limit 1) j"
    ") select fund_id from way order by number desc limit 1"
)


def fund_that_got(*, customer_id: int, fund_id: int, journal_number: int) -> int:
    """Tell which fund answers now for money that reached a fund by a row of the journal: that fund, or what it was joined into since.

    Inside the running scope, under the funds' locks. A fund that was joined and separated again answers only for money that came afterwards.
    Source: money.md section 4, separate funds.
    """
    with scope.cursor() as cursor:
        cursor.execute(_WAY, {"customer": customer_id, "fund": fund_id, "number": journal_number})
        row = cursor.fetchone()
    assert row is not None, "the way begins at the fund itself"
    return int(row[0])


def exposures(*, viewer: Viewer, customer_ids: list[int]) -> Mapping[int, Exposure]:
    """Sum up several customers at once for the operator, by customer id."""
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(
            "select c.customer_id, c.currency, coalesce(sum(f.balance_minor), 0)::bigint,"
            " coalesce(sum(f.unpaid_funding_minor + f.unpaid_owed_minor), 0)::bigint, c.limit_minor, c.in_use_minor"
            " from funds_credit c left join funds_fund f on f.customer_id = c.customer_id"
            " where c.customer_id = any(%s) group by c.customer_id",
            [customer_ids],
        )
        return {row[0]: Exposure(*row) for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """Show one hold."""

    id: UUID
    division_id: int
    fund_id: int
    state: str
    amount_minor: int
    captured_minor: int
    order_id: str
    lapses_at: datetime
    currency: str


def hold(*, viewer: Viewer, hold_id: UUID) -> HoldFacts:
    """Load one hold. Raises NotFound, also for a division out of the viewer's sight."""
    with scope.of(viewer):
        found = models.Hold.objects.filter(customer_id=owner(viewer), id=hold_id).first()
        if found is None or not sees_division(viewer, found.division_id):
            raise errors.NotFound(texts.marked("There is no such hold."))
        currency = models.Credit.objects.values_list("currency", flat=True).get(customer_id=owner(viewer))
    return HoldFacts(
        found.id,
        found.division_id,
        found.fund_id,
        found.state,
        found.amount_minor,
        found.captured_minor,
        found.order_id,
        found.lapses_at,
        currency,
    )


type Terms = models.Terms
"""Terms as they are read beyond the domain."""


def terms_history(*, viewer: Viewer, customer_id: int) -> list[models.Terms]:
    """List the requests for limits and rules of a customer, newest first."""
    with scope.of(viewer):
        return list(models.Terms.objects.filter(customer_id=customer_id).order_by("-id")[:100])


def requested_terms(*, viewer: Viewer) -> list[models.Terms]:
    """List the requests for limits and rules that wait for a decision, oldest first."""
    with scope.of(viewer):
        return list(models.Terms.objects.filter(state="requested").order_by("id")[:200])


def lapsing_holds(*, limit: int) -> list[tuple[int, UUID]]:
    """List open holds whose time is over, of all customers, for the worker: customer id and hold id."""
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        cursor.execute("select customer_id, hold_id from funds_lapsing(%s)", [limit])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def alerting(*, limit: int) -> list[int]:
    """List for the worker the customers of whose balance or limit there is something to tell, or to forget."""
    with scope.of(Viewer(kind=ViewerKind.SYSTEM, name="Tallystick")), scope.cursor() as cursor:
        cursor.execute("select customer_id from funds_alerting(%s)", [limit])
        return [row[0] for row in cursor.fetchall()]


def fuse(*, viewer: Viewer, division_id: int, customer_id: int | None = None) -> models.Fuse | None:
    """Load a division's spending fuse; None where none was ever set. Raises NotFound for a division out of the viewer's sight."""
    permit_division(viewer, division_id)
    with scope.of(viewer):
        return models.Fuse.objects.filter(customer_id=owner(viewer, customer_id), id=division_id).first()


@dataclass(frozen=True, slots=True)
class OpenFuse:
    """Show a fuse that lets nothing through: whose it is, and since when."""

    customer_id: int
    customer_name: str
    division_id: int
    division_name: str
    opened_at: datetime


def open_fuses(*, viewer: Viewer) -> list[OpenFuse]:
    """List the open fuses, oldest first: those of the divisions in a customer's sight, or everybody's for staff."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer), scope.cursor() as cursor:
        cursor.execute(
            "select z.customer_id, c.name, z.id, d.name, z.opened_at from funds_fuse z"
            " join customers_customer c on c.id = z.customer_id join customers_division d on d.customer_id = z.customer_id and d.id = z.id"
            " where z.opened_at is not null and (%s::bigint is null or z.customer_id = %s) order by z.opened_at, z.id limit 200",
            [viewer.customer_id, viewer.customer_id],
        )
        return [found for found in (OpenFuse(*row) for row in cursor.fetchall()) if sees_division(viewer, found.division_id)]
