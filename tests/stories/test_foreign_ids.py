"""Name what is another customer's on every address and in every field: it is not found, and nothing of anybody's changes.

The addresses come from the resolver and from the lanes in front of it; one that no group below knows fails the first test.
"""

import dataclasses
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from stories import ordering, reading, visiting, world
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, CustomerRole
from tallystick.domain.events import queries as events
from tallystick.domain.exports import operations as exports
from tallystick.domain.exports.rules import ExportKind, Subject, Wish
from tallystick.domain.funds import operations as credit
from tallystick.domain.funds import queries as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments.rules import RefundRequest
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import lane
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.interfaces.services_v2 import lane as services
from tallystick.lib import ids

PRIYA, JONAS, HELEN = "priya@lanternfield.example", "jonas@lanternfield.example", "helen@lanternfield.example"
OF_A_CUSTOMER = {
    "division_id",
    "purchase_order_id",
    "invoice_id",
    "payment_id",
    "credit_note_id",
    "refund_id",
    "write_off_id",
    "export_id",
    "terms_id",
    "person_id",
    "key_id",
    "endpoint_id",
    "delivery_id",
    "mail_id",
}
CERTCENTRAL = {"services-adjustment", "services-container", "services-receipt"}
"""Tried in tests/interfaces/programs/test_services_v2_attacks.py."""
OF_NO_CUSTOMER = {
    "legal_entity_id",
    "kind",
    "currency",
    "job_id",
    "token",
    "provider",
    "key",
    "rest",
    "scheduled_id",
    "group_id",
    "year",
    "number",
    "name",
    "place",
}
"""What the operator owns, secrets, a gateway's name, the key of one's own payment, a month, a mail of the demo, and what the lanes answer."""
LANES = {"charges", "charges/batch", "charges/*/refund", "holds", "holds/*/capture", "holds/*/release"}
"""Tried in tests/interfaces/programs/test_wrong_requests.py, and with keys below."""


def _walk(patterns: list[URLPattern | URLResolver], above: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    for pattern in patterns:
        named = above | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, named)
        elif pattern.lookup_str.startswith("tallystick."):
            yield pattern.name or str(pattern.pattern), named


ROUTES = dict(_walk(get_resolver().url_patterns))


def _is_staffs(route: str) -> bool:
    return route.startswith(("operator-", "review", "record-payment"))


CUSTOMERS = sorted(name for name, named in ROUTES.items() if named & OF_A_CUSTOMER and not _is_staffs(name))
NESTED = sorted(name for name, named in ROUTES.items() if "customer_id" in named and named & OF_A_CUSTOMER)
SINGLE = sorted(name for name, named in ROUTES.items() if _is_staffs(name) and len(named & (OF_A_CUSTOMER | {"customer_id"})) == 1)


@dataclasses.dataclass(slots=True)
class Account:
    """A customer with one of everything that an address can name."""

    company: world.Company
    admin: str
    key: str
    mei: str
    named: dict[str, object]

    def standing(self) -> object:
        """Show what every change touches: it is written with its event, and money moves a figure."""
        with scope.of(OPERATOR):
            log = [event.id for event in events.log(customer_id=self.company.id, limit=500)]
        return log, funds.figures_by_division(viewer=self.company.viewer(self.admin))


def _wish(invoice: uuid.UUID) -> Wish:
    return Wish(subject=Subject.INVOICES, kind=ExportKind.CSV, wanted={"ids": [str(invoice)]}, total=1)


def _account(visits: visiting.Visits) -> Account:
    company = world.company(visits, separate=True)
    division, priya = company.division("Research"), world.staff(PRIYA)
    admin = company.person("Ruth", CustomerRole.ADMINISTRATOR)
    invoice, paid = company.invoice("100.00", division), company.receive("20.00", division_id=division)
    note = invoicing.request_credit_note(viewer=priya, invoice_id=invoice, amount_minor=100, reason="Less", now=world.now())
    owed = company.invoice("10.00", division, kind=world.invoices.Kind.AMOUNT_OWED)
    given_up = invoicing.write_off(viewer=priya, invoice_id=owed, amount_minor=100, reason="Short", now=world.now())
    rule = world.CreditRule.CONSUMPTION
    asked = RefundRequest(
        customer_id=company.id, division_id=division, amount_minor=500, reason="Back", account="DE02", idempotency_key=uuid.uuid4().hex
    )
    named: dict[str, object] = {
        "customer_id": company.id,
        "division_id": division,
        "purchase_order_id": company.order(admin, f"N-{uuid.uuid4().hex[:8]}", "10.00", division),
        "invoice_id": invoice,
        "payment_id": paid,
        "credit_note_id": note.id,
        "refund_id": payments.request_refund(viewer=priya, request=asked, now=world.now()).id,
        "write_off_id": given_up.id,
        "export_id": exports.ask_export(viewer=company.viewer(admin), wish=_wish(invoice), now=world.now()),
        "terms_id": credit.request_terms(viewer=priya, customer_id=company.id, limit_minor=1, rule=rule, reason="Story"),
        "person_id": customers.add_person(viewer=OPERATOR, email=company.person("Dana"), name="Dana"),
        "key_id": customers.issue_key(viewer=company.viewer(admin), name="Story", acts=(Act.SEE_FINANCES,)).id,
        **company.webhook(admin),
        "year": 2026,
        "number": 1,
    }
    mei = company.person("Mei", CustomerRole.MANAGER, [company.division("Sales")])
    return Account(company, admin, company.key(admin), mei, named)


