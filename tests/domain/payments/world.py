"""Build a customer through the operations, and walk payments on it; nothing here writes a row by itself."""

import json
import threading
import urllib.request
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connections

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole, Viewer, ViewerKind, system
from tallystick.domain.funds import operations as moving
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds import rules as figures
from tallystick.domain.invoicing import models as documents
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import models, operations, rules
from tallystick.integrations.gateways import http, protocol
from tallystick.integrations.gateways.fake import server
from tallystick.integrations.postgres import scope

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SECRET = b"a secret that only tests know"
ADMIN = Viewer(kind=ViewerKind.STAFF, name="Olga", person_id=900, staff_role=StaffRole.ADMINISTRATOR)
CLERK = Viewer(kind=ViewerKind.STAFF, name="Carl", person_id=901, staff_role=StaffRole.CLERK)
APPROVER = Viewer(kind=ViewerKind.STAFF, name="Anna", person_id=902, staff_role=StaffRole.APPROVER)


def key() -> str:
    """Make a key that nobody used."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class World:
    """Hold a customer, and the percent of its tax."""

    customer_id: int
    top_id: int
    percent: Decimal

    @property
    def fiona(self) -> Viewer:
        """Be the finance manager."""
        return Viewer(kind=ViewerKind.CUSTOMER, name="Fiona", person_id=1, customer_id=self.customer_id, role=CustomerRole.FINANCE_MANAGER)

    @property
    def worker(self) -> Viewer:
        """Be the worker for this customer."""
        return system(self.customer_id)

    def funding(self, *nets_minor: int, division_id: int | None = None) -> UUID:
        """Issue a funding invoice of these net lines."""
        return self._issue(invoicing.issue_funding_invoice, nets_minor, division_id)

    def owed(self, *nets_minor: int) -> UUID:
        """Issue an amount-owed invoice of these net lines."""
        return self._issue(invoicing.issue_amount_owed_invoice, nets_minor, None)

    def opening(self, amount_minor: int) -> None:
        """Bring a balance over from an old system."""
        with scope.of(ADMIN):
            moving.post_opening_balance(customer_id=self.customer_id, division_id=self.top_id, amount_minor=amount_minor)

    def _issue(self, issue: object, nets_minor: tuple[int, ...], division_id: int | None) -> UUID:
        rate = invoices.millionths(self.percent)
        lines = tuple(invoices.Line(description="Funds", quantity=Decimal(1), unit_price_minor=net, percent_millionths=rate) for net in nets_minor)
        draft = invoicing.InvoiceDraft(customer_id=self.customer_id, division_id=division_id or self.top_id, lines=lines, terms_days=30)
        with scope.of(ADMIN):
            return issue(viewer=ADMIN, draft=draft, today=TODAY, now=NOW).id  # type: ignore[operator]

    def invoice(self, invoice_id: UUID) -> documents.Invoice:
        """Look an invoice up."""
        with scope.of(ADMIN):
            return documents.Invoice.objects.get(customer_id=self.customer_id, id=invoice_id)

    def row(self, payment_id: UUID) -> models.Payment:
        """Look a payment up."""
        with scope.of(ADMIN):
            return models.Payment.objects.get(customer_id=self.customer_id, id=payment_id)

    def payments_invoice(self, payment_id: UUID) -> UUID:
        """Name the invoice that a payment was started for."""
        with scope.of(ADMIN):
            return models.Attempt.objects.get(customer_id=self.customer_id, payment_id=payment_id).invoice_id

    def payments(self) -> list[models.Payment]:
        """List all payments."""
        with scope.of(ADMIN):
            return list(models.Payment.objects.filter(customer_id=self.customer_id).order_by("id"))

    def allocations(self, payment_id: UUID) -> list[models.Allocation]:
        """List where a payment went."""
        with scope.of(ADMIN):
            return list(models.Allocation.objects.filter(customer_id=self.customer_id, payment_id=payment_id).order_by("place"))

    def figures(self, division_id: int | None = None) -> figures.Figures:
        """Read the figures."""
        return funds.figures(viewer=ADMIN, division_id=division_id or self.top_id, customer_id=self.customer_id)

    def record(self, amount_minor: int, *splits: tuple[UUID, int], **more: object) -> UUID:
        """Record a transfer as the clerk."""
        request = rules.RecordRequest(
            customer_id=self.customer_id,
            method=rules.Method.BANK_TRANSFER,
            amount_minor=amount_minor,
            splits=[rules.Ask(*split) for split in splits],
            reference=f"BANK {uuid.uuid4()}",
            received_date=TODAY,
            idempotency_key=key(),
        )
        return operations.record_payment(viewer=CLERK, request=replace(request, **more), now=NOW)  # type: ignore[arg-type]

    def start(self, method: rules.Method, *asks: tuple[UUID, int], gateway: protocol.Gateway | None = None, **more: object) -> operations.Started:
        """Start a payment as the finance manager."""
        request = rules.PaymentRequest(
            invoices=[rules.Ask(*ask) for ask in asks], method=method, idempotency_key=key(), return_url="http://127.0.0.1:9/back"
        )
        return operations.start_payment(viewer=self.fiona, request=replace(request, **more), now=NOW, gateway=gateway)  # type: ignore[arg-type]

    def bounce(self, payment_id: UUID, amount_minor: int, reference: str = "CB-1") -> None:
        """Let a payment bounce."""
        operations.reverse_payment(viewer=CLERK, payment_id=payment_id, amount_minor=amount_minor, reference=reference, reason="chargeback", now=NOW)

    def invoices_of(self, kind: invoices.Kind) -> list[documents.Invoice]:
        """List the invoices of a kind."""
        with scope.of(ADMIN):
            return list(documents.Invoice.objects.filter(customer_id=self.customer_id, kind=kind).order_by("id"))


def opened(*, percent: str, limit_minor: int | None = 200_000, separate_funds: bool = False, time_zone: str = "UTC") -> World:
    """Open a customer of a new legal entity."""
    entity = customers.create_legal_entity(viewer=ADMIN, name="Tally Inc.", address="1 Main Street", country="US", time_zone=time_zone)
    rate = customers.create_tax_rate(viewer=ADMIN, legal_entity_id=entity, name="", percent=percent)
    for kind, pattern in [(invoices.SeriesKind.INVOICE, "INV-{year}-{number:05}"), (invoices.SeriesKind.CREDIT_NOTE, "CN-{year}-{number:05}")]:
        invoicing.set_series(viewer=ADMIN, legal_entity_id=entity, kind=kind, pattern=pattern, year=2026)
    draft = customers.CustomerDraft(
        legal_entity_id=entity, name="Acme", currency="USD", limit_minor=limit_minor, tax_rate_id=rate, separate_funds=separate_funds
    )
    made = administration.create_customer(viewer=ADMIN, draft=draft)
    return World(made.customer_id, made.top_division_id, Decimal(percent))


class Till:
    """Run the fake gateway; its messages are fetched, verified by signature at its hook in other tests, and stored in any order wanted."""

    def __init__(self, hook_url: str = "") -> None:
        """Start it on a port of the system's choice; without a hook its messages are fetched."""
        self.fake = server.start(hook_url=hook_url, secret=SECRET, late_seconds=0.01)
        self.gateway = http.PlainGateway(base_url=self.fake.url, secret=SECRET, timeout_seconds=5)

    def close(self) -> None:
        """Stop it."""
        self.fake.close()

    def control(self, name: str, **body: object) -> object:
        """Turn a switch of the fake gateway."""
        request = urllib.request.Request(f"{self.fake.url}/control/{name}", json.dumps(body).encode(), {"authorization": f"Bearer {SECRET.decode()}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def pay(self, reference: str, number: str = "4242424242424242") -> None:
        """Present a card."""
        self.control("payments", payment=reference, number=number)

    def messages(self, reference: str) -> tuple[protocol.Message, ...]:
        """Fetch all that was said of a payment."""
        return self.gateway.fetch(reference).messages


def tell(*messages: protocol.Message, now: datetime = NOW) -> None:
    """Store messages in this order, and let the worker act after each."""
    for message in messages:
        operations.store_message(provider="plain", message=message, body="{}", now=now)
        operations.act_on_messages(now=now)


def at_once(count: int, act: object) -> list[object]:
    """Do the same in so many threads at the same moment; give what each answered or raised."""
    gate, found, lock = threading.Barrier(count), [], threading.Lock()

    def run(place: int) -> None:
        gate.wait()
        try:
            answer: object = act(place)  # type: ignore[operator]
        except Exception as raised:  # noqa: BLE001 - the tests look at what was raised
            answer = raised
        with lock:
            found.append(answer)
        connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
