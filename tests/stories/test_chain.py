"""Follow a purchase order from its creation to money that a program can see and spend. Source: money.md, examples of section 4."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from stories import browsing, papers, reading, visiting, world
from tallystick.domain.administration import operations as administration
from tallystick.domain.invoicing.rules import Kind
from tallystick.interfaces.cli.prepare import OPERATOR
from tallystick.lib import ids

JONAS = "jonas@lanternfield.example"
PRIYA = "priya@lanternfield.example"


def _figures(visits: visiting.Visits, key: str, division_id: int) -> tuple[str, str, str, str]:
    """Read balance, unpaid, of it from purchase orders, available."""
    found = visits.balance(key, division_id)
    return found["balance"], found["unpaid_invoice_balance"], found["unpaid_po_invoice_balance"], found["total_available_funds"]


def _create(page: Page, number: str) -> None:
    page.goto("/finances/orders/")
    page.get_by_role("link", name="Create purchase order").first.click()
    page.locator("#id_document").set_input_files({"name": f"{number}.pdf", "mimeType": "application/pdf", "buffer": papers.pdf()})
    page.get_by_label("Purchase order number").fill(number)
    page.get_by_label("Description, line 1").fill("Prepaid funds")
    page.get_by_label("Quantity, line 1").fill("1")
    page.get_by_label("Unit price, line 1").fill("10,000.00")
    page.get_by_label("Who processes the invoice").fill("Dana Whitfield")
    page.get_by_label("Their e-mail").fill("ap@northwind.example")
    page.get_by_label("The order is signed").check()
    page.get_by_role("complementary", name="Before you submit").get_by_role("button", name="Submit purchase order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    expect(page.get_by_role("main")).to_contain_text("Pending")


def _approve(page: Page, number: str) -> None:
    page.goto("/operator/")
    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("12,454.00")  # the dry run: available once paid
    page.get_by_role("button", name="Approve and issue").click()
    expect(page.get_by_role("status", name="Your latest decisions").get_by_role("listitem").first).to_contain_text("is issued", timeout=20_000)


def _record(page: Page, customer: str, amount: str) -> None:
    page.goto(f"/operator/payments/new/?q={customer}")
    page.get_by_role("main").get_by_role("link", name=customer).first.click()
    page.get_by_label("Amount received, USD").fill(amount)
    page.get_by_label("The bank's reference").fill(f"HB {customer}")
    page.get_by_role("button", name="Spread over the oldest").click()
    page.get_by_role("button", name="Record the payment").click()
    expect(page.get_by_role("main")).to_contain_text("4,000.00 USD recorded.")


def _pay_by_card(page: Page) -> None:
    page.goto("/finances/pay-invoice/")
    expect(page.locator("#said-total")).to_have_text("6,000.00")
    expect(page.locator("#said-available")).to_have_text("12,454.00")
    page.get_by_role("button", name="Review payment").click()
    page.get_by_role("button", name="Pay by card").click()
    page.get_by_label("Card number").fill("4242 4242 4242 4242")
    page.get_by_label("Expiry").fill("12/30")
    page.get_by_role("button", name=re.compile(r"^Pay [^w]")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("received", timeout=15_000)


def test_a_purchase_order_becomes_money_that_a_program_can_spend(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Dana orders, Jonas approves, money comes by transfer and by card; View balance says what money.md says, at each step."""
    customer = world.company(visits)
    dana = customer.person("Dana")
    customer.fund("454.00")
    key, top = customer.key(dana), customer.top_id
    assert _figures(visits, key, top) == ("454.00", "0.00", "0.00", "2454.00")
    number = f"NWL-{customer.id}"
    window = screens.of(dana)
    _create(window, number)
    assert _figures(visits, key, top) == ("454.00", "0.00", "0.00", "2454.00")
    _approve(screens.of(JONAS), number)
    assert _figures(visits, key, top) == ("454.00", "10000.00", "10000.00", "2454.00")
    _record(screens.of(PRIYA), customer.name, "4,000.00")
    assert _figures(visits, key, top) == ("4454.00", "6000.00", "6000.00", "6454.00")
    _pay_by_card(window)
    assert _figures(visits, key, top) == ("10454.00", "0.00", "0.00", "12454.00")
    _charge_shows(visits, customer, dana, key)


def _charge_shows(visits: visiting.Visits, customer: world.Company, dana: str, key: str) -> None:
    body = {"division_id": ids.public("div", customer.top_id), "amount": {"amount": "54.00", "currency": "USD"}, "order_id": f"A-{customer.id}"}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"story-{customer.id}"}
    for _ in range(2):  # the program asks twice, having missed the first answer
        answer = httpx.post(f"{visits.server.url}/api/v1/charges", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
    assert _figures(visits, key, customer.top_id) == ("10400.00", "0.00", "0.00", "12400.00")
    history = reading.text(visits.as_(dana).get("/finances/balance-history/").text)
    assert history.count(f"A-{customer.id}") == 1
    assert "54.00" in history
    assert "10,400.00" in history


def test_separate_funds_share_one_limit(visits: visiting.Visits) -> None:
    """Divisions A, B, C with -300, 100 and 0: what each may spend."""
    customer = world.company(visits, separate=True)
    dana = customer.person("Dana")
    a, b, c = (customer.division(name) for name in "ABC")
    customer.charge("300.00", a)
    customer.fund("100.00", b)
    key = customer.key(dana)
    found = {division: visits.balance(key, division) for division in (a, b, c)}
    assert [found[one]["balance"] for one in (a, b, c)] == ["-300.00", "100.00", "0.00"]
    assert [found[one]["used_credit_from_other_containers"] for one in (a, b, c)] == ["0.00", "300.00", "300.00"]
    assert [found[one]["total_available_funds"] for one in (a, b, c)] == ["1700.00", "1800.00", "1700.00"]


def test_month_end_turns_debt_into_an_invoice(visits: visiting.Visits) -> None:
    """What was owed moves onto an amount-owed invoice; paying it brings the credit back."""
    customer = world.company(visits)
    dana = customer.person("Dana")
    key, top = customer.key(dana), customer.top_id
    customer.charge("500.00")
    assert _figures(visits, key, top) == ("-500.00", "0.00", "0.00", "1500.00")
    invoice = customer.invoice("500.00", kind=Kind.AMOUNT_OWED)
    assert _figures(visits, key, top) == ("0.00", "500.00", "0.00", "1500.00")
    customer.receive("500.00", invoice)
    assert _figures(visits, key, top) == ("0.00", "0.00", "0.00", "2000.00")


@pytest.mark.parametrize("separate", [False, True])
def test_switching_separate_funds_takes_nothing_away(visits: visiting.Visits, *, separate: bool) -> None:
    """The top-level division may spend as much after the switch as before."""
    customer = world.company(visits, separate=separate)
    dana = customer.person("Dana")
    customer.division("Research")
    customer.fund("454.00")
    key = customer.key(dana)
    administration.switch_separate_funds(viewer=OPERATOR, customer_id=customer.id, separate=not separate)
    assert visits.balance(key, customer.top_id)["total_available_funds"] == "2454.00"
