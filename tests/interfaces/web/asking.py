"""Sign customers' people in, and count what their pages ask of the database."""

import html
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

import given
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole
from tallystick.lib import ids


def person(acme: given.Customer, role: CustomerRole = CustomerRole.FINANCE_MANAGER, divisions: list[int] | None = None) -> Client:
    """Sign a new user of a customer in."""
    person_id = customers.add_person(viewer=given.ADMIN, email=f"{uuid.uuid4().hex}@northwind.example", name="Dana Whitfield")
    customers.set_membership(viewer=given.ADMIN, customer_id=acme.customer_id, person_id=person_id, role=role, division_ids=divisions)
    return signed_in(person_id)


def signed_in(person_id: int) -> Client:
    """Be a person that is there."""
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=person_id))
    return client


def at(page: str, division_id: int) -> str:
    """Write the address of a finance page of a division."""
    return f"/finances/{page}/{ids.public('div', division_id)}/"


def seen(client: Client, address: str) -> str:
    """Read what stands on a page, without its tags."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(html.unescape(text).split())


@contextmanager
def statements(alias: str = "default") -> Iterator[list[str]]:
    """Gather every statement that pages ask on a connection."""
    asked: list[str] = []

    def note(execute: object, sql: str, parameters: object, many: bool, context: object) -> object:
        asked.append(sql)
        return execute(sql, parameters, many, context)  # type: ignore[operator]

    with connections[alias].execute_wrapper(note):
        yield asked
