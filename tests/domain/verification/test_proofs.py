"""Break the books in every way that a proof looks for, as the owner with the guards off, and see the proof say so."""

import datetime as dt

import psycopg
import pytest
from django.db import connections

from tallystick.domain.verification import queries
from tallystick.interfaces.cli import story

_BREAKS = {
    "01_kept_figures": "update funds_fund set held_minor = held_minor + 1 where id = holder_id",
    "02_credit_in_use": "update funds_credit set in_use_minor = in_use_minor + 1",
    "03_running_balance": "update ledger_transfer set debit_balance_after = debit_balance_after + 1 where debit = 30",
    "04_entries": "update ledger_transfer set posted_at = posted_at + interval '1 second' where id <> entry_id",
    "05_invoices": "update invoicing_invoicetax set open_net_minor = open_net_minor + 1",
    "06_unpaid": (
        "update invoicing_invoice i set division_id = (select min(f.id) from funds_fund f where f.customer_id = i.customer_id and f.holder_id = f.id"
        " and f.id <> i.division_id) where open_minor > 0 and"
        " (select count(*) from funds_fund f where f.customer_id = i.customer_id and f.holder_id = f.id) > 1"
    ),
    "07_payments": "update payments_payment set settled_minor = settled_minor + 1 where method = 'bank_transfer'",
    "08_releases": "update ledger_transfer set debit = 41 where credit = 30 and debit = 20",
    "09_numbers": "delete from invoicing_issuednumber where number = 2",
    "10_refunds": "update ledger_transfer set amount_minor = amount_minor * 3 where kind = 2",
    "11_holds": "update funds_fund set held_minor = 5 where id = holder_id",
    "12_events": "delete from events_unnumbered",
    "13_documents": "update purchasing_document set content = 'x'",
    "14_dues": "update invoicing_due set open_minor = open_minor + 1 where count > 0",
}


def _settings(alias: str) -> dict[str, str]:
    facts = connections[alias].settings_dict
    return {
        "host": str(facts["HOST"]),
        "port": str(facts["PORT"]),
        "dbname": str(facts["NAME"]),
        "user": str(facts["USER"]),
        "password": str(facts["PASSWORD"]),
    }


def _early() -> dt.datetime:
    """Give the last hour past midnight in UTC, when it is still the day before where the story's operator is."""
    now = dt.datetime.now(dt.UTC)
    return (now - dt.timedelta(hours=1)).replace(hour=0, minute=30, second=0, microsecond=0)


@pytest.fixture(scope="module")
def _told() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("select 1 from customers_person where email = 'dana@northwind.example'")
        if cursor.fetchone() is None:
            story.tell(_early())


@pytest.mark.usefixtures("_told")
def test_the_story_is_proved_right() -> None:
    """Other tests post bare entries to try the ledger alone; the story's customers are built by the operations only."""
    with psycopg.connect(**_settings("auditor")) as connection:
        faults = [(proof.name, fault) for proof in queries.prove(connection=connection) for fault in proof.faults]
        rows = connection.execute(
            "select customer_id from customers_membership m join customers_person p on p.id = m.person_id where p.email like '%northwind.example'"
        )
        told = {row[0] for row in rows.fetchall()}
    assert told, "the story was told"
    assert [fault for fault in faults if fault[1].customer_id in told] == []


@pytest.mark.usefixtures("_told")
@pytest.mark.parametrize("name", list(_BREAKS))
def test_a_break_is_found(name: str) -> None:
    """The break is made and proved inside one transaction that is rolled back, so that no other test meets it."""
    statement = next(path for path in queries._PROOFS if path.stem == name).read_text(encoding="utf-8")
    with psycopg.connect(**_settings("owner")) as connection:
        for table in ("ledger_transfer", "invoicing_issuednumber", "invoicing_document", "purchasing_document", "invoicing_invoice", "funds_fund"):
            connection.execute(f"alter table {table} disable trigger user")
        for table, constraint in connection.execute(
            "select conrelid::regclass::text, conname from pg_constraint where contype = 'c' and conrelid::regclass::text ~ '^(funds|invoicing|ledger|payments|purchasing)_'"
        ).fetchall():
            connection.execute(f'alter table {table} drop constraint "{constraint}"')
        connection.execute(_BREAKS[name])
        assert connection.execute(statement.encode()).fetchall() != []
        connection.rollback()
