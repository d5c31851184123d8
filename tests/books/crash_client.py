"""Load a running server and write every answered request down; later ask whether each is there, and none twice.

A request that got no answer is sent again with its key until it has one, as a careful program does.
"""

import argparse
import json
import os
import random
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
django.setup()

from django.db import Error, connections  # noqa: E402 - models load after the settings

from tallystick.domain.customers.rules import CustomerRole, StaffRole, Viewer, ViewerKind  # noqa: E402
from tallystick.domain.ledger import models as ledger  # noqa: E402
from tallystick.domain.payments import models as paid  # noqa: E402
from tallystick.domain.payments import operations as payments  # noqa: E402
from tallystick.domain.payments import rules  # noqa: E402
from tallystick.domain.purchasing import operations as purchasing  # noqa: E402
from tallystick.domain.purchasing.rules import OrderDraft  # noqa: E402
from tallystick.integrations.postgres import scope  # noqa: E402
from tallystick.lib import errors, ids  # noqa: E402

CLERK = Viewer(kind=ViewerKind.STAFF, name="Carl", person_id=901, staff_role=StaffRole.CLERK)
APPROVER = Viewer(kind=ViewerKind.STAFF, name="Anna", person_id=902, staff_role=StaffRole.APPROVER)
_BATCH = 5000
_AGAIN_STATUS = 429
_BAD_STATUS = 500
_REFUSED_STATUS = 402

type Row = dict[str, object]


class Client:
    """Send requests as one customer, until each is answered."""

    def __init__(self, facts: dict[str, object], book: Path) -> None:
        """Know the server, and open the book."""
        self.url, self.key, self.run = str(facts["url"]), str(facts["key"]), str(facts["run"])
        self.customer_id, self.division_id = int(str(facts["customer_id"])), int(str(facts["division_id"]))
        self.stop = threading.Event()
        self._book = book.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def name(self) -> str:
        """Make a key of this run."""
        return f"{self.run}-{uuid.uuid4()}"

    def write(self, **row: object) -> None:
        """Write an answered request down."""
        with self._lock:
            self._book.write(json.dumps(row) + "\n")
            self._book.flush()

    def send(self, path: str, body: Row, key: str = "") -> tuple[int, Row]:
        """Post, again and again with the same key, until there is an answer."""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json", **({"idempotency-key": key} if key else {})}
        while True:
            request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as problem:
                if problem.code < _BAD_STATUS and problem.code != _AGAIN_STATUS:
                    return problem.code, json.load(problem)
            except (OSError, ValueError):
                pass  # cut off: nobody knows whether it was done
            time.sleep(0.05)

    def body(self, minor: int) -> Row:
        """Ask for an amount."""
        return {"division_id": ids.public("div", self.division_id), "amount": {"amount": f"{minor / 100:.2f}", "currency": "USD"}}

    def charges(self) -> None:
        """Charge one by one."""
        key, body = self.name(), self.body(random.randint(1, 5))
        status, answer = self.send("/api/v1/charges", body, key)
        self.write(kind="charge", key=key, body=body, status=status, answer=answer)
        time.sleep(0.05)  # the load is bounded, so that `verify` after each of 200 points stays quick

    def batches(self) -> None:
        """Charge twenty at once."""
        asked = [{**self.body(random.randint(1, 3)), "idempotency_key": self.name()} for _ in range(20)]
        while asked:  # an element that nobody knows the fate of is asked for again
            _, answer = self.send("/api/v1/charges/batch", {"charges": asked})
            rows = answer["data"]
            assert isinstance(rows, list), "a batch is answered element by element"
            for one, row in zip(asked, rows, strict=True):
                body = {name: value for name, value in one.items() if name != "idempotency_key"}
                if row["status"] < _BAD_STATUS:
                    self.write(kind="charge", key=one["idempotency_key"], body=body, status=row["status"], answer=row.get("charge", row))
            asked = [one for one, row in zip(asked, rows, strict=True) if row["status"] >= _BAD_STATUS]
        time.sleep(1)

    def holds(self) -> None:
        """Hold and capture."""
        key, body = self.name(), self.body(4)
        status, answer = self.send("/api/v1/holds", body, key)
        self.write(kind="hold", path="/api/v1/holds", key=key, body=body, status=status, answer=answer)
        if status < _REFUSED_STATUS:
            path, ending = f"/api/v1/holds/{answer['id']}/capture", self.name()
            status, answer = self.send(path, {}, ending)
            self.write(kind="capture", path=path, key=ending, body={}, status=status, answer=answer)
        time.sleep(0.05)

    def money(self) -> None:
        """Send an order, approve it, pay it with a surplus: the three of one business day."""
        dana = Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=911, customer_id=self.customer_id, role=CustomerRole.FINANCE_MANAGER)
        key, now = self.name(), datetime.now(UTC)
        order = self._order(key)
        sent = self._until(lambda: purchasing.submit_purchase_order(viewer=dana, order=order, now=now, form_key=key))
        invoice_id = self._until(lambda: self._approved(sent.id, now))
        request = rules.RecordRequest(
            customer_id=self.customer_id,
            method=rules.Method.BANK_TRANSFER,
            amount_minor=20_50,
            splits=[rules.Ask(invoice_id, 20_00)],
            reference=key,
            received_date=date(2026, 1, 2),
            idempotency_key=key,
        )
        payment_id = self._until(lambda: payments.record_payment(viewer=CLERK, request=request, now=now))
        self.write(kind="payment", key=key, status=201, answer={"id": str(payment_id), "invoice_id": str(invoice_id)})
        time.sleep(0.1)

    def _order(self, key: str) -> OrderDraft:
        return OrderDraft(
            number=key[-30:],
            division=str(self.division_id),
            amount="20.00",
            bill_to_name="Northwind",
            bill_to_street="1 Main Street",
            bill_to_city="Salem",
            bill_to_country="US",
            contact_name="Dana",
            contact_mail="ap@northwind.example",
            signed=True,
        )

    def _approved(self, order_id: uuid.UUID, now: datetime) -> uuid.UUID:
        try:
            purchasing.approve_purchase_order(viewer=APPROVER, purchase_order_id=order_id, expected_revision=1, now=now)
        except errors.Conflict as decided:
            if decided.code != "purchase_order_decided":
                raise
        with scope.of(CLERK):
            found = purchasing_invoice(order_id)
        assert found is not None, "an approved order has its invoice"
        return found

    def _until[T](self, act: Callable[[], T]) -> T:
        while True:
            try:
                return act()
            except (Error, OSError) as problem:
                del problem
                connections.close_all()
                time.sleep(0.05)

    def again(self, act: Callable[[], None]) -> None:
        """Do one thing after the other until told to stop; whatever was begun is ended."""
        while not self.stop.is_set():
            act()
        connections.close_all()


