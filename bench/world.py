"""Stand up what is measured: a server as script/server starts it, and rows for ten thousand funds, written set-based by the owner."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from tallystick.integrations.postgres import residence
from tallystick.interfaces.cli import place

FUNDS = 10_000
CUSTOMERS = 100
FIRST_CUSTOMER = 1_000_000
FIRST_FUND = 2_000_000
PLENTY_MINOR = 10**12
BATCH = 5000
_SETTLES_SECONDS = 600
_MAKERS = ("tallystick.integrations.einvoicing.writing", "tallystick.integrations.apart.answering")
"""Both end by themselves twenty seconds after their last document."""


@dataclass(frozen=True, slots=True)
class Running:
    """Name a running server: its address, its folder, its secrets, and how long the first start took."""

    url: str
    folder: Path
    facts: dict[str, dict[str, str]]
    start_seconds: float
    pid: int

    def connect(self, role: str) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as one of the roles, outside of any transaction."""
        return psycopg.connect(self.conninfo(role), autocommit=True)

    def conninfo(self, role: str) -> str:
        """Give the connection string of a role."""
        note = place.Place(self.folder)
        environment = note.environment(note.note())
        facts = {
            "host": environment["TALLYSTICK_DATABASE_HOST"],
            "port": environment["TALLYSTICK_DATABASE_PORT"],
            "dbname": environment["TALLYSTICK_DATABASE_NAME"],
            "user": f"tallystick_{role}",
            "password": environment[f"TALLYSTICK_{role.upper()}_PASSWORD"],
        }
        return " ".join(f"{name}={value}" for name, value in facts.items())


@contextmanager
def server(port: int, **environment: str) -> Iterator[Running]:
    """Run `tallystick serve --demo` on an empty folder for a block."""
    folder = Path(tempfile.mkdtemp(prefix="tallystick-bench-"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "tallystick.interfaces.cli.main", "serve", "--demo", "--data", str(folder), "--port", str(port), "--json"]
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert child.stdout is not None, "a pipe was asked for"
        line = child.stdout.readline()
        if not line:
            raise SystemExit("The server did not start; the reason stands above.")
        facts = json.loads(line)
        running = Running(facts["url"], folder, facts, time.perf_counter() - begun, child.pid)
        settle(running)
        yield running
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=60)


def settle(running: Running) -> None:
    """Wait until the worker has done all that is due and the processes that make its documents have ended: what is measured is measured alone."""
    deadline = time.monotonic() + _SETTLES_SECONDS
    with running.connect("worker") as worker:
        while time.monotonic() < deadline:
            waiting = worker.execute(
                "select exists(select from events_unnumbered) or exists(select from events_job where parked_at is null and run_at <= now())"
            ).fetchone()
            below = psutil.Process(running.pid).children(recursive=True)
            if waiting == (False,) and not any(_makes_documents(one) for one in below):
                return
            time.sleep(1)
    raise SystemExit(f"The worker was not done after {_SETTLES_SECONDS} s.")


def _makes_documents(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return any(name in process.cmdline() for name in _MAKERS)
    return False


def pgbench(running: Running, *options: str) -> float:
    """Run pgbench on the same server and give its transactions per second."""
    tool = str(residence.tool("pgbench"))
    done = subprocess.run([tool, *options, running.conninfo("owner")], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        if line.startswith("tps"):
            return float(line.split()[2])
    return 0.0


def fill(running: Running) -> None:
    """Write the customers, divisions and funds of the measurements: nobody could click ten thousand divisions together."""
    with running.connect("owner") as owner:
        owner.execute(
            "insert into customers_legalentity (name, address, country, tax_number, email, time_zone) values ('Bench', 'Bench', 'US', '', '', 'UTC')"
        )
        owner.execute(
            "insert into customers_customer (id, legal_entity_id, name, address, country, vat_number, currency, terms_days, separate_funds, billing_name,"
            " billing_email, recipients, locale, version)"
            " select %s + g, 1, 'Bench ' || g, '', '', '', 'USD', 30, true, '', '', '[]', 'en', 1 from generate_series(1, %s) g",
            [FIRST_CUSTOMER, CUSTOMERS],
        )
        owner.execute(
            "insert into funds_credit (customer_id, currency, limit_minor) select %s + g, 'USD', 0 from generate_series(1, %s) g",
            [FIRST_CUSTOMER, CUSTOMERS],
        )
        of_fund = f"{FIRST_CUSTOMER} + g / {FUNDS // CUSTOMERS} + 1, {FIRST_FUND} + g"
        owner.execute(
            f"insert into customers_division (customer_id, id, parent_id, name, description) select {of_fund},"
            f" case when g % {FUNDS // CUSTOMERS} = 0 then null else {FIRST_FUND} + g - g % {FUNDS // CUSTOMERS} end, 'Division ' || g, ''"
            f" from generate_series(0, {FUNDS - 1}) g order by g"
        )
        owner.execute(
            f"insert into funds_fund (customer_id, id, holder_id) select {of_fund}, {FIRST_FUND} + g from generate_series(0, {FUNDS - 1}) g"
        )
        entry = "insert into ledger_transfer (customer_id, id, entry_id, kind, debit, credit, amount_minor, fund_id, division_id, credit_balance_after, posted_at)"
        owner.execute(
            f"{entry} select f.customer_id, n.id, n.id, 19, 50, 30, {PLENTY_MINOR}, f.id, f.id, {PLENTY_MINOR}, ledger_now()"
            " from funds_fund f cross join lateral (select nextval('ledger_transfer_number') as id where f.id is not null) n where f.customer_id > %s",
            [FIRST_CUSTOMER],
        )
        owner.execute(f"update funds_fund set balance_minor = {PLENTY_MINOR} where customer_id > %s", [FIRST_CUSTOMER])
        owner.execute("analyze funds_fund, customers_division")
