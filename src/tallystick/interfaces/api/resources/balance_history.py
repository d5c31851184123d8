"""Balance history: what moved the balance of the fund that serves a division, with the balance after each movement."""

from dataclasses import dataclass

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act
from tallystick.domain.funds import histories, queries
from tallystick.domain.funds.rules import Figures
from tallystick.domain.ledger import queries as ledger
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import callers, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.resources import movement_shapes
from tallystick.interfaces.api.resources.movement_shapes import Movement, MovementKind
from tallystick.lib import errors

history = resource.Resource("balance", tag="Balance", prefix="/balance-history")
RESOURCES = (history,)


class HistoryAsked(shapes.Paged):
    """Narrow a history."""

    division: str = Field(max_length=60, description="With shared funds divisions have one history, of which a key sees its own.")
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")
    kind: MovementKind | None = None
    order_id: shapes.Line | None = Field(None, min_length=1, description="Movements of one order.")
    created_from: shapes.Moment | None = Field(None, alias="created[gte]")
    created_before: shapes.Moment | None = Field(None, alias="created[lt]")


@dataclass(frozen=True, slots=True)
class _Row:
    """Name a movement as pages do: by its number in the journal."""

    movement: ledger.Movement

    @property
    def id(self) -> int:
        """Give the number."""
        return self.movement.transfer_id


@history.reading("", answers=shapes.Listed[Movement])
def list_movements(request: HttpRequest, asked: Query[HistoryAsked]) -> Told:
    """List what moved the balance of a division, newest first: amount and balance after it."""
    at = paging.numbered(asked, movement_shapes.PREFIX)
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.SEE_FINANCES)
    customer = callers.one_customer(request, asked.customer)
    figures = _figures(request, asked.division, customer)
    narrowed = histories.MovementFilter(
        before=at.older_than,
        after=at.newer_than or 0,
        created_from=asked.created_from,
        created_before=asked.created_before,
        kinds=(asked.kind.entry,) if asked.kind else (),
        order_id=asked.order_id or "",
        limit=at.limit,
        oldest_first=at.newer_than is not None,
    )
    found = histories.movements(viewer=viewer, division_id=figures.division_id, narrowed=narrowed, customer_id=customer, fund_id=figures.fund_id)
    rows = [_Row(one) for one in (found[::-1] if narrowed.oldest_first else found)]
    return paging.told(
        request,
        rows,
        at,
        prefix=movement_shapes.PREFIX,
        shape=shapes.Listed[Movement],
        show=lambda row: movement_shapes.show(viewer, row.movement, figures.currency),
    )


def _figures(request: HttpRequest, written: str, customer_id: int) -> Figures:
    """Find the fund of a division in sight. Raises NotFound."""
    try:
        return queries.figures(viewer=callers.of(request).viewer, division_id=words.division(written), customer_id=customer_id)
    except errors.NotFound:
        raise errors.NotFound("There is no such division.", code="division_not_found", field="?division") from None
