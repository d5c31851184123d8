"""Tell the story of product.md on an empty system: half a year of Northwind Labs, ending now, through the operations only.

The journal's clock is moved back by the owner while the story is told (ADR 0009), so that posting dates rise as they would have.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import typst
from django.db import connections

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as people
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, CreditRule, Viewer, ViewerKind
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import rules as invoices
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules as paying
from tallystick.domain.purchasing import operations as purchasing
from tallystick.domain.purchasing import rules as orders
from tallystick.integrations.pdf import glyphs
from tallystick.integrations.postgres import scope
from tallystick.integrations.storage import files
from tallystick.interfaces.cli.story import cast
from tallystick.lib import money

_PAPER = Path(__file__).with_name("paper.typ")
_CURRENCY = "USD"
_ZONE = ZoneInfo("America/Los_Angeles")


class Issued(Protocol):
    """Read what the story needs of an issued invoice."""

    id: UUID
    customer_id: int
    division_id: int
    number: str


class Taken(Protocol):
    """Read what the story needs of a purchase order."""

    id: UUID
    revision: int


@dataclass(slots=True)
class Story:
    """Hold what the story made: secrets to show once, and the ids by name."""

    sign_in_tokens: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, str] = field(default_factory=dict)
    customer_ids: dict[str, int] = field(default_factory=dict)
    division_ids: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Teller:
    """Stand at one moment of the story, and speak as its cast."""

    now: datetime
    story: Story
    staff: dict[str, Viewer] = field(default_factory=dict)
    users: dict[str, Viewer] = field(default_factory=dict)
    moment: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Begin now; the first chapter moves back."""
        self.moment = self.now

    def at(self, days_ago: float) -> datetime:
        """Move the journal's clock to so many days before now; it only ever moves forward."""
        self.moment = self.now - timedelta(days=days_ago)
        behind = (datetime.now(UTC) - self.moment).total_seconds()
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "create or replace function ledger_now() returns timestamptz language sql volatile parallel restricted as"
                f" 'select clock_timestamp() - make_interval(secs => {behind:.6f})'"
            )
        return self.moment

    @property
    def today(self) -> date:
        """Tell the legal entity's day: in its evening, UTC's is the next one already."""
        return self.moment.astimezone(_ZONE).date()

    def division(self, name: str) -> int:
        """Give a division's id by its name."""
        return self.story.division_ids[name]


@contextmanager
def _clock_restored() -> Iterator[None]:
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "create or replace function ledger_now() returns timestamptz language sql volatile parallel restricted as 'select clock_timestamp()'"
            )


def tell(now: datetime) -> Story:
    """Tell the whole story, ending now; to be called once, on an empty system."""
    teller = Teller(now, Story())
    with _clock_restored():
        teller.at(185)
        _found(teller)
        _summer(teller)
        _autumn(teller)
        _november(teller)
        _waiting(teller)
        teller.at(0)
    _let_in(teller)
    return teller.story


def _found(teller: Teller) -> None:
    founder = Viewer(kind=ViewerKind.STAFF, name="Tallystick", staff_role=cast.STAFF[0].role)
    for member in cast.STAFF:
        person_id = customers.add_person(viewer=founder, email=member.email, name=member.name)
        customers.set_staff(viewer=founder, person_id=person_id, role=member.role)
        viewer = people.staff_viewer(person_id=person_id)
        assert viewer is not None, "the staff was just made"
        teller.staff[member.role] = viewer
    admin = teller.staff["administrator"]
    entity = customers.create_legal_entity(
        viewer=admin,
        name=cast.OPERATOR,
        address="88 Harbor Lane\nSalem, OR 97301",
        country="US",
        tax_number="93-1234567",
        email="receivables@lanternfield.example",
        time_zone=_ZONE.key,
    )
    for kind, pattern in ((invoices.SeriesKind.INVOICE, "INV-{year}-{number:05}"), (invoices.SeriesKind.CREDIT_NOTE, "CN-{year}-{number:05}")):
        invoicing.set_series(viewer=admin, legal_entity_id=entity, kind=kind, pattern=pattern, year=teller.today.year)
    customers.create_bank_account(
        viewer=admin, legal_entity_id=entity, currency=_CURRENCY, holder=cast.OPERATOR, account="021000021 4417 0098", bank_name="Harbor Bank"
    )
    _open_customers(teller, entity)


