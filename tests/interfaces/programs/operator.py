"""Be a program of the customer that orders, and one of the operator that decides."""

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from interfaces.programs import account
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import StaffRole

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_numbers = itertools.count(1)


def key(shop: account.Program, *scopes: str, divisions: tuple[int, ...] | None = None) -> str:
    """Make a key of the customer."""
    return customers.make_key(viewer=shop.viewer, name="Buyer", terms=customers.KeyTerms(scopes=scopes, division_ids=divisions)).secret


def staff_key(role: StaffRole, *scopes: str) -> str:
    """Make a key of the operator, of a new member of staff."""
    person = customers.add_person(viewer=account.ADA, email=f"{uuid.uuid4().hex}@tally.example", name=f"Staff {role}")
    customers.set_staff(viewer=account.ADA, person_id=person, role=role)
    terms = customers.KeyTerms(scopes=scopes or ("purchase_orders:write", "invoices:write"))
    return customers.make_operator_key(viewer=account.ADA, person_id=person, name="Desk", terms=terms).secret


@dataclass(frozen=True)
class Program:
    """Speak to /api/v1 with one key."""

    key: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        return account.ask("GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {self.key}", **headers})

    def post(self, path: str, body: object = None, *, idempotency_key: str | None = "", **headers: str) -> httpx.Response:
        """Send JSON, with a new idempotency key unless one is named (None: without one)."""
        sent = {"Authorization": f"Bearer {self.key}", **headers}
        if idempotency_key is not None:
            sent["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        return account.ask("POST", f"/api/v1/{path}", headers=sent, json={} if body is None else body)


@dataclass(frozen=True, init=False)
class Buyer(Program):
    """Send orders of a customer."""

    shop: account.Program

    def __init__(self, shop: account.Program, secret: str) -> None:
        object.__setattr__(self, "shop", shop)
        object.__setattr__(self, "key", secret)

    def order(self, **change: object) -> dict[str, object]:
        """Write an order of 2 x 250.00 USD."""
        return {
            "number": f"PO-{next(_numbers)}",
            "division_id": self.shop.div,
            "lines": [{"description": "Certificates", "quantity": "2", "unit_price": {"amount": "250.00", "currency": "USD"}}],
            "bill_to": {"name": "Northwind Labs", "street": "1 Harbor Way", "city": "Portland, OR 97201", "country": "US"},
            "contact": {"name": "Dana Reyes", "mail": "ap@northwind.example"},
            "signed": True,
            **change,
        }

    def send(self, body: object, *, idempotency_key: str | None = "", **headers: str) -> httpx.Response:
        return self.post("purchase-orders", body, idempotency_key=idempotency_key, **headers)

    def sent(self, **change: object) -> dict[str, object]:
        """Send an order and give it as it was answered."""
        made = self.send(self.order(**change))
        assert made.status_code == 201, made.text
        shown: dict[str, object] = made.json()
        return {**shown, "etag": made.headers["etag"]}
