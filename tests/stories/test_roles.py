"""Try every role on every address of the site map by the two tables of product.md; and an outsider on every address that names an id."""

import dataclasses
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from stories import visiting, world
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import Act, CustomerRole
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.interfaces.cli.prepare import OPERATOR

SEE, WRITE, PAY, SETTINGS, KEYS, HOOKS, USERS = "see", "write", "pay", "settings", "keys", "hooks", "users"
ALL, ENTER, APPROVE, ADMINISTER = "all", "enter", "approve", "administer"
_CUSTOMER_TABLE: dict[str, set[str]] = {
    "administrator": {SEE, WRITE, PAY, SETTINGS, KEYS, HOOKS, USERS},
    "restricted administrator": {SEE, WRITE, PAY, KEYS, USERS},
    "manager": {SEE, WRITE, PAY},
    "finance_manager": {SEE, WRITE, PAY, KEYS, HOOKS},
    "standard_user": set(),
    "limited_user": set(),
}
_STAFF_TABLE: dict[str, tuple[str, set[str]]] = {
    "clerk": ("priya@lanternfield.example", {ALL, ENTER}),
    "approver": ("jonas@lanternfield.example", {ALL, ENTER, APPROVE}),
    "auditor": ("thea@lanternfield.example", {ALL}),
    "administrator": ("helen@lanternfield.example", {ALL, ADMINISTER}),
}
_COLUMNS: dict[str, str] = {
    SEE: "find overview overview-division payment payment-receipt payment-slip orders orders-switch orders-division order order-document invoice invoice-document invoice-cii invoice-ubl credit-note-document download-ask orders-download download download-content download-anew"
    " balance-history balance-history-division balance-history-file purchase-history purchase-history-division purchase-history-file statement statement-division statement-document statement-file statement-month divisions fuse",
    WRITE: "order-create order-outcome order-withdraw order-correct",
    PAY: "deposit deposit-division pay-invoice pay-invoice-division pay-outcome pay-review pay payment-return credit-cards fuse-close",
    SETTINGS: "settings separate-funds division-rename division-close",
    KEYS: "keys key-revoke key-rotate",
    HOOKS: "webhooks webhook webhook-rotate webhook-switch webhook-remove webhook-test webhook-replay webhook-resend",
    USERS: "users user audit-log",
    ALL: "queue operator-orders review review-document operator-invoices operator-invoice operator-invoice-document operator-invoice-cii operator-invoice-ubl operator-mails operator-mail operator-mail-body operator-payments"
    " operator-payment operator-announced operator-refunds operator-customers operator-customer operator-health operator-scheduled operator-ageing operator-prove operator-prove-progress"
    " operator-reminders operator-reminders-customer operator-reminders-body operator-reminders-letter operator-reminder-groups",
    ENTER: "operator-order-new review-reject operator-invoice-credit operator-invoice-dispute record-payment operator-payment-reverse operator-announced-record"
    " operator-reminders-send operator-reminders-group operator-reminders-pause operator-reminders-resume operator-invoice-pause operator-invoice-resume"
    " operator-announced-withdraw operator-mail-resend operator-mail-retry operator-mail-deal"
    " operator-invoice-write-off operator-refund-request operator-use-credit operator-refund-settle operator-refund-fail operator-order-enter record-payment-of record-payment-outcome operator-credit-terms",
    APPROVE: "review-approve review-undo operator-invoice-void operator-credit-approve operator-write-off-approve operator-write-off-decline operator-credit-decline operator-refund-approve"
    " operator-refund-decline operator-credit-terms-approve operator-credit-terms-decline operator-fuse-close",
    ADMINISTER: "operator-customer-create operator-division-create operator-division-rename operator-division-close operator-separate-funds operator-user-invite operator-user"
    " operator-customer-change operator-reminder-group-create operator-reminder-group"
    " operator-settings operator-entity-create operator-rate-create operator-account-create operator-logo operator-series operator-staff-invite operator-four-eyes operator-keys operator-key-rotate operator-key-revoke operator-write-off-tolerance operator-private-targets",
}
COLUMN = {route: column for column, routes in _COLUMNS.items() for route in routes.split()}
_OF_THE_DEMO = {"mailbox", "mailbox-mail", "mailbox-html", "mailbox-attachment"}
_OF_WHO_HOLDS_IT = {"verify-document", "signing-keys", "mail-stop"}
"""Open to whoever holds a document, or the link of an e-mail."""
_FOR_EVERYBODY = {"home", "theme", "seat", "sign-in-link", "first-run", "preferences", "live", "design", "up", *_OF_THE_DEMO, *_OF_WHO_HOLDS_IT}
_OF_NO_COLUMN = {"operator-job-resume"}
"""Who may set a parked job going again, the tables do not say; the operation decides it."""
_REFUSED = 403


