"""Measure approving and paying through the operations, and proving the books."""

import os
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

from figures import Figures
from world import Running

_TRYTON_SECONDS = 0.129 + 0.640 + 0.219
"""What creating, posting and paying one invoice takes through Tryton 8.2's model API (performance.md; measured there, not here)."""


def measure(running: Running, figures: Figures, *, count: int, tryton_seconds: float | None = None) -> None:
    """Approve and pay orders of eight lines one after another in a process of its own, so that its environment is that of the application.

    `tryton_seconds` is what an invoice of as many lines took through Tryton in this run; without it, the published figure of another machine is taken.
    """
    environment = {**os.environ, "BENCH_COUNT": str(count), **_environment(running)}
    done = subprocess.run([sys.executable, __file__], stdout=subprocess.PIPE, text=True, check=True, env=environment)
    approve, pay = (float(value) for value in done.stdout.split())
    figures.add("approve a purchase order through the operation", approve, "/s")
    figures.add("record a payment through the operation", pay, "/s")
    against = "Tryton 8.2, eight lines" if tryton_seconds else "Tryton 8.2 (performance.md, not of this run)"
    both = 1 / (1 / approve + 1 / pay)
    figures.add("approve + pay", both, "/s", limit=1 / (tryton_seconds or _TRYTON_SECONDS), against=against, aim=">= 50")


def prove(running: Running, figures: Figures, entries: int) -> None:
    """Time verify over all that was posted, and look at the memory it took."""
    command = [sys.executable, "-m", "tallystick.interfaces.cli.main", "verify", "--data", str(running.folder)]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as done:
        assert done.stdout
        said = done.stdout.read()
        _, status, used = os.wait4(done.pid, 0)  # of this process and those below it, and of no other that the bench has run
        done.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if done.returncode:
        print(said)
    figures.add("verify, faults", done.returncode, "")
    figures.add("verify", seconds / (entries / 1_000_000), "s per million entries")
    figures.add(
        f"verify over {entries:,} entries, largest memory of any process of it",
        used.ru_maxrss / 1024,
        "MiB",
        limit=300,
        against="300 MiB",
        aim="<= 1",
    )


def _environment(running: Running) -> dict[str, str]:
    from tallystick.interfaces.cli import place  # noqa: PLC0415 - the child below runs this file without it

    chosen = place.Place(running.folder)
    return {"BENCH_CUSTOMER": str(running.facts["customer_ids"]["Orchard Street Press"]), **chosen.environment(chosen.note())}


def _child() -> None:
    import django  # noqa: PLC0415 - only in the child, whose environment is the application's

    django.setup()
    from tallystick.domain.customers import queries as customers  # noqa: PLC0415 - as above
    from tallystick.domain.payments import operations as payments  # noqa: PLC0415
    from tallystick.domain.payments import rules as paying  # noqa: PLC0415
    from tallystick.domain.purchasing import operations as purchasing  # noqa: PLC0415
    from tallystick.domain.purchasing import rules as orders  # noqa: PLC0415

    now, count, customer_id = datetime.now(UTC), int(os.environ["BENCH_COUNT"]), int(os.environ["BENCH_CUSTOMER"])
    staff = {row.role: customers.staff_viewer(person_id=row.person_id) for row in customers.staff()}
    clerk, approver = staff["clerk"], staff["approver"]
    assert clerk is not None, "the story has its staff"
    assert approver is not None, "the story has its staff"
    division = customers.divisions(viewer=clerk, customer_id=customer_id)[0]
    lines = tuple(orders.LineDraft(description=f"Certificate {n}", quantity="2", unit_price="100.00") for n in range(8))
    taken = [
        purchasing.enter_purchase_order(
            viewer=clerk,
            customer_id=customer_id,
            order=orders.OrderDraft(
                number=uuid.uuid4().hex[:12],
                division=str(division.id),
                lines=lines,
                bill_to_name="B",
                bill_to_street="S",
                bill_to_city="C",
                bill_to_country="US",
                contact_name="N",
                contact_mail="n@example.com",
                signed=True,
            ),
            now=now,
        )
        for _ in range(count)
    ]
    begun = time.perf_counter()
    invoices = [
        purchasing.approve_purchase_order(viewer=approver, purchase_order_id=order.id, expected_revision=order.revision, now=now) for order in taken
    ]
    approve = count / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for invoice in invoices:
        request = paying.RecordRequest(
            customer_id=customer_id,
            method=paying.Method.BANK_TRANSFER,
            amount_minor=invoice.gross_minor,
            splits=[paying.Ask(invoice.id, invoice.gross_minor)],
            reference=uuid.uuid4().hex,
            received_date=now.date() - timedelta(days=1),  # over at the legal entity, in whatever zone it counts
            idempotency_key=uuid.uuid4().hex,
        )
        payments.record_payment(viewer=clerk, request=request, now=now)
    print(approve, count / (time.perf_counter() - begun))


if __name__ == "__main__":
    _child()