@pytest.fixture(scope="module")
def northwind(visits: visiting.Visits) -> Account:
    """Open the customer whose things are named."""
    return _account(visits)


@pytest.fixture(scope="module")
def alderbrook(visits: visiting.Visits) -> Account:
    """Open another one."""
    return _account(visits)


@pytest.fixture(autouse=True)
def unchanged(northwind: Account, alderbrook: Account) -> Iterator[None]:
    """See that nothing of either changed."""
    before = northwind.standing(), alderbrook.standing()
    yield
    assert (northwind.standing(), alderbrook.standing()) == before


def _asked(visitor: visiting.Visitor, path: str, sent: dict[str, object] | None = None) -> Iterator[httpx.Response]:
    """Ask for a page and send it something; a page that takes only one of both answers the other with 405."""
    typed = {
        "reason": "Because",
        "text": "Because",
        "amount": "1.00",
        "account": "DE02",
        "form_key": str(uuid.uuid4()),
        "revision": "1",
        **(sent or {}),
    }
    answers = [visitor.client.get(path), visitor.client.post(path, data={**typed, "csrfmiddlewaretoken": visitor.token()})]
    return (answer for answer in answers if answer.status_code != 405)


def _path(route: str, named: dict[str, object]) -> str:
    return reverse(route, kwargs={name: named[name] for name in ROUTES[route]})


def test_every_address_with_an_id_is_tried() -> None:
    """A new address, or a new lane for programs, stands in a group before it is served."""
    tried = {*CUSTOMERS, *NESTED, *SINGLE, *CERTCENTRAL}
    rest = {name: named for name, named in ROUTES.items() if name not in tried and named - OF_NO_CUSTOMER}
    assert rest == {}
    assert {"/".join(route) for route in lane._ROUTES} == LANES
    assert set(services.LANES) == {"/services/v2/finance/balance"}


@pytest.mark.parametrize("route", CUSTOMERS)
def test_an_administrator_finds_nothing_of_another_customer(visits: visiting.Visits, northwind: Account, alderbrook: Account, route: str) -> None:
    """Not found, as if it were not there, read or sent."""
    for answer in _asked(visits.as_(alderbrook.admin), _path(route, northwind.named)):
        assert answer.status_code == 404, f"{route}: {answer.status_code}"


@pytest.mark.parametrize("route", NESTED)
def test_staff_find_nothing_of_one_customer_under_another(visits: visiting.Visits, northwind: Account, alderbrook: Account, route: str) -> None:
    """The operator's nested addresses hold together: Alderbrook's address, Northwind's division, person, refund or terms."""
    mixed = {**northwind.named, "customer_id": alderbrook.company.id}
    found = {answer.status_code for staff in (PRIYA, JONAS, HELEN) for answer in _asked(visits.as_(staff), _path(route, mixed))}
    assert found <= {403, 404}, f"{route}: {found}"
    assert 404 in found, f"{route}: nobody may"


@pytest.mark.parametrize("route", SINGLE)
def test_what_was_never_there_is_not_found_by_staff(visits: visiting.Visits, route: str) -> None:
    """An id that nobody has."""
    nobody = {name: 2**40 if name in {"customer_id", "division_id", "person_id"} else uuid.uuid4() for name in ROUTES[route]}
    found = {answer.status_code for staff in (PRIYA, JONAS, HELEN) for answer in _asked(visits.as_(staff), _path(route, nobody))}
    assert found <= {403, 404}, f"{route}: {found}"
    assert 404 in found


def test_a_restricted_user_finds_nothing_of_another_division(visits: visiting.Visits, northwind: Account) -> None:
    """Every address of a customer's that names a division, or what belongs to one."""
    mei = visits.as_(northwind.mei)
    for route in CUSTOMERS:
        if not ROUTES[route] & {"division_id", "purchase_order_id", "invoice_id", "payment_id"}:
            continue
        for answer in _asked(mei, _path(route, northwind.named)):
            assert answer.status_code == (403 if route in {"division-rename", "division-close"} else 404), f"{route}: {answer.status_code}"


