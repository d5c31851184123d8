"""Sit at the operator's desk: ten orders decided by keyboard alone, an approval undone, at two widths and without script."""

import re
import time
import uuid
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from stories import browsing, looking, visiting, world
from tallystick.domain.customers import operations as customers
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.rules import Kind
from tallystick.domain.purchasing import queries as purchasing
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.lib import ids

JONAS, PRIYA = "jonas@lanternfield.example", "priya@lanternfield.example"
_AN_HOUR_SECONDS = 3600
_RUNS_MILLISECONDS = 20_000
"""Eight seconds, and what the worker takes."""
WIDE, NARROW = {"width": 1280, "height": 844}, {"width": 390, "height": 844}


@pytest.fixture
def company(visits: visiting.Visits) -> world.Company:
    """Open a customer."""
    return world.company(visits)


def _orders(company: world.Company, count: int) -> list[UUID]:
    dana = company.person("Dana")
    return [company.order(dana, f"Q{place}-{uuid.uuid4().hex[:6]}", "100.00") for place in range(count)]


def _state(order: UUID) -> str:
    return purchasing.purchase_order(viewer=world.staff(JONAS), purchase_order_id=order).state


def _path(order: UUID) -> str:
    return f"/operator/purchase-orders/{ids.public('po', order)}/"


def _settled(orders: list[UUID]) -> list[str]:
    """Wait until nothing is pending any more."""
    ends = time.monotonic() + _RUNS_MILLISECONDS / 1000
    while time.monotonic() < ends and any(_state(order) == "pending" for order in orders):
        time.sleep(0.5)
    return [_state(order) for order in orders]


def test_ten_orders_by_keyboard_alone_are_more_than_forty_an_hour(screens: browsing.Screens, company: world.Company) -> None:
    """The next order opens at once; `a` approves, `r` asks for the reason, Space ticks it and Enter sends. No hand on the mouse."""
    orders = _orders(company, 10)
    page = screens.of(JONAS, viewport=WIDE)
    page.goto(f"/operator/?q={company.name}")
    begun = time.monotonic()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for place, order in enumerate(orders):
        page.wait_for_url(f"**{_path(order)}")
        page.wait_for_load_state("load")
        if place % 4 == 3:
            for key in ("r", "Space", "Enter"):
                page.keyboard.press(key)
        else:
            page.keyboard.press("a")
    page.wait_for_url(re.compile(rf"^(?!.*{ids.public('po', orders[-1])})"))
    took_seconds = time.monotonic() - begun
    assert len(orders) / took_seconds * _AN_HOUR_SECONDS > 40, f"{took_seconds} s"
    assert _settled(orders) == ["rejected" if place % 4 == 3 else "approved" for place in range(len(orders))]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_approval_is_undone_and_given_again(screens: browsing.Screens, company: world.Company, viewport: dict[str, int]) -> None:
    """By mouse: Undo brings the order back; a second approval runs while the page is open, which says so by itself."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS, viewport=viewport)
    page.goto(_path(order))
    page.get_by_role("button", name="Approve and issue").click()
    strip = page.get_by_role("status", name="Your latest decisions")
    expect(strip).to_contain_text("Approval scheduled")
    assert _state(order) == "pending"
    strip.get_by_role("button", name=re.compile("Undo the approval")).first.click()
    page.wait_for_url(f"**{_path(order)}")
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")
    page.get_by_role("button", name="Approve and issue").click()
    expect(strip).to_contain_text("Approval scheduled")
    looking.at(page, [("light", 1280), ("dark", 390)])  # longer than the moment on a slow machine, so nothing is undone after it
    expect(strip.get_by_role("listitem").first).to_contain_text("is issued", timeout=_RUNS_MILLISECONDS)
    assert _state(order) == "approved"


def test_undo_by_key(screens: browsing.Screens, company: world.Company) -> None:
    """`u` takes back what `a` did."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS)
    page.goto(_path(order))
    page.keyboard.press("a")
    page.get_by_role("button", name=re.compile("Undo the approval")).first.wait_for()
    page.keyboard.press("u")
    page.wait_for_url(f"**{_path(order)}")
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")
    assert _state(order) == "pending"


