"""Measure charges in batches against a bare INSERT of the same rows with the same indexes, in turns on one server."""

import random
import statistics
import threading
import time
import uuid

import psycopg
from figures import Figures, median_seconds, seconds_of
from world import BATCH, CUSTOMERS, FIRST_CUSTOMER, FIRST_FUND, FUNDS, Running, pgbench

from tallystick.domain.funds import operations as funds

_BARE = (
    "insert into bench_bare (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, debit_balance_after, posted_at,"
    " order_id, line_reference, idempotency_key, note) select c, n, n, 1, 30, 40, a, d, d, a, now(), o, '', k, t"
    " from unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[]) u(c, n, d, a, o, k, t)"
)
_RUN = uuid.uuid4().hex[:8]
_orders = iter(range(10**9))
_numbers = iter(range(10**15, 10**18))


def batch(*, hot: bool) -> list[funds.Charge]:
    """Make a batch of charges: over all funds alike, or all on one division."""
    made = []
    for _ in range(BATCH):
        fund = 7 if hot else random.randrange(FUNDS)
        number = next(_orders)  # orders are numbered as they come, by every shop that we know
        made.append(
            funds.Charge(
                customer_id=FIRST_CUSTOMER + fund // (FUNDS // CUSTOMERS) + 1,
                division_id=FIRST_FUND + fund,
                amount_minor=random.randrange(1, 1000),
                idempotency_key=f"{_RUN}-{number:09}-charge",
                order_id=f"{_RUN}-{number:09}",
                note="TLS certificate, one year",
            )
        )
    return made


def measure(running: Running, figures: Figures, *, quick: bool) -> float:
    """Measure batches, uniform and hot, and say what eight clients at once do; give the rows a second of the bare INSERT."""
    rounds = 6 if quick else 20
    with running.connect("owner") as owner, running.connect("web") as web:
        owner.execute("create table bench_bare (like ledger_transfer including all)")
        rates: dict[str, list[float]] = {"bare": [], "uniform": [], "hot": []}
        for _ in range(3):
            _post(web, batch(hot=False))
            _bare(owner, batch(hot=False))
        for _ in range(rounds):
            for name, hot in (("uniform", False), ("hot", True)):
                charges = batch(hot=hot)
                rates[name].append(BATCH / seconds_of(lambda charges=charges: _post(web, charges)))
            charges = batch(hot=False)
            rates["bare"].append(BATCH / seconds_of(lambda charges=charges: _bare(owner, charges)))
        owner.execute("drop table bench_bare")
    bare = figures.add("bare INSERT of journal rows, batches of 5,000", statistics.median(rates["bare"]), "rows/s")
    uniform = figures.add(
        "charges, batches of 5,000, uniform", statistics.median(rates["uniform"]), "/s", limit=bare, against="bare INSERT", aim=">= 0.65"
    )
    figures.add(
        "charges, batches of 5,000, one hot division", statistics.median(rates["hot"]), "/s", limit=bare, against="bare INSERT", aim=">= 1.20"
    )
    tpcb = figures.add("pgbench TPC-B, 8 clients", pgbench(running, "-c", "8", "-T", "4" if quick else "15"), "/s")
    figures.add("charges, batches of 5,000, uniform", uniform, "/s", limit=tpcb, against="pgbench TPC-B")
    figures.add("charges, 8 clients with multi-fund batches", _eight(running, 4 if quick else 20), "/s", limit=bare, against="bare INSERT")
    return bare


def _post(web: psycopg.Connection[tuple[object, ...]], charges: list[funds.Charge]) -> None:
    answers = funds.debit(connection=web, charges=charges)
    assert all(answer.outcome is funds.Outcome.ACCEPTED for answer in answers), "every charge of the measurement is covered"


def _bare(owner: psycopg.Connection[tuple[object, ...]], charges: list[funds.Charge]) -> None:
    rows = zip(*((c.customer_id, next(_numbers), c.division_id, c.amount_minor, c.order_id, c.idempotency_key, c.note) for c in charges), strict=True)
    owner.execute(_BARE, [list(column) for column in rows])


def _eight(running: Running, rounds: int) -> float:
    """Post from eight clients at once; a deadlock that reaches a client ends the run."""
    faults: list[BaseException] = []

    def client() -> None:
        try:
            with running.connect("web") as web:
                for _ in range(rounds):
                    _post(web, batch(hot=False))
        except BaseException as fault:  # noqa: BLE001 - carried to the caller
            faults.append(fault)

    threads = [threading.Thread(target=client) for _ in range(8)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return 8 * rounds * BATCH / (time.perf_counter() - begun)


def grow(running: Running, entries: int) -> None:
    """Give one fund a long history, by the batch function."""
    with running.connect("web") as web:
        for _ in range(entries // BATCH):
            _post(web, batch(hot=True))


def read_balance(running: Running, figures: Figures, entries: int) -> None:
    """Read a balance of a fund with a short and with a long history, in turns."""
    statement = (
        "select h.balance_minor, h.unpaid_funding_minor, h.unpaid_owed_minor, c.limit_minor, c.in_use_minor from funds_fund d"
        " join funds_fund h on h.customer_id = d.customer_id and h.id = d.holder_id join funds_credit c on c.customer_id = d.customer_id"
        " where d.customer_id = %s and d.id = %s"
    )
    with running.connect("owner") as owner:
        owner.execute("vacuum analyze funds_fund")

        def read(fund: int) -> float:
            key = [FIRST_CUSTOMER + 1, FIRST_FUND + fund]
            return median_seconds(lambda: owner.execute(statement, key).fetchone(), 400)

        short, long = (statistics.median(values) for values in zip(*((read(8), read(7)) for _ in range(5)), strict=True))
    figures.add(
        f"reading a balance after {entries:,} entries", long * 1e6, "us", limit=short * 1e6, against="after 1,000 entries and fewer", aim="<= 1.10"
    )
