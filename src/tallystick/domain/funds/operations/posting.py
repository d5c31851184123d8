"""Post journal entries and keep the figures: the way that every change of money but a charge or a hold takes."""

import json
from dataclasses import dataclass
from datetime import datetime

from tallystick.domain.funds import queries, rules
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Posted:
    """Tell when entries were posted, and the ids of each entry's transfers, in order."""

    posted_at: datetime
    transfer_ids: list[list[int]]


def lock(customer_id: int) -> dict[int, rules.Figures]:
    """Lock every fund of the customer and its credit, and give the figures of each division as they now stand.

    To be called, inside the running scope, before anything is decided on figures; document rows are locked before it.
    """
    with scope.cursor() as cursor:
        cursor.execute("select * from funds_locked(%s)", [customer_id])
        return {row[0]: rules.Figures(*row) for row in cursor.fetchall()}


def post(*, customer_id: int, entries: list[Entry]) -> Posted:
    """Write the entries to the journal and move the kept figures with them, inside the running scope.

    Entries without any amount are skipped. Raises AssertionError where nothing at all would be posted.
    """
    rows = rules.transfers(entries)
    assert rows, "there is nothing to post"
    with scope.cursor() as cursor:
        cursor.execute("select posted_at, entry, transfer_id from funds_post(%s, %s::jsonb)", [customer_id, json.dumps(rows)])
        written = cursor.fetchall()
    ids: list[list[int]] = [[] for _ in entries]
    for _, entry, transfer_id in written:
        ids[entry].append(transfer_id)
    return Posted(written[0][0], ids)


def post_opening_balance(*, customer_id: int, division_id: int, amount_minor: int, note: str = "") -> None:
    """Bring a balance over from an old system; a negative one is taxed debt, which is settled without tax (money.md section 4)."""
    fund_id = queries.fund_of(customer_id=customer_id, division_id=division_id)
    raised = Transfer(Account.OPENING_BALANCE, Account.FUNDS, amount_minor, fund_id)
    lowered = Transfer(Account.FUNDS, Account.OPENING_BALANCE, -amount_minor, fund_id)
    entry = Entry(EntryKind.OPENING_BALANCE, (raised if amount_minor > 0 else lowered,), division_id, note=note)
    post(customer_id=customer_id, entries=[entry])
    if amount_minor < 0:
        settle_taxed_debt(customer_id=customer_id, fund_id=fund_id, amount_minor=amount_minor)


def settle_taxed_debt(*, customer_id: int, fund_id: int, amount_minor: int) -> None:
    """Lower what is left of a taxed opening debt by the amount that a deposit or an amount-owed invoice covered (a negative amount raises it)."""
    with scope.cursor() as cursor:
        cursor.execute(
            "update funds_fund set taxed_debt_minor = taxed_debt_minor - %s where customer_id = %s and id = %s", [amount_minor, customer_id, fund_id]
        )
