"""Open an account for a program: a customer by operations only, with a key, and a client that speaks to the application itself."""

import asyncio
import itertools
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx

from tallystick.config import asgi
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, CreditRule, CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.ledger.rules import Account
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADA = Viewer(kind=ViewerKind.STAFF, name="Ada Holm", person_id=901, staff_role=StaffRole.ADMINISTRATOR)
ABE = Viewer(kind=ViewerKind.STAFF, name="Abe Stone", person_id=903, staff_role=StaffRole.APPROVER)
_people = itertools.count(5000)
_entities: list[int] = []


def _entity() -> int:
    if not _entities:
        _entities.append(customers.create_legal_entity(viewer=ADA, name="Tallystick Demo, Inc.", address="1 Main Street", country="US"))
        for kind, pattern in ((invoices.SeriesKind.INVOICE, "INV-{year}-{number:05}"), (invoices.SeriesKind.CREDIT_NOTE, "CN-{year}-{number:05}")):
            invoicing.set_series(viewer=ADA, legal_entity_id=_entities[0], kind=kind, pattern=pattern, year=2026)
    return _entities[0]


@dataclass(frozen=True)
class Program:
    """Hold a customer of its own and a key."""

    customer_id: int
    top_id: int
    key: str
    key_id: uuid.UUID

    @property
    def viewer(self) -> Viewer:
        return Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=next(_people), customer_id=self.customer_id, role=CustomerRole.ADMINISTRATOR)

    @property
    def div(self) -> str:
        return ids.public("div", self.top_id)

    def another_key(
        self,
        *,
        role: CustomerRole = CustomerRole.ADMINISTRATOR,
        acts: Sequence[Act] = (Act.SEE_FINANCES, Act.CHARGE),
        divisions: Sequence[int] | None = None,
    ) -> str:
        """Issue a key; a role that may not issue keys got its own before it was given that role."""
        made = customers.issue_key(viewer=self.viewer, name="Shop", acts=acts, division_ids=divisions)
        if role is not CustomerRole.ADMINISTRATOR:
            with scope.of(ADA), scope.cursor() as cursor:
                cursor.execute("update customers_apikey set role = %s where id = %s", [role, made.id])
        return made.secret

    def division(self, name: str) -> int:
        return administration.create_division(viewer=self.viewer, parent_id=self.top_id, name=name)

    def opening(self, amount_minor: int, division_id: int | None = None) -> None:
        with scope.of(ADA):
            funds.post_opening_balance(customer_id=self.customer_id, division_id=division_id or self.top_id, amount_minor=amount_minor)

    def spend(self, amount_minor: int, division_id: int | None = None) -> None:
        asked = funds.Charge(self.customer_id, division_id or self.top_id, amount_minor, str(uuid.uuid4()))
        assert funds.charge(viewer=self.viewer, charges=[asked])[0].outcome is funds.Outcome.ACCEPTED

    def invoice(self, issue: object, net_minor: int) -> uuid.UUID:
        line = invoices.Line(description="Funds", quantity=Decimal(1), unit_price_minor=net_minor, percent_millionths=0)
        draft = invoicing.InvoiceDraft(customer_id=self.customer_id, division_id=self.top_id, lines=(line,), terms_days=30)
        with scope.of(ABE):
            return issue(viewer=ABE, draft=draft, today=date(2026, 11, 22), now=NOW).id  # type: ignore[no-any-return, operator]

    def pay(self, invoice_id: uuid.UUID, amount_minor: int) -> None:
        with scope.of(ABE):
            invoicing.apply_payment(
                customer_id=self.customer_id, invoice_id=invoice_id, amount_minor=amount_minor, source=Account.CASH, payment_id=None
            )

    def balance(self, query: str | None = None, *, key: str | None = None) -> httpx.Response:
        at = f"/services/v2/finance/balance?{f'container_id={self.top_id}' if query is None else query}"
        return ask("GET", at, headers={"X-DC-DEVKEY": self.key if key is None else key})

    def post(self, path: str, body: object, *, idempotency_key: str | None = "", key: str | None = None, **headers: str) -> httpx.Response:
        """Send JSON with the program's key, and with a new idempotency key unless one is named (None: without one)."""
        sent = {"Authorization": f"Bearer {key or self.key}", **headers}
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        return ask("POST", f"/api/v1/{path}", headers=sent, json=body)

    def charge(self, amount: str = "1.00", *, idempotency_key: str = "", key: str | None = None, **more: object) -> httpx.Response:
        body = {"division_id": self.div, "amount": {"amount": amount, "currency": "USD"}, **more}
        return self.post("charges", body, idempotency_key=idempotency_key, key=key)


def opened(
    *, limit_minor: int | None = 200_000, rule: CreditRule = CreditRule.CONSUMPTION, separate_funds: bool = False, currency: str = "USD"
) -> Program:
    """Open a customer without tax, with a key of its administrator that may see finances and charge."""
    draft = customers.CustomerDraft(
        legal_entity_id=_entity(), name="Northwind Labs", currency=currency, limit_minor=limit_minor, rule=rule, separate_funds=separate_funds
    )
    made = administration.create_customer(viewer=ADA, draft=draft)
    dana = Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=1, customer_id=made.customer_id, role=CustomerRole.ADMINISTRATOR)
    key = customers.issue_key(viewer=dana, name="Shop", acts=[Act.SEE_FINANCES, Act.CHARGE])
    return Program(made.customer_id, made.top_division_id, key.secret, key.id)


def client() -> httpx.AsyncClient:
    """Speak to the application without a socket between."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=asgi.application), base_url="http://127.0.0.1")  # type: ignore[arg-type]


def ask(method: str, at: str, **more: object) -> httpx.Response:
    """Send one request."""

    async def send() -> httpx.Response:
        async with client() as speaking:
            return await speaking.request(method, at, **more)  # type: ignore[arg-type]

    return run(send())


def run[T](work: Coroutine[object, object, T]) -> T:
    """Run what waits, in an event loop of its own."""
    return asyncio.run(work)