def _sent(visitor: visiting.Visitor, path: str, form: reading.Form, changes: dict[str, list[str]]) -> httpx.Response:
    return visitor.client.post(path, data={**form.filled(), **changes, "csrfmiddlewaretoken": [visitor.token()]})


@pytest.mark.parametrize("target", ["review/", "payment/", "outcome/"])
def test_others_invoices_are_not_paid(visits: visiting.Visits, northwind: Account, alderbrook: Account, target: str) -> None:
    """Northwind's invoice ticked on Alderbrook's form is as one that is gone."""
    visitor, theirs = visits.as_(alderbrook.admin), ids.public("inv", northwind.named["invoice_id"])  # type: ignore[arg-type]
    page = visitor.get(reverse("pay-invoice-division", args=[alderbrook.named["division_id"]]))
    answer = _sent(visitor, f"{page.url.path}{target}", reading.form(page.text, id="pay"), {"invoice": [theirs], f"amount-{theirs}": ["1.00"]})
    assert answer.status_code in {200, 404, 409, 422}
    assert f'value="{theirs}"' not in answer.text


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/finances/purchase-orders/new/", {"division": "division_id", **ordering.typed(f"N-{uuid.uuid4().hex[:8]}")}),
        ("/account/api-keys/", {"divisions": "division_id", "name": "Shop", "scopes": "charges:write"}),
        ("/account/users/", {"divisions": "division_id", "name": "Eve", "email": "eve@alderbrook.example", "role": "finance_manager"}),
        ("/account/divisions/", {"parent": "division_id", "name": "Below"}),
        ("/seat/", {"customer": "customer_id"}),
    ],
)
def test_others_divisions_are_in_no_field_of_a_customer(
    visits: visiting.Visits, northwind: Account, alderbrook: Account, path: str, changes: dict[str, str]
) -> None:
    """A division, or a customer, that is not one's own is refused where it is chosen."""
    visitor = visits.as_(alderbrook.admin)
    sent = {name: str(northwind.named.get(value, value)) for name, value in changes.items()} | {"form_key": str(uuid.uuid4())}
    answer = visitor.client.post(path, data={**sent, "csrfmiddlewaretoken": visitor.token()})
    assert answer.status_code in {404, 422}, answer.status_code


@pytest.mark.parametrize(
    ("route", "staff", "changes"),
    [
        ("record-payment-of", PRIYA, {"division": "division_id", "method": "bank_transfer", "amount": "1.00", "reference": "R-1"}),
        ("operator-order-enter", PRIYA, {"division": "division_id", "channel": "mail", "amount": "1.00", **ordering.typed("N-1")}),
        ("operator-division-create", HELEN, {"parent": "division_id", "name": "Below"}),
        ("operator-user-invite", HELEN, {"divisions": "division_id", "name": "Eve", "email": "eve@alderbrook.example", "role": "finance_manager"}),
    ],
)
def test_others_divisions_are_in_no_field_of_staff(
    visits: visiting.Visits, northwind: Account, alderbrook: Account, route: str, staff: str, changes: dict[str, str]
) -> None:
    """On Alderbrook's pages Northwind's division can not be chosen, and Northwind's invoice not be paid."""
    visitor, theirs = visits.as_(staff), northwind.named["invoice_id"]
    sent = {name: str(northwind.named.get(value, value)) for name, value in changes.items()} | {"form_key": str(uuid.uuid4())}
    sent |= {"received_date": datetime.now(UTC).date().isoformat(), f"invoice_{theirs}": "1.00", f"split-{theirs}": "1.00"}
    answer = visitor.client.post(_path(route, alderbrook.named), data={**sent, "csrfmiddlewaretoken": visitor.token()})
    assert answer.status_code in {404, 422}, answer.status_code


def test_a_key_reaches_its_own_customer_only(visits: visiting.Visits, northwind: Account, alderbrook: Account) -> None:
    """Balance, charges, holds and batches with Alderbrook's key and Northwind's division; its own holds and charges are tried beside the lanes."""
    key, theirs = alderbrook.key, northwind.named["division_id"]
    assert isinstance(theirs, int)
    with visits.stranger() as program:
        shown = program.get("/services/v2/finance/balance", params={"container_id": theirs}, headers={"X-DC-DEVKEY": key})
        assert shown.status_code == 404
        body = {"division_id": ids.public("div", theirs), "amount": {"amount": "1.00", "currency": "USD"}}
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid.uuid4().hex}
        for path in ("charges", "holds"):
            assert program.post(f"/api/v1/{path}", json=body, headers=headers).status_code == 404
        rows = {"charges": [{**body, "idempotency_key": "k"}]}
        assert program.post("/api/v1/charges/batch", json=rows, headers=headers).json()["data"][0]["status"] == 404