def _open_customers(teller: Teller, entity: int) -> None:
    admin = teller.staff["administrator"]
    for name in (cast.NORTHWIND, *(waiting[0] for waiting in cast.WAITING)):
        draft = customers.CustomerDraft(
            legal_entity_id=entity,
            name=name,
            currency=_CURRENCY,
            limit_minor=5000_00,
            rule=CreditRule.CONSUMPTION,
            separate_funds=name == cast.NORTHWIND,
            address="2140 Alder Street, Suite 300\nPortland, OR 97205",
            country="US",
            billing_email="ap@northwind.example" if name == cast.NORTHWIND else "",
        )
        opened = administration.create_customer(viewer=admin, draft=draft)
        teller.story.customer_ids[name] = opened.customer_id
        teller.story.division_ids[name] = opened.top_division_id
    northwind = teller.story.customer_ids[cast.NORTHWIND]
    for division in (cast.RESEARCH, cast.CLOUD):
        teller.story.division_ids[division] = administration.create_division(
            viewer=admin, parent_id=teller.division(cast.NORTHWIND), name=division, customer_id=northwind
        )
    for user in cast.USERS:
        person_id = customers.add_person(viewer=admin, email=user.email, name=user.name)
        customer_id = teller.story.customer_ids[user.customer]
        chosen = [teller.division(user.division)] if user.division else None
        customers.set_membership(viewer=admin, customer_id=customer_id, person_id=person_id, role=user.role, division_ids=chosen)
        teller.users[user.email] = people.customer_viewer(person_id=person_id, customer_id=customer_id)


def _dana(teller: Teller) -> Viewer:
    return teller.users["dana@northwind.example"]


def _draft(teller: Teller, *, number: str, division: str, lines: tuple[tuple[str, str, str], ...], terms: str = "30") -> orders.OrderDraft:
    is_northwind = division in {cast.NORTHWIND, cast.RESEARCH, cast.CLOUD}
    return orders.OrderDraft(
        number=number,
        division=str(teller.division(division)),
        lines=tuple(orders.LineDraft(description=text, quantity=quantity, unit_price=price) for text, quantity, price in lines),
        terms_days=terms,
        bill_to_name=cast.NORTHWIND if is_northwind else division,
        bill_to_street="2140 Alder Street, Suite 300",
        bill_to_city="Portland, OR 97205",
        bill_to_country="US",
        contact_name="Dana Whitfield" if is_northwind else "Accounts payable",
        contact_mail="ap@northwind.example" if is_northwind else f"ap@{division.split(maxsplit=1)[0].lower()}.example",
        signed=True,
    )


def _paper(teller: Teller, draft: orders.OrderDraft, customer: str, *, is_signed: bool = True, vendor: str = cast.OPERATOR) -> files.Accepted:
    total = sum(Decimal(line.quantity) * Decimal(line.unit_price) for line in draft.lines)
    facts = {
        "number": draft.number,
        "customer": customer,
        "date": f"{teller.today:%-d %B %Y}",
        "vendor": vendor,
        "contact": draft.contact_name,
        "mail": draft.contact_mail,
        "currency": _CURRENCY,
        "terms": draft.terms_days,
        "signature": "R. Okafor" if is_signed else "",
        "total": f"{total:,.2f}",
        "lines": [
            [line.description, line.quantity, f"{Decimal(line.unit_price):,.2f}", f"{Decimal(line.quantity) * Decimal(line.unit_price):,.2f}"]
            for line in draft.lines
        ],
    }
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in glyphs.folders()])
    content = typst.compile(str(_PAPER), font_paths=fonts, sys_inputs={"order": json.dumps(facts)})
    assert content is not None, "a whole document was asked for"
    digest = hashlib.sha256(content).hexdigest()
    # our own paper needs no cleaning, and the start of the demo no wait for it
    return files.Accepted(name=f"{draft.number}.pdf", kind=files.Kind.PDF, sha256=digest, size=len(content), content=content, received_sha256=digest)


def _order(teller: Teller, days_ago: float, number: str, division: str, amount: str) -> orders.OrderDraft:
    teller.at(days_ago)
    return _draft(teller, number=number, division=division, lines=(("TLS certificates, prepaid funds", "1", amount),))


def _invoice(teller: Teller, days_ago: float, number: str, division: str, amount: str) -> Issued:
    draft = _order(teller, days_ago, number, division, amount)
    order = purchasing.submit_purchase_order(
        viewer=_dana(teller), order=draft, now=teller.moment, document=_paper(teller, draft, cast.NORTHWIND), form_key=f"story-{number}"
    )
    return purchasing.approve_purchase_order(
        viewer=teller.staff["approver"], purchase_order_id=order.id, expected_revision=order.revision, now=teller.moment
    )