def purchasing_invoice(order_id: uuid.UUID) -> uuid.UUID | None:
    """Find the invoice of an order, inside a scope."""
    with scope.cursor() as cursor:
        cursor.execute("select id from invoicing_invoice where purchase_order_id = %s", [order_id])
        row = cursor.fetchone()
    return row[0] if row else None


def load(client: Client) -> int:
    """Load the server until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: client.stop.set())
    acts = [client.charges] * 4 + [client.batches, client.holds, client.money]
    threads = [threading.Thread(target=client.again, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)
    return 0


def check(client: Client, rows: list[Row]) -> list[str]:
    """Say what is missing or twice."""
    done = [row for row in rows if int(str(row["status"])) < _REFUSED_STATUS]
    wrong = [f"{row['key']} was answered with {row['status']}" for row in rows if int(str(row["status"])) > _REFUSED_STATUS]
    charges = [row for row in done if row["kind"] == "charge"]
    for at in range(0, len(charges), _BATCH):
        part = charges[at : at + _BATCH]
        _, answer = client.send("/api/v1/charges/batch", {"charges": [{**dict(row["body"]), "idempotency_key": row["key"]} for row in part]})  # type: ignore[call-overload]
        for row, now in zip(part, answer["data"], strict=True):  # type: ignore[call-overload]  # a list, as above
            if not now["replayed"] or now["charge"] != row["answer"]:
                wrong.append(f"charge {row['key']} is answered differently now")
    for row in done:
        if row["kind"] in {"hold", "capture"}:
            status, now = client.send(str(row["path"]), row["body"], str(row["key"]))  # type: ignore[arg-type]  # what was sent
            if status != row["status"] or now["id"] != row["answer"]["id"]:  # type: ignore[index]  # an answer has its id
                wrong.append(f"{row['kind']} {row['key']} is answered differently now")
    return wrong + _counted(client, done)


def _counted(client: Client, done: list[Row]) -> list[str]:
    """Count in the database: as many effects as keys, no key of the run without an answer, no payment twice."""
    with scope.of(CLERK):
        posted = list(
            ledger.Transfer.objects.filter(customer_id=client.customer_id, idempotency_key__startswith=client.run).values_list(
                "idempotency_key", flat=True
            )
        )
        recorded = list(
            paid.Payment.objects.filter(customer_id=client.customer_id, recording_key__startswith=client.run).values_list(
                "id", "recording_key", "settled_minor"
            )
        )
    asked = {str(row["key"]) for row in done if row["kind"] in {"charge", "hold", "capture"}}
    told = {(str(row["answer"]["id"]), str(row["key"]), 20_50) for row in done if row["kind"] == "payment"}  # type: ignore[index]
    wrong = [f"{key} was answered and is not in the journal" for key in asked - set(posted)]
    wrong += [f"{key} is in the journal and was never answered" for key in set(posted) - asked if key in {str(row["key"]) for row in done}]
    wrong += ["a key is in the journal twice"] * (len(posted) - len(set(posted)))
    found = {(str(one), key, settled) for one, key, settled in recorded}
    return wrong + [f"payment {one} differs" for one in found ^ told] + ["a payment is there twice"] * (len(recorded) - len(found))


def main() -> int:
    """Load, or check; print one JSON object with what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("act", choices=["load", "check"])
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--book", type=Path, required=True)
    options = parser.parse_args()
    client = Client(json.loads(options.facts.read_text(encoding="utf-8")), options.book)
    if options.act == "load":
        return load(client)
    rows = [json.loads(line) for line in options.book.read_text(encoding="utf-8").splitlines()]
    counts: dict[str, int] = {}
    for row in rows:
        counts[f"{row['kind']} {row['status']}"] = counts.get(f"{row['kind']} {row['status']}", 0) + 1
    sys.stdout.write(json.dumps({"answered": counts, "wrong": check(client, rows)[:50]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
