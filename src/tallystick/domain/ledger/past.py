"""Ask the journal how the accounts of funds stood at an instant, all funds at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.domain.ledger.queries import OTHER_KINDS
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Stood:
    """Say where a fund's balance stood at an instant, and by how much its other accounts have risen since, in minor units."""

    balance_minor: int
    held_since_minor: int
    unpaid_funding_since_minor: int
    unpaid_owed_since_minor: int
    unapplied_since_minor: int


# charges touch the balance alone, which the boundaries know; so none of them is read
_SINCE = "t.customer_id = %(customer)s and t.id > b.transfer_id and t.posted_at >= %(instant)s"
_OWN = f"ledger_transfer t where {_SINCE} and t.fund_id = f.id and t.kind = k.kind and t.kind <> 1"
_SIDES = (
    f"select t.debit as account, -t.amount_minor as credit from unnest(%(kinds)s::smallint[]) k(kind) cross join lateral (select t.* from {_OWN}) t"  # noqa: S608 - put together from the constants above; values are parameters
    f" union all select t.credit, t.amount_minor from unnest(%(kinds)s::smallint[]) k(kind) cross join lateral (select t.* from {_OWN}) t"
    " where t.credit_fund_id is null"
    f" union all select t.credit, t.amount_minor from ledger_transfer t where {_SINCE} and t.credit_fund_id = f.id"
)
_STOOD = (
    "select f.id, b.balance_minor, m.* from unnest(%(funds)s::bigint[]) f(id)"  # noqa: S608 - put together from the constants above; values are parameters
    " cross join lateral ledger_boundaries(%(customer)s, f.id, array[%(instant)s::timestamptz]) b"
    " cross join lateral (select coalesce(sum(credit) filter (where account = 31), 0)::bigint, coalesce(-sum(credit) filter (where account = 10), 0)::bigint,"
    f" coalesce(-sum(credit) filter (where account = 11), 0)::bigint, coalesce(sum(credit) filter (where account = 32), 0)::bigint from ({_SIDES}) s) m"
)


def stood(*, customer_id: int, fund_ids: Sequence[int], instant: datetime) -> dict[int, Stood]:
    """Tell how funds stood just before an instant, by fund id, inside the running scope."""
    with scope.cursor() as cursor:
        kinds = [int(kind) for kind in OTHER_KINDS]
        cursor.execute(_STOOD, {"customer": customer_id, "funds": list(fund_ids), "instant": instant, "kinds": kinds})
        return {row[0]: Stood(*row[1:]) for row in cursor.fetchall()}
