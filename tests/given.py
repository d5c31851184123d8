"""Build worlds for tests: the only builders, and they call operations, so that no test world is unlawful."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

from domain.payments.world import ADMIN, APPROVER, CLERK, NOW, TODAY, World, key
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CreditRule, CustomerRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.operations import holding
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.verification import queries as verification
from tallystick.integrations.postgres import scope

HOLD_UNTIL = NOW + timedelta(days=3650)
Kind = invoices.Kind
_ISSUE = {
    Kind.FUNDING: invoicing.issue_funding_invoice,
    Kind.AMOUNT_OWED: invoicing.issue_amount_owed_invoice,
    Kind.CORRECTION: invoicing.issue_correction_invoice,
}


@dataclass(frozen=True)
class Customer(World):
    """Hold a customer with its legal entity, and short ways to what tests of the books do often."""

    legal_entity_id: int = 0
    division_ids: tuple[int, ...] = ()

    def viewer(self, role: CustomerRole = CustomerRole.ADMINISTRATOR, division_ids: frozenset[int] | None = None) -> Viewer:
        """Be one of the customer's users."""
        return Viewer(kind=ViewerKind.CUSTOMER, name=role.value, person_id=7, customer_id=self.customer_id, role=role, division_ids=division_ids)

    def issue(self, *lines: tuple[int, str], kind: invoices.Kind = Kind.FUNDING, division_id: int | None = None) -> UUID:
        """Issue an invoice of (net in minor units, percent) lines."""
        drawn = tuple(
            invoices.Line(description="Funds", quantity=Decimal(1), unit_price_minor=net, percent_millionths=invoices.millionths(Decimal(percent)))
            for net, percent in lines
        )
        draft = invoicing.InvoiceDraft(customer_id=self.customer_id, division_id=division_id or self.top_id, lines=drawn, terms_days=30)
        with scope.of(ADMIN):
            return _ISSUE[kind](viewer=ADMIN, draft=draft, today=TODAY, now=NOW).id

    def fund(self, net_minor: int, division_id: int | None = None) -> UUID:
        """Bring funds in: a funding invoice without tax, paid in full."""
        invoice_id = self.issue((net_minor, "0"), division_id=division_id)
        return self.record(net_minor, (invoice_id, net_minor))

    def charge(self, amount_minor: int, division_id: int | None = None, idempotency_key: str = "", **more: str) -> funds.ChargeAnswer:
        """Charge a division."""
        return funds.charge(viewer=self.viewer(), charges=[self.asked(amount_minor, division_id, idempotency_key, **more)])[0]

    def asked(self, amount_minor: int, division_id: int | None = None, idempotency_key: str = "", **more: str) -> funds.Charge:
        """Describe a charge."""
        return funds.Charge(
            customer_id=self.customer_id,
            division_id=division_id or self.top_id,
            amount_minor=amount_minor,
            idempotency_key=idempotency_key or key(),
            **more,  # type: ignore[arg-type]  # texts of the charge only
        )

    def hold(self, amount_minor: int, division_id: int | None = None, idempotency_key: str = "") -> holding.Held:
        """Hold an amount."""
        return funds.hold(viewer=self.viewer(), asked=self.asked(amount_minor, division_id, idempotency_key), now=NOW, lapses_at=HOLD_UNTIL)

    def transfer(self, amount_minor: int, source: int, target: int, idempotency_key: str = "") -> int:
        """Move funds between divisions."""
        return funds.transfer(
            viewer=self.viewer(), from_division_id=source, to_division_id=target, amount_minor=amount_minor, idempotency_key=idempotency_key or key()
        )

    def credit(self, invoice_id: UUID, amount_minor: int) -> None:
        """Credit an invoice: one asks, another approves."""
        note = invoicing.request_credit_note(viewer=CLERK, invoice_id=invoice_id, amount_minor=amount_minor, reason="Less", now=NOW)
        invoicing.approve_credit_note(viewer=APPROVER, credit_note_id=note.id, today=TODAY, now=NOW)

    def write_off(self, invoice_id: UUID, amount_minor: int) -> None:
        """Write a bad debt off: one asks, another approves."""
        asked = invoicing.write_off(viewer=CLERK, invoice_id=invoice_id, amount_minor=amount_minor, reason="Bad debt", now=NOW)
        invoicing.approve_write_off(viewer=APPROVER, write_off_id=asked.id, now=NOW)

    def terms(self, limit_minor: int | None, rule: CreditRule = CreditRule.CONSUMPTION) -> None:
        """Change limit and rule."""
        asked = funds.request_terms(viewer=CLERK, customer_id=self.customer_id, limit_minor=limit_minor, rule=rule, reason="Agreed")
        funds.approve_terms(viewer=APPROVER, customer_id=self.customer_id, terms_id=asked)

    def separate(self, *, separate: bool) -> bool:
        """Switch separate division funds."""
        return administration.switch_separate_funds(viewer=ADMIN, customer_id=self.customer_id, separate=separate)

    def add_division(self, name: str, parent_id: int | None = None) -> int:
        """Open a division."""
        return administration.create_division(viewer=ADMIN, customer_id=self.customer_id, parent_id=parent_id or self.top_id, name=name)

    def available(self, division_id: int | None = None) -> int | None:
        """Read total available funds."""
        return self.figures(division_id).available_minor


