"""Run the proofs, one after another, and give what is wrong row by row; nothing is loaded whole."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

_PROOFS = sorted((Path(__file__).parent / "sql").glob("*.sql"))
_MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Say what is wrong, where, and whose it is (None: nobody's, such as a series)."""

    customer_id: int | None
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Give the result of one proof: its law, the faults found (at most 100 of each), and how long it took."""

    name: str
    law: str
    faults: tuple[Fault, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Tell whether nothing was wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Extent:
    """Say how much was proved."""

    customers: int
    transfers: int
    invoices: int


def extent(*, connection: Connection[tuple[object, ...]]) -> Extent:
    """Count what there is to prove."""
    row = connection.execute(
        "select (select count(*) from customers_customer), (select count(*) from ledger_transfer), (select count(*) from invoicing_invoice)"
    ).fetchone()
    assert row is not None, "counting always answers"
    customers, transfers, invoices = (int(str(count)) for count in row)
    return Extent(customers, transfers, invoices)


def count() -> int:
    """Tell how many proofs there are."""
    return len(_PROOFS)


def prove(*, connection: Connection[tuple[object, ...]]) -> Iterator[Proof]:
    """Prove the laws of money.md on the whole database, as the auditor, in one snapshot; each proof is given as it ends.

    The connection must see all customers (role auditor) and stand at the beginning of a transaction, which is made
    read-only and repeatable, so that a running system can be proved.
    """
    connection.execute("set transaction isolation level repeatable read, read only")
    connection.execute("set local work_mem = '64MB'")
    for path in _PROOFS:
        statement = path.read_text(encoding="utf-8")
        law = statement.partition("\n")[0].removeprefix("-- ").strip()
        begun = time.perf_counter()
        with connection.cursor(name="proof") as cursor:
            cursor.execute(statement.encode())
            rows = cursor.fetchmany(_MOST_FAULTS)
        yield Proof(path.stem, law, tuple(Fault(*row) for row in rows), time.perf_counter() - begun)  # type: ignore[arg-type]  # each proof gives these three