@dataclasses.dataclass(slots=True)
class Account:
    """A customer with one of everything that an address can name."""

    company: world.Company
    people: dict[str, str]
    ids: dict[str, object]


def _routes() -> dict[str, URLPattern]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern

    ours = (found for found in walk(get_resolver().url_patterns) if found.lookup_str.startswith("tallystick.interfaces.web."))
    return {found.name: found for found in ours if found.name}


def _account(visits: visiting.Visits) -> Account:
    company = world.company(visits, separate=True)
    division = company.division("Research")
    roles = {role.value: company.person(role.value, role) for role in CustomerRole}
    roles["restricted administrator"] = company.person("restricted", CustomerRole.ADMINISTRATOR, [division])
    dana = roles["finance_manager"]
    invoice = company.invoice("100.00", division)
    key = customers.issue_key(viewer=company.viewer(dana), name="Story", acts=(Act.SEE_FINANCES,))
    note = invoicing.request_credit_note(
        viewer=world.staff("priya@lanternfield.example"), invoice_id=invoice, amount_minor=100, reason="Less", now=datetime.now(UTC)
    )
    terms = funds.request_terms(
        viewer=world.staff("priya@lanternfield.example"), customer_id=company.id, limit_minor=1, rule=world.CreditRule.CONSUMPTION, reason="Story"
    )
    named: dict[str, object] = {
        "division_id": division,
        "purchase_order_id": company.order(dana, f"N-{uuid.uuid4().hex[:8]}", "10.00", division),
        "invoice_id": invoice,
        "payment_id": company.receive("20.00", division_id=division),
        "credit_note_id": note.id,
        "refund_id": uuid.uuid4(),
        "write_off_id": uuid.uuid4(),
        "terms_id": terms,
        "scheduled_id": uuid.uuid4(),
        "export_id": uuid.uuid4(),
        "customer_id": company.id,
        "person_id": customers.add_person(viewer=OPERATOR, email=roles["manager"], name="manager"),
        "key_id": key.id,
        **company.webhook(dana),
        "key": uuid.uuid4(),
        "legal_entity_id": visits.legal_entity_id(),
        "kind": "invoice",
        "currency": "USD",
        "job_id": 999_999_999,
        "group_id": 1,
        "mail_id": uuid.uuid4(),
        "year": 2026,
        "number": 1,
    }
    return Account(company, roles, named)


@pytest.fixture(scope="module")
def northwind(visits: visiting.Visits) -> Account:
    """Open the customer whose addresses are tried."""
    return _account(visits)


@pytest.fixture(scope="module")
def outsiders(visits: visiting.Visits) -> Account:
    """Open another customer."""
    return _account(visits)


def _path(route: str, named: dict[str, object]) -> str:
    wanted = _routes()[route].pattern.converters
    return reverse(route, kwargs={name: named[name] for name in wanted})


def _both(visitor: visiting.Visitor, path: str, *, post: bool = True) -> list[httpx.Response]:
    """Ask for a page and send it an empty form; a page that takes only one of them answers the other with 405."""
    answers = [visitor.client.get(path)]
    if post:
        answers.append(visitor.client.post(path, data={"csrfmiddlewaretoken": visitor.token()}))
    assert all(answer.status_code < 500 for answer in answers), f"{path}: {[answer.status_code for answer in answers]}"
    return [answer for answer in answers if answer.status_code != 405]