def _pay(teller: Teller, days_ago: float, invoice: Issued, amount: str, *, arrived: str = "") -> None:
    moment = teller.at(days_ago)
    amount_minor = money.parse(amount, _CURRENCY)
    request = paying.RecordRequest(
        customer_id=invoice.customer_id,
        method=paying.Method.BANK_TRANSFER,
        amount_minor=money.parse(arrived or amount, _CURRENCY),
        splits=[paying.Ask(invoice.id, amount_minor)],
        reference=f"HB-{moment:%y%m%d}-{invoice.number[-5:]}",
        received_date=teller.today,
        idempotency_key=f"story-{invoice.number}-{moment:%y%m%d}",
        division_id=invoice.division_id,
    )
    payments.record_payment(viewer=teller.staff["clerk"], request=request, now=moment)


def _charge(teller: Teller, days_ago: float, division: str, amount: str, order: str, note: str) -> int:  # noqa: PLR0917 - a line of the story reads like a line of a statement
    teller.at(days_ago)
    asked = funds.Charge(
        customer_id=teller.story.customer_ids[cast.NORTHWIND],
        division_id=teller.division(division),
        amount_minor=money.parse(amount, _CURRENCY),
        idempotency_key=f"story-{order}",
        order_id=order,
        note=note,
    )
    answer = funds.charge(viewer=_dana(teller), charges=[asked])[0]
    assert answer.transfer_id is not None, f"the story's charge of {order} is {answer.outcome}"
    return answer.transfer_id


def _summer(teller: Teller) -> None:
    _pay(teller, 182, _invoice(teller, 184, "NWL-4398", cast.NORTHWIND, "3521.00"), "3521.00")
    for days_ago, amount, order in ((165, "1840.00", "00911021"), (133, "2115.50", "00912218"), (101, "1620.00", "00914407")):
        _charge(teller, days_ago, cast.NORTHWIND, amount, order, "TLS certificates, shop.northwind.example")
    _pay(teller, 82, _invoice(teller, 83, "NWL-4433", cast.NORTHWIND, "3600.00"), "3600.00")
    # 120.00 more arrived than was due: unapplied credit
    _pay(teller, 68, _invoice(teller, 70, "NWL-4455", cast.NORTHWIND, "3200.00"), "3200.00", arrived="3320.00")
    _charge(teller, 66, cast.NORTHWIND, "2480.75", "00916120", "Certificates for 12 hosts")
    _invoice(teller, 53, "RSC-121", cast.RESEARCH, "1800.00")


def _autumn(teller: Teller) -> None:
    _pay(teller, 44, _invoice(teller, 45, "CLP-088", cast.CLOUD, "1000.00"), "1000.00")
    _charge(teller, 40, cast.CLOUD, "265.00", "00918810", "TLS certificate, cloud.northwind.example")
    _invoice(teller, 35, "NWL-4471", cast.NORTHWIND, "2400.00")
    mistaken = _invoice(teller, 32, "NWL-4475", cast.NORTHWIND, "900.00")
    invoicing.void_invoice(viewer=teller.staff["approver"], invoice_id=mistaken.id, reason="Ordered twice by mistake")
    _charge(teller, 30, cast.NORTHWIND, "2905.00", "00919002", "Wildcard TLS certificates, 7 domains")
    _charge(teller, 29, cast.RESEARCH, "310.00", "00919077", "Code signing certificate")
    _amount_owed(teller, 23, cast.NORTHWIND, "640.25")
    _amount_owed(teller, 23, cast.RESEARCH, "310.00")


def _amount_owed(teller: Teller, days_ago: float, division: str, amount: str) -> None:
    """Invoice what a fund owed when the month before ended, as the month end does."""
    moment = teller.at(days_ago)
    customer_id = teller.story.customer_ids[cast.NORTHWIND]
    owed = money.parse(amount, _CURRENCY)
    line = invoices.Line(description=f"Amount owed for {teller.today:%B %Y}", quantity=Decimal(1), unit_price_minor=owed, percent_millionths=0)
    draft = invoicing.InvoiceDraft(customer_id=customer_id, division_id=teller.division(division), lines=(line,), terms_days=30)
    with scope.of(teller.staff["approver"]):
        invoicing.issue_amount_owed_invoice(viewer=teller.staff["approver"], draft=draft, today=teller.today, now=moment)