def legal_entity(*patterns: str, time_zone: str = "UTC") -> int:
    """Open a legal entity with its two number series."""
    made = customers.create_legal_entity(viewer=ADMIN, name="Tally Inc.", address="1 Main Street", country="US", time_zone=time_zone)
    for kind, pattern in zip(
        (invoices.SeriesKind.INVOICE, invoices.SeriesKind.CREDIT_NOTE), patterns or ("INV-{number:05}", "CN-{number:05}"), strict=True
    ):
        invoicing.set_series(viewer=ADMIN, legal_entity_id=made, kind=kind, pattern=pattern, year=2026)
    return made


def customer(
    *,
    percent: str = "0",
    limit_minor: int | None = 200_000,
    rule: CreditRule = CreditRule.CONSUMPTION,
    divisions: int = 0,
    separate: bool = False,
    legal_entity_id: int | None = None,
) -> Customer:
    """Open a customer with so many divisions below the top-level one, of a legal entity of its own unless one is named."""
    seller = legal_entity_id or legal_entity()
    rate = customers.create_tax_rate(viewer=ADMIN, legal_entity_id=seller, name="", percent=percent)
    draft = customers.CustomerDraft(
        legal_entity_id=seller, name="Acme", currency="USD", limit_minor=limit_minor, rule=rule, tax_rate_id=rate, separate_funds=separate
    )
    opened = administration.create_customer(viewer=ADMIN, draft=draft)
    below = [
        administration.create_division(viewer=ADMIN, customer_id=opened.customer_id, parent_id=opened.top_division_id, name=f"Division {place}")
        for place in range(divisions)
    ]
    return Customer(opened.customer_id, opened.top_division_id, Decimal(percent), seller, (opened.top_division_id, *below))


def faults() -> list[str]:
    """Run `verify` on the whole test database as the auditor, and say what is wrong."""
    facts = connections["auditor"].settings_dict
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    with psycopg.connect(make_conninfo(**{name: str(facts[setting]) for name, setting in names.items()})) as connection:
        return [
            f"{proof.name}: customer {fault.customer_id}, {fault.where}: {fault.what}"
            for proof in verification.prove(connection=connection)
            for fault in proof.faults
        ]


def in_threads[T](jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run jobs at the same moment, each in a thread and on connections of its own; give what each answered or raised, in order."""
    gate = threading.Barrier(len(jobs))
    found: dict[int, T | Exception] = {}

    def run(place: int) -> None:
        gate.wait()
        try:
            found[place] = jobs[place]()
        except Exception as raised:  # noqa: BLE001 - the tests look at what was raised
            found[place] = raised
        connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[place] for place in range(len(jobs))]