def test_every_address_stands_in_the_tables() -> None:
    """A new page is put into a column here before it is served."""
    assert set(COLUMN) | _FOR_EVERYBODY | _OF_NO_COLUMN == set(_routes())


@pytest.mark.parametrize("role", list(_CUSTOMER_TABLE))
def test_a_customers_roles(visits: visiting.Visits, northwind: Account, role: str) -> None:
    """Each role of a customer opens what its row of the table says, and is refused the rest and all of the operator's pages."""
    visitor = visits.as_(northwind.people[role])
    for route, column in COLUMN.items():
        allowed = column in _CUSTOMER_TABLE[role]
        # what an empty form would really change is sent by those only who may not
        answers = _both(visitor, _path(route, northwind.ids), post=not allowed)
        for answer in answers:
            assert (answer.status_code != _REFUSED) == allowed, f"{role} at {route}: {answer.status_code}"


@pytest.mark.parametrize("role", list(_STAFF_TABLE))
def test_the_operators_roles(visits: visiting.Visits, northwind: Account, role: str) -> None:
    """Each role of the staff opens what its row of the table says, and none of a customer's pages shows anything."""
    email, columns = _STAFF_TABLE[role]
    visitor = visits.as_(email)
    for route, column in COLUMN.items():
        mine, allowed = column in {ALL, ENTER, APPROVE, ADMINISTER}, column in columns
        for answer in _both(visitor, _path(route, northwind.ids), post=not allowed):
            if mine:
                assert (answer.status_code != _REFUSED) == allowed, f"{role} at {route}: {answer.status_code}"
            elif route != "find":  # the search is everybody's
                assert answer.status_code == _REFUSED, f"{role} at {route}: {answer.status_code}"


_IDS = {"division_id", "purchase_order_id", "invoice_id", "payment_id", "person_id", "key_id", "endpoint_id", "delivery_id"}
_NAMING = [
    name
    for name, column in COLUMN.items()
    if column in {SEE, WRITE, PAY, SETTINGS, KEYS, HOOKS, USERS} and _IDS & set(_routes()[name].pattern.converters)
]


@pytest.mark.parametrize("route", _NAMING)
def test_an_outsiders_id_is_not_found(visits: visiting.Visits, northwind: Account, outsiders: Account, route: str) -> None:
    """An administrator who names what is another customer's is told that there is no such thing, whatever is asked."""
    visitor = visits.as_(outsiders.people["administrator"])
    for answer in _both(visitor, _path(route, northwind.ids)):
        assert answer.status_code == 404, f"{route}: {answer.status_code}"


@pytest.mark.parametrize(
    "route", [name for name in _NAMING if {"division_id", "purchase_order_id", "invoice_id", "payment_id"} & set(_routes()[name].pattern.converters)]
)
def test_another_division_is_not_found(visits: visiting.Visits, northwind: Account, route: str) -> None:
    """A person restricted to one division finds nothing of another one."""
    elsewhere = {**northwind.ids, "division_id": northwind.company.top_id}
    company, dana = northwind.company, northwind.people["finance_manager"]
    if "other" not in northwind.people:
        sales = company.division("Sales")
        northwind.people["other"] = company.person("Mei", CustomerRole.FINANCE_MANAGER, [sales])
    visitor = visits.as_(northwind.people["other"])
    assert queries.customer_viewer(person_id=customers.add_person(viewer=OPERATOR, email=dana, name="Dana"), customer_id=company.id)
    for answer in _both(visitor, _path(route, elsewhere)):
        assert answer.status_code in ({403} if COLUMN[route] in {SETTINGS, USERS} else {404}), f"{route}: {answer.status_code}"


@pytest.mark.parametrize("route", sorted(COLUMN))
def test_nobody_is_sent_to_sign_in(visits: visiting.Visits, northwind: Account, route: str) -> None:
    """Without signing in every address leads to the sign-in page, and shows nothing."""
    with visits.stranger() as stranger:
        answer = stranger.get(_path(route, northwind.ids))
        assert answer.status_code in {302, 405}
        assert answer.status_code == 405 or answer.headers["Location"].startswith("/sign-in/?next=")
