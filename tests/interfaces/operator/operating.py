"""Act as the operator's staff through the pages: sign in, send forms, open customers, enter orders."""

import hashlib
import html.parser
import re
import uuid
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole, Viewer, ViewerKind
from tallystick.domain.invoicing import operations as series
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.rules import SeriesKind
from tallystick.domain.purchasing import models
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import scope
from tallystick.interfaces.web.pages import first_run
from tallystick.reactions import approvals

COMPANY = {
    "name": "Lanternfield, Inc.",
    "country": "US",
    "address": "88 Harbor Lane\nSalem, OR 97301",
    "time_zone": "UTC",
    "invoice_pattern": "INV-{year}-{number:05}",
    "credit_note_pattern": "CN-{year}-{number:05}",
    "currency": "USD",
    "holder": "Lanternfield, Inc.",
    "account": "000123456789",
    "person_name": "Olga Ferro",
    "person_email": "olga@lanternfield.example",
}
INSTALLER = Viewer(kind=ViewerKind.STAFF, name="Setup", staff_role=StaffRole.ADMINISTRATOR)


def hidden_of(page: object) -> dict[str, str]:
    """Read the hidden fields of a page's forms."""
    text = page.content.decode()  # type: ignore[attr-defined]
    return dict(re.findall(r'<input type="hidden" name="(form_key|revision|version)" value="([^"]*)"', text))


class _Fields(html.parser.HTMLParser):
    """Collect what the forms of a page are filled in with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given and value:
            self.found[self._select] = value
        elif tag == "input" and name and value and given.get("type") not in {"search", "checkbox"}:
            self.found[name] = value


def filled_of(page: object) -> dict[str, str]:
    """Read what the forms of a page are filled in with, hidden fields too."""
    parser = _Fields()
    parser.feed(page.content.decode())  # type: ignore[attr-defined]
    return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}


def sent(client: Client, address: str, /, **values: object) -> object:
    """Open a form's page, and send its form with these values and the hidden ones it came with."""
    return client.post(address, {**hidden_of(client.get(address)), **values})


def set_up_where_empty() -> None:
    """Open the first-run page by a printed token and send it; where another test of this database has made a company, add one by the operations."""
    with scope.of(INSTALLER):
        if queries.legal_entities():
            _add_company()
            return
        customers.set_setting(viewer=INSTALLER, name=first_run.TOKEN_SETTING, value=hashlib.sha256(b"printed").hexdigest())
    answer = sent(Client(headers={"host": "localhost"}), reverse("first-run", args=["printed"]), **COMPANY)
    assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]


def _add_company() -> None:
    entity_id = customers.create_legal_entity(viewer=INSTALLER, name=COMPANY["name"], address=COMPANY["address"], country="US")
    for kind, pattern in ((SeriesKind.INVOICE, COMPANY["invoice_pattern"]), (SeriesKind.CREDIT_NOTE, COMPANY["credit_note_pattern"])):
        series.set_series(viewer=INSTALLER, legal_entity_id=entity_id, kind=kind, pattern=pattern, year=timezone.now().year)
    customers.create_bank_account(viewer=INSTALLER, legal_entity_id=entity_id, currency="USD", holder=COMPANY["holder"], account=COMPANY["account"])


def staff(role: StaffRole, email: str) -> Client:
    """Sign a member of staff in by a one-time link."""
    with scope.of(INSTALLER):
        person_id = customers.add_person(viewer=INSTALLER, email=email, name=email.partition("@")[0].title())
        customers.set_staff(viewer=INSTALLER, person_id=person_id, role=role)
    return signed_in(person_id)


def signed_in(person_id: int) -> Client:
    """Sign a person in by a one-time link."""
    with scope.of(INSTALLER):
        token = customers.issue_sign_in_link(viewer=INSTALLER, person_id=person_id, now=timezone.now())
    client = Client(headers={"host": "localhost"})
    address = reverse("sign-in-link", args=[token])
    client.get(address)
    client.post(address)
    return client


def approved(client: Client, order_id: uuid.UUID, form: dict[str, str] | None = None) -> object:
    """Approve an order on its page, and let the moment pass in which it could be undone."""
    shown = form or hidden_of(client.get(reverse("review", args=[order_id])))
    answer = client.post(reverse("review-approve", args=[order_id]), shown)
    moment_passes()
    return answer


def moment_passes() -> None:
    """Do as the worker does with every approval whose moment has come; those of the operator's tests all wait for it at once."""
    with scope.of(INSTALLER):
        waiting = list(models.ScheduledApproval.objects.filter(state="waiting").values_list("customer_id", "id"))
    for customer_id, scheduled_id in waiting:
        approvals.approve_scheduled(customer_id, scheduled_id)


@dataclass(frozen=True)
class Town:
    """Hold the operator's staff, signed in, and their company."""

    clerk: Client
    approver: Client
    administrator: Client
    auditor: Client
    entity_id: int

    def customer(self, name: str) -> int:
        """Open a customer through its page; a name that no test of this database used before."""
        unlike = f"{name} {uuid.uuid4().hex[:8]}"
        values = {"legal_entity": self.entity_id, "currency": "USD", "limit": "2000.00", "rule": "consumption", "terms_days": "30"}
        answer = sent(self.administrator, reverse("operator-customer-create"), name=unlike, **values)
        assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
        return next(row.id for row in queries.customers(viewer=INSTALLER, text=unlike))

    def invoice(self, customer_id: int, number: str) -> invoicing.InvoiceRow:
        """Enter an order of 1,000.00 as the clerk and approve it as the approver: an open invoice."""
        order = self.order(customer_id, number)
        answer = approved(self.approver, order.id)
        assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
        return next(row for row in invoicing.open_invoices(viewer=INSTALLER, customer_id=customer_id) if row.purchase_order_number == number)

    def order(self, customer_id: int, number: str, by: Client | None = None) -> purchasing.Order:
        """Enter an order of 1,000.00, as the clerk unless another is named."""
        division = queries.divisions(viewer=INSTALLER, customer_id=customer_id)[0]
        values = {
            "number": number,
            "division": division.id,
            "terms_days": "30",
            "channel": "mail",
            "amount": "1000.00",
            "bill_to_name": "Northwind Labs, Inc.",
            "bill_to_street": "2140 Alder Street",
            "bill_to_city": "Portland, OR 97205",
            "bill_to_country": "US",
            "contact_name": "Dana Whitfield",
            "contact_mail": "ap@northwind.example",
            "signed": "on",
        }
        answer = sent(by or self.clerk, reverse("operator-order-enter", args=[customer_id]), **values)
        assert answer.status_code == 302, answer.content.decode()  # type: ignore[attr-defined]
        return next(row for row in purchasing.waiting(viewer=INSTALLER) if (row.customer_id, row.number) == (customer_id, number))
