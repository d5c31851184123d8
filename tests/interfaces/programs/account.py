"""Open an account for a program: a customer by operations only, with a key, and a client that speaks to the application itself."""

import asyncio
import functools
import itertools
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import httpx

import given
from interfaces.programs import promises
from tallystick.config import asgi
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, CreditRule, CustomerRole, StaffRole, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.integrations.postgres import scope
from tallystick.lib import ids

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADA = Viewer(kind=ViewerKind.STAFF, name="Ada Holm", person_id=901, staff_role=StaffRole.ADMINISTRATOR)
_people = itertools.count(5000)


@functools.cache
def _entity() -> int:
    return given.legal_entity("INV-{year}-{number:05}", "CN-{year}-{number:05}")


@dataclass(frozen=True)
class Program:
    """Hold a customer of its own and a key."""

    customer_id: int
    top_id: int
    key: str
    key_id: uuid.UUID

    @property
    def books(self) -> given.Customer:
        """Do at this customer what no program does: invoices, payments, divisions."""
        return given.Customer(self.customer_id, self.top_id, Decimal(0))

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
        return self.books.add_division(name)

    def opening(self, amount_minor: int, division_id: int | None = None) -> None:
        with scope.of(ADA):
            funds.post_opening_balance(customer_id=self.customer_id, division_id=division_id or self.top_id, amount_minor=amount_minor)

    def spend(self, amount_minor: int, division_id: int | None = None) -> None:
        assert self.books.charge(amount_minor, division_id).outcome is funds.Outcome.ACCEPTED

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


def of(customer_id: int, top_id: int, *, person_id: int) -> Program:
    """Give a customer that another test opened a key of one of its people."""
    person = Viewer(kind=ViewerKind.CUSTOMER, name="Dana", person_id=person_id, customer_id=customer_id, role=CustomerRole.ADMINISTRATOR)
    key = customers.issue_key(viewer=person, name="Shop", acts=[Act.SEE_FINANCES, Act.PAY, Act.CHARGE])
    return Program(customer_id, top_id, key.secret, key.id)


def client() -> httpx.AsyncClient:
    """Speak to the application without a socket between."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=asgi.application), base_url="http://127.0.0.1")  # type: ignore[arg-type]


def ask(method: str, at: str, **more: object) -> httpx.Response:
    """Send one request."""

    async def send() -> httpx.Response:
        async with client() as speaking:
            return await speaking.request(method, at, **more)  # type: ignore[arg-type]

    answer = run(send())
    promises.hold(method, str(answer.url), answer)
    return answer


def run[T](work: Coroutine[object, object, T]) -> T:
    """Run what waits, in an event loop of its own."""
    return asyncio.run(work)
