"""Make random histories that lie in the past, and read the journal row by row as nobody else does."""

import random
from datetime import UTC, datetime, timedelta

import psycopg

import given
from tallystick.domain.ledger.rules import Account

DAYS = 120


def lived(database: dict[str, str], seed: int, *, separate: bool = False, time_zone: str = "UTC") -> given.Customer:
    """Open a customer with two divisions and let things happen to it; then spread what happened over the last 120 days, in its order."""
    chance = random.Random(seed)
    acme = given.customer(divisions=2, separate=separate, percent="19", legal_entity_id=given.legal_entity(time_zone=time_zone))
    for division_id in acme.division_ids:
        acme.fund(chance.randint(20_000, 90_000), division_id)
    for _ in range(40):
        _happen(acme, chance)
    _spread(database, acme, chance)
    return acme


def _happen(acme: given.Customer, chance: random.Random) -> None:
    division_id = chance.choice(acme.division_ids)
    match chance.randrange(4):
        case 0:
            acme.fund(chance.randint(1, 50_000), division_id)
        case 1:
            acme.issue((chance.randint(1, 50_000), "19"), division_id=division_id)
        case _:
            acme.charge(chance.randint(1, 3_000), division_id)


def _spread(database: dict[str, str], acme: given.Customer, chance: random.Random) -> None:
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with psycopg.connect(database["superuser"]) as connection:
        entries = [
            row[0]
            for row in connection.execute("select distinct entry_id from ledger_transfer where customer_id = %s order by 1", [acme.customer_id])
        ]
        instants = sorted(end - timedelta(seconds=chance.randint(1, DAYS * 86_400)) for _ in entries)
        connection.execute("alter table ledger_transfer disable trigger user")
        for entry, at in zip(entries, instants, strict=True):
            connection.execute("update ledger_transfer set posted_at = %s where customer_id = %s and entry_id = %s", [at, acme.customer_id, entry])
        connection.execute("alter table ledger_transfer enable trigger user")


def added(database: dict[str, str], customer_id: int, fund_id: int, until: datetime) -> int:
    """Add the journal up from its first row: what reached the funds of a division less what left them, before an instant."""
    with psycopg.connect(database["auditor"]) as connection:
        rows = connection.execute(
            "select debit, credit, amount_minor, fund_id, coalesce(credit_fund_id, fund_id) from ledger_transfer where customer_id = %s and posted_at < %s",
            [customer_id, until],
        ).fetchall()
    balance = 0
    for debit, credit, amount_minor, debit_fund, credit_fund in rows:
        balance += amount_minor * (credit == Account.FUNDS and credit_fund == fund_id)
        balance -= amount_minor * (debit == Account.FUNDS and debit_fund == fund_id)
    return balance