def test_without_script(screens: browsing.Screens, company: world.Company) -> None:
    """The page approves and undoes all the same; it only does not count the seconds down."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS, script=False)
    page.goto(_path(order))
    page.get_by_role("button", name="Approve and issue").click()
    page.get_by_role("button", name=re.compile("Undo the approval")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")


def _tab_to(page: Page, wanted: Locator) -> None:
    """Walk with Tab until the focus is there."""
    for _ in range(80):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no Tab leads to {wanted}")


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_payment_is_recorded_by_keyboard(screens: browsing.Screens, company: world.Company, viewport: dict[str, int]) -> None:
    """The reference names the invoice; the surplus stands there before anything is sent."""
    invoice = company.invoice("100.00")
    number = _number_of(invoice)
    page = screens.of(PRIYA, viewport=viewport)
    page.goto(f"/operator/customers/{ids.public('cus', company.id)}/payments/new/")
    _tab_to(page, page.get_by_label("Amount received, USD"))
    page.keyboard.type("150.00")
    _tab_to(page, page.get_by_label("The bank's reference"))
    page.keyboard.type(f"TRF {number.lower().replace('-', ' ')}")
    _tab_to(page, page.get_by_role("button", name="Suggest by reference and amount"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(f"The reference names {number}.")
    outcome = page.get_by_role("status").filter(has_text="Surplus")
    expect(outcome).to_contain_text("50.00 USD")
    part = page.get_by_label(f"Pays of {number}, USD")
    _tab_to(page, part)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("90.00")
    expect(outcome).to_contain_text("60.00 USD")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("100.01")
    expect(page.get_by_text("Only 100.00 is open.")).to_be_visible()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("100.00")
    _tab_to(page, page.get_by_role("button", name="Record the payment"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("150.00 USD recorded. 50.00 USD of it is unapplied credit.")


def _number_of(invoice: UUID) -> str:
    """Read an invoice's number."""
    return invoicing.numbers(viewer=world.staff(PRIYA), invoice_ids=[invoice])[invoice]


def test_the_books_are_proved_on_the_page(screens: browsing.Screens) -> None:
    """Thea asks; the page follows the proof and says when it is there."""
    page = screens.of("thea@lanternfield.example")
    page.goto("/operator/health/")
    page.get_by_role("button", name="Prove the books now").click()
    books = page.locator("[data-proof]")
    expect(books).to_contain_text("Proved", timeout=_RUNS_MILLISECONDS)
    expect(books.locator("[data-proving]")).to_have_count(0, timeout=_RUNS_MILLISECONDS)


def _addresses(company: world.Company) -> dict[str, list[str]]:
    customer, top = ids.public("cus", company.id), ids.public("div", company.top_id)
    invoice, payment = ids.public("inv", company.invoice("100.00")), ids.public("pay", company.receive("20.00"))
    owed = ids.public("inv", company.invoice("75.50", kind=Kind.AMOUNT_OWED))
    person = ids.public("usr", customers.add_person(viewer=OPERATOR, email=company.person("Dana"), name="Dana"))
    of_customer = f"/operator/customers/{customer}/"
    return {
        JONAS: [
            "/operator/", "/operator/?q=nothing", "/operator/purchase-orders/", "/operator/purchase-orders/new/", *(_path(one) for one in _orders(company, 1)),
            "/operator/invoices/", f"/operator/invoices/{invoice}/", f"/operator/invoices/{invoice}/credit-notes/new/", f"/operator/invoices/{invoice}/dispute/",
            f"/operator/invoices/{invoice}/voiding/", f"/operator/invoices/{owed}/write-off/", "/operator/ageing/", "/operator/ageing/?day=2020-01-01",
            "/operator/payments/", "/operator/payments/new/", "/operator/payments/announced/", f"/operator/payments/{payment}/",
            f"/operator/payments/{payment}/reversal/", "/operator/refunds/", f"/operator/refunds/{customer}/{top}/new/", "/operator/customers/", of_customer,
            f"{of_customer}payments/new/", f"{of_customer}purchase-orders/new/", f"{of_customer}credit-terms/new/", "/operator/health/",
        ],
        "helen@lanternfield.example": [
            "/operator/customers/new/", f"{of_customer}record/", f"{of_customer}divisions/new/", f"{of_customer}users/new/", f"{of_customer}users/{person}/",
            "/operator/settings/", "/operator/settings/staff/new/", "/operator/settings/legal-entities/new/", "/operator/health/",
        ],
    }  # fmt: skip


_LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]


def test_every_page_is_accessible(screens: browsing.Screens, company: world.Company) -> None:
    """Axe finds nothing on any of the operator's pages, light and dark, wide and narrow, and none is wider than its screen."""
    faults = []
    for email, addresses in _addresses(company).items():
        page = screens.of(email, viewport=WIDE)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, f"{address}: {answer.status}"
            try:
                looking.at(page, _LOOKS)
            except AssertionError as found:
                faults.append(str(found))
    assert not faults, "\n".join(faults)
