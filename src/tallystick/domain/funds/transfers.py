"""Ask for the transfers between divisions that a viewer sees: those that touch a division in sight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, Viewer, owner, permit, permit_division, sees_division
from tallystick.domain.ledger import moves
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Transferred:
    """Show a transfer, in minor units; a division out of the viewer's sight is not named."""

    id: int
    from_division_id: int | None
    to_division_id: int | None
    amount_minor: int
    currency: str
    posted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFilter:
    """Narrow transfers to one division, on either side, to a page, and to instants of posting."""

    customer_id: int | None = None
    division_id: int | None = None
    before: int | None = None
    after: int | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    limit: int = 50


def transfers(*, viewer: Viewer, narrowed: TransferFilter) -> list[Transferred]:
    """Page through transfers, newest first. Raises NotAllowed, NotFound."""
    permit(viewer, Act.SEE_FINANCES)
    whose = owner(viewer, narrowed.customer_id)
    if narrowed.division_id is not None:
        permit_division(viewer, narrowed.division_id)
    with scope.of(viewer):
        seen = [one.pk for one in customers.divisions(viewer=viewer, customer_id=whose)]
        wanted = moves.Wanted(
            fund_ids=seen if narrowed.division_id is None else [one for one in seen if one == narrowed.division_id],
            after=narrowed.after or 0,
            before=narrowed.before,
            created_from=narrowed.created_from,
            created_before=narrowed.created_before,
            limit=narrowed.limit,
            oldest_first=narrowed.after is not None,
        )
        found = moves.moves(customer_id=whose, wanted=wanted)
        currency = customers.customer(viewer=viewer, customer_id=whose).currency
    return _shown(viewer, found[::-1] if wanted.oldest_first else found, currency)


def transfer(*, viewer: Viewer, transfer_id: int) -> Transferred | None:
    """Load one transfer; None where there is none that touches a division in sight. Raises NotAllowed."""
    permit(viewer, Act.SEE_FINANCES)
    with scope.of(viewer):
        found = moves.move(transfer_id=transfer_id)
        if found is None or viewer.customer_id not in {None, found.customer_id}:
            return None
        currency = customers.customer(viewer=viewer, customer_id=found.customer_id).currency
    shown = _shown(viewer, [found], currency)[0]
    return None if shown.from_division_id is None and shown.to_division_id is None else shown


def _shown(viewer: Viewer, found: Sequence[moves.Moved], currency: str) -> list[Transferred]:
    every = [Transferred(one.id, one.from_division_id, one.to_division_id, one.amount_minor, currency, one.posted_at) for one in found]
    if viewer.division_ids is None:
        return every
    return [replace(one, from_division_id=_seen(viewer, one.from_division_id), to_division_id=_seen(viewer, one.to_division_id)) for one in every]


def _seen(viewer: Viewer, division_id: int | None) -> int | None:
    return division_id if division_id is not None and sees_division(viewer, division_id) else None