def _november(teller: Teller) -> None:
    _pay(teller, 20, _invoice(teller, 21, "NWL-4480", cast.NORTHWIND, "5470.50"), "5470.50")
    partly = _invoice(teller, 19, "NWL-4486", cast.NORTHWIND, "5000.00")
    _charge(teller, 17, cast.NORTHWIND, "1462.90", "00920310", "Certificates for 8 hosts")
    _invoice(teller, 15, "RSC-124", cast.RESEARCH, "960.00")
    _charge(teller, 14, cast.RESEARCH, "1280.40", "00920711", "Device certificates, 2,000")
    _invoice(teller, 13, "CLP-092", cast.CLOUD, "3000.00")
    _charge(teller, 12, cast.CLOUD, "415.00", "00921102", "TLS certificate, edge.northwind.example")
    _invoice(teller, 11, "NWL-4490", cast.NORTHWIND, "1150.00")
    returned = _charge(teller, 8, cast.NORTHWIND, "92.50", "00921502", "TLS certificate, test.northwind.example")
    teller.at(6)
    funds.transfer(
        viewer=_dana(teller),
        from_division_id=teller.division(cast.NORTHWIND),
        to_division_id=teller.division(cast.CLOUD),
        amount_minor=600_00,
        idempotency_key="story-transfer",
    )
    teller.at(5)
    funds.refund_charge(viewer=_dana(teller), transfer_id=returned, amount_minor=None, idempotency_key="story-refund", note="Canceled within 30 days")
    _pay(teller, 4, partly, "1500.00")
    _charge(teller, 3.2, cast.NORTHWIND, "410.00", "00921790", "Wildcard TLS certificate, *.northwind.example")
    _invoice(teller, 3.1, "NWL-4502", cast.NORTHWIND, "1400.00")


def _waiting(teller: Teller) -> None:
    rejected = _submit(teller, 6, "NWL-4507", cast.NORTHWIND, lines=(("TLS certificates", "1", "1900.00"),), is_signed=False)
    teller.at(5)
    purchasing.reject_purchase_order(
        viewer=teller.staff["clerk"],
        purchase_order_id=rejected.id,
        expected_revision=rejected.revision,
        reasons=[orders.Reason.SIGNATURE],
        now=teller.moment,
        text="No valid signature on page 1.",
    )
    lines = (
        ("TLS certificate, organization validated, 1 year", "20", "185.00"),
        ("Wildcard TLS certificate, 1 year", "5", "410.00"),
        ("Code signing certificate, 1 year", "1", "500.00"),
    )
    _submit(teller, 3, "NWL-4511", cast.NORTHWIND, lines=lines, vendor="Lanternfield")
    for customer, number, days_ago, terms, ordered in cast.WAITING:
        teller.at(days_ago)
        draft = _draft(teller, number=number, division=customer, lines=ordered, terms=terms)
        purchasing.enter_purchase_order(
            viewer=teller.staff["clerk"],
            customer_id=teller.story.customer_ids[customer],
            order=draft,
            now=teller.moment,
            document=_paper(teller, draft, customer),
            form_key=f"story-{number}",
        )
        if customer == "Kestrel Robotics":
            _submit(teller, 0.25, "RSC-127", cast.RESEARCH, lines=(("Code signing certificates", "4", "550.00"),))
    _submit(teller, 0.028, "NWL-4513", cast.NORTHWIND, lines=(("TLS certificate, extended validation", "1", "480.00"),))
    _charge(teller, 0.01, cast.NORTHWIND, "185.00", "00921844", "TLS certificate, shop.northwind.example")


def _submit(
    teller: Teller,
    days_ago: float,
    number: str,
    division: str,
    *,
    lines: tuple[tuple[str, str, str], ...],
    is_signed: bool = True,
    vendor: str = cast.OPERATOR,
) -> Taken:
    teller.at(days_ago)
    draft = _draft(teller, number=number, division=division, lines=lines)
    paper = _paper(teller, draft, cast.NORTHWIND, is_signed=is_signed, vendor=vendor)
    viewer = teller.users["luis@northwind.example"] if number == "NWL-4507" else _dana(teller)
    return purchasing.submit_purchase_order(viewer=viewer, order=draft, now=teller.moment, document=paper, form_key=f"story-{number}")


def _let_in(teller: Teller) -> None:
    admin = teller.staff["administrator"]
    for email in (*(member.email for member in cast.STAFF), *(user.email for user in cast.USERS)):
        person_id = customers.add_person(viewer=admin, email=email, name=email)
        teller.story.sign_in_tokens[email] = customers.issue_sign_in_link(viewer=admin, person_id=person_id, now=teller.now)
    for user in cast.USERS:
        viewer = teller.users[user.email]
        if user.role in ("administrator", "finance_manager"):
            acts = (Act.SEE_FINANCES, Act.PAY, Act.WRITE_ORDERS, Act.CHARGE)
            terms = customers.KeyTerms(tuple(sorted(rules.scopes_of(acts))), mode=rules.KeyMode.TEST)
            teller.story.api_keys[user.email] = customers.make_key(viewer=viewer, name="Demo", terms=terms).secret
