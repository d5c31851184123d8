"""Ask the migrated database for faults in its tables, roles and functions, and plant one of each to see that it is found."""

from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from tidy import catalogue

OWNER = "owner"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ask() -> Iterator[catalogue.Ask]:
    """Questions in the owner's transaction, undone at the end."""

    def asked(question: str, parameters: dict[str, str | list[str]]) -> list[str]:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(question, dict(parameters))
            return [row[0] for row in cursor.fetchall()]

    with transaction.atomic(using=OWNER):
        yield asked
        transaction.set_rollback(True, using=OWNER)


def change(*statements: str) -> None:
    """Break the database, inside the transaction that is undone."""
    with connections[OWNER].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("rule", catalogue.RULES)
def test_the_database_keeps_the_rule(rule: str, ask: catalogue.Ask) -> None:
    found = catalogue.faults(ask, rule)
    assert not found, "\n".join(found)


def test_every_listed_exception_is_needed(ask: catalogue.Ask) -> None:
    listed = [*catalogue.DIRECTORIES, *catalogue.WITHOUT_CUSTOMER]
    missing = ask("select t from unnest(%(listed)s::text[]) t where to_regclass(t) is null", {"listed": listed})
    assert missing == []


TABLE = "create table funds_planted (customer_id bigint, id uuid, amount_minor bigint, other uuid)"
KEYED = "alter table funds_planted add primary key (customer_id, id)"
GUARD = "create trigger planted before update or delete on funds_planted for each row execute function events_refuse_change()"
FUNCTION = "create function funds_planted() returns integer language sql security definer as 'select 1'"

PLANTED = [
    ("every table belongs to a customer or is listed", ["create table funds_planted (id uuid)"]),
    ("the primary key leads with the customer", [TABLE, "alter table funds_planted add primary key (id)"]),
    ("the primary key leads with the customer", [TABLE]),
    ("every unique index leads with the customer", [TABLE, KEYED, "create unique index on funds_planted (other)"]),
    ("every unique index leads with the customer", [TABLE, KEYED, "create unique index on funds_planted ((amount_minor + 1))"]),
    (
        "every reference between customers' rows leads with the customer",
        [
            TABLE,
            KEYED,
            "alter table funds_planted add unique (id)",
            "alter table funds_planted add foreign key (other) references funds_planted (id)",
        ],
    ),
    ("row-level security is enabled and forced", [TABLE, "alter table funds_planted enable row level security"]),
    ("a policy names the viewer's customer", [TABLE, "create policy p on funds_planted to tallystick_web using (true)"]),
    ("no other policy lets the pages in", [TABLE, "create policy p on funds_planted using (true)"]),
    ("append-only tables have their triggers", [TABLE, GUARD]),
    ("append-only tables have their triggers", ["alter table ledger_transfer disable trigger user"]),
    ("nobody may change append-only tables", ["grant update (note) on ledger_transfer to tallystick_web"]),
    ("nobody may change append-only tables", [TABLE, GUARD, "grant delete on funds_planted to tallystick_worker"]),
    ("nobody may empty a table", [TABLE, "grant truncate on funds_planted to tallystick_operator"]),
    ("the auditor only reads", [TABLE, "grant insert on funds_planted to tallystick_auditor"]),
    (
        "no reference empties itself",
        [TABLE, KEYED, "alter table funds_planted add foreign key (customer_id, other) references funds_planted on delete set null (other)"],
    ),
    (
        "no trigger takes transition tables",
        [
            TABLE,
            "create trigger t after insert on funds_planted referencing new table as fresh for each statement execute function events_refuse_change()",
        ],
    ),
    ("amounts are bigint", [TABLE, "alter table funds_planted add net_minor numeric"]),
    ("no column is a float", [TABLE, "alter table funds_planted add share real"]),
    (
        "the ledger's clock is the owner's",
        ["create or replace function ledger_now() returns timestamptz language sql volatile parallel restricted as 'select now()'"],
    ),
    ("no login makes tables or functions", ["grant create on schema public to tallystick_web"]),
    ("functions across viewers are the door's", [FUNCTION]),
    ("functions across viewers fix their search path", [FUNCTION]),
    ("functions across viewers are not everybody's", [FUNCTION]),
]


@pytest.mark.parametrize(("rule", "statements"), PLANTED)
def test_a_planted_fault_is_found(rule: str, statements: list[str], ask: catalogue.Ask) -> None:
    before = catalogue.faults(ask, rule)
    change(*statements)
    assert len(catalogue.faults(ask, rule)) > len(before)
