"""Give divisions their funds: open a row for a new division, separate the funds of all divisions, or join them at the top."""

from django.db.models import F

from tallystick.domain.funds import models
from tallystick.domain.funds.operations import posting
from tallystick.domain.ledger.rules import Account, Entry, EntryKind, Transfer
from tallystick.integrations.postgres import scope


def open_fund(*, customer_id: int, division_id: int, holder_id: int) -> None:
    """Give a new division its row, served by the named fund: its own, or the top-level division's with shared funds.

    The customer's credit row is locked, so that rule and shortfall are carried over as they are.
    """
    with scope.cursor() as cursor:
        cursor.execute("select funds_lock(%s)", [customer_id])
        cursor.execute(
            "insert into funds_fund (customer_id, id, holder_id, last_posted_at, counts_funding, shortfall_minor)"
            " select c.customer_id, %s, %s, ledger_now(), c.rule = 'all_unpaid', greatest(0, coalesce(c.in_use_minor - c.limit_minor, 0))"
            " from funds_credit c where c.customer_id = %s",
            [division_id, holder_id, customer_id],
        )


def close_fund(*, customer_id: int, division_id: int, into_id: int | None) -> None:
    """Mark a division's fund closed, so that nothing is charged or moved to it any more.

    `into_id` names the fund that its money was moved to, None where it had none of its own: what comes back later
    (refunds, releases, reversals) goes there, also for the divisions that were closed into this one before.
    """
    models.Fund.objects.filter(customer_id=customer_id, id=division_id).update(is_open=False)
    if into_id is not None:
        models.Fund.objects.filter(customer_id=customer_id, holder_id=division_id).update(holder_id=into_id)


def separate_funds(*, customer_id: int, unpaid_minor: dict[int, tuple[int, int]]) -> None:
    """Let every open division serve itself: the balance stays with the top-level division, each unpaid invoice goes to its own.

    A closed division stays joined: what comes back to it goes to the top-level division.

    `unpaid_minor` gives per division what is open on funding invoices and on others, in minor units; the caller holds the locks.
    """
    models.Fund.objects.filter(customer_id=customer_id, is_open=True).update(holder_id=F("id"))
    own = set(models.Fund.objects.filter(customer_id=customer_id, is_open=True).values_list("id", flat=True))
    with scope.cursor() as cursor:
        cursor.execute("select d.id from customers_division d where d.customer_id = %s and d.parent_id is null", [customer_id])
        top_id = int(cursor.fetchone()[0])
    entries = [
        Entry(EntryKind.DIVISION_JOINED, _receivables(to=division_id, source=top_id, funding=funding, owed=owed), division_id)
        for division_id, (funding, owed) in unpaid_minor.items()
        if division_id != top_id and division_id in own and (funding or owed)
    ]
    if entries:
        posting.post(customer_id=customer_id, entries=entries)


def join_funds(*, customer_id: int, top_id: int) -> None:
    """Add every division's funds, unpaid invoices, holds and unapplied credit up at the top-level division, which then serves all.

    No available funds fall: credit in use of the sum is at most the sum of the credits in use. The caller holds the locks.
    """
    for division_id, figures in posting.lock(customer_id).items():
        if division_id != top_id and figures.fund_id == division_id:
            move_all(customer_id=customer_id, division_id=division_id, to_id=top_id)
    models.Fund.objects.filter(customer_id=customer_id).update(holder_id=top_id)


def move_all(*, customer_id: int, division_id: int, to_id: int) -> None:
    """Join a division's fund into another: everything that stands on it moves, and what comes back later of older money goes there too."""
    figures = posting.lock(customer_id)[division_id]
    balance = figures.balance_minor
    moved = [
        Transfer(Account.FUNDS, Account.FUNDS, balance, division_id, to_id)
        if balance > 0
        else Transfer(Account.FUNDS, Account.FUNDS, -balance, to_id, division_id),
        Transfer(Account.HELD, Account.HELD, figures.held_minor, division_id, to_id),
        Transfer(Account.UNAPPLIED_CREDIT, Account.UNAPPLIED_CREDIT, figures.unapplied_minor, division_id, to_id),
        *_receivables(to=to_id, source=division_id, funding=figures.unpaid_funding_minor, owed=figures.unpaid_owed_minor),
    ]
    if any(transfer.amount_minor for transfer in moved):
        posting.post(customer_id=customer_id, entries=[Entry(EntryKind.DIVISION_JOINED, tuple(moved), division_id)])
    models.Joining.objects.create(customer_id=customer_id, fund_id=division_id, into_id=to_id)
    models.Hold.objects.filter(customer_id=customer_id, fund_id=division_id, state="open").update(fund_id=to_id)
    if figures.taxed_debt_minor:
        posting.settle_taxed_debt(customer_id=customer_id, fund_id=division_id, amount_minor=figures.taxed_debt_minor)
        posting.settle_taxed_debt(customer_id=customer_id, fund_id=to_id, amount_minor=-figures.taxed_debt_minor)


def _receivables(*, to: int, source: int, funding: int, owed: int) -> tuple[Transfer, ...]:
    """Move what is owed: a receivable is raised by a debit, so the debit side is where it goes."""
    return (
        Transfer(Account.RECEIVABLE_FUNDING, Account.RECEIVABLE_FUNDING, funding, to, source),
        Transfer(Account.RECEIVABLE_OWED, Account.RECEIVABLE_OWED, owed, to, source),
    )
