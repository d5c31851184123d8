"""Pay invoices as Dana does: with a browser, without script, with the keyboard only; and every way in which it can go wrong."""

import re
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Page, expect

from stories import browsing, reading, visiting, world
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.invoicing.rules import Kind
from tallystick.lib import ids

GOOD_CARD = "4242 4242 4242 4242"
DECLINED_CARD = "4000 0000 0000 0002"


@dataclass(slots=True)
class Desk:
    """Dana's customer with three unpaid invoices: 100.00, 200.00 and 300.00."""

    customer: world.Company
    dana: str
    invoices: list[str]
    key: str
    visits: visiting.Visits

    @property
    def visitor(self) -> visiting.Visitor:
        """Be Dana over plain HTTP."""
        return self.visits.as_(self.dana)

    @property
    def address(self) -> str:
        """Give the page of the customer's top-level division."""
        return f"/finances/pay-invoice/{ids.public('div', self.customer.top_id)}/"

    def open(self) -> tuple[httpx.Response, reading.Form]:
        """Open the page."""
        page = self.visitor.get("/finances/pay-invoice/")
        return page, reading.form(page.text, id="pay")

    def review(self, typed: visiting.Typed | None = None) -> tuple[httpx.Response, reading.Form]:
        """Open the page and go on to the review."""
        page, form = self.open()
        answer = self.visitor.send(page, form, typed)
        return answer, reading.form(answer.text, action="/payment/")

    @property
    def figures(self) -> tuple[str, str]:
        """Read balance and unpaid."""
        found = self.visits.balance(self.key, self.customer.top_id)
        return found["balance"], found["unpaid_invoice_balance"]


@pytest.fixture
def desk(visits: visiting.Visits) -> Desk:
    """Open a customer with three unpaid invoices."""
    customer = world.company(visits)
    dana = customer.person("Dana")
    invoices = [ids.public("inv", customer.invoice(amount)) for amount in ("100.00", "200.00", "300.00")]
    return Desk(customer, dana, invoices, customer.key(dana), visits)


def _card(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12/30")
    page.get_by_role("button", name=re.compile(r"^Pay [^w]")).click()


def test_everything_is_ticked_and_the_outcome_follows_what_is_unticked(screens: browsing.Screens, desk: Desk) -> None:
    """Dana opens the page, unticks one invoice, pays part of another, and sees each time what it comes to."""
    page = screens.of(desk.dana)
    page.goto("/finances/pay-invoice/")
    boxes = page.locator("[data-tick]")
    expect(boxes).to_have_count(3)
    assert all(box.is_checked() for box in boxes.all())
    expect(page.locator("#said-total")).to_have_text("600.00")
    page.locator(f"[value={desk.invoices[2]}]").uncheck()
    expect(page.locator("#said-total")).to_have_text("300.00")
    page.locator(f"[name=amount-{desk.invoices[1]}]").fill("50.5")
    expect(page.locator("#said-total")).to_have_text("150.50")
    expect(page.locator("#said-balance")).to_have_text("150.50")
    page.locator(f"[name=amount-{desk.invoices[1]}]").fill("200.01")
    expect(page.get_by_role("main")).to_contain_text("Between 0.01 and 200.00")
    page.locator(f"[name=amount-{desk.invoices[1]}]").fill("50.50")
    page.get_by_role("button", name="Review payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review payment")
    expect(page.get_by_role("row")).to_have_count(4)  # head, two invoices, total
    expect(page.get_by_role("main")).to_contain_text("in part")
    assert desk.figures == ("0.00", "600.00")
    page.get_by_role("button", name="Change").click()
    expect(page.locator(f"[name=amount-{desk.invoices[1]}]")).to_have_value("50.50")
    assert not page.locator(f"[value={desk.invoices[2]}]").is_checked()


def test_for_opens_on_the_top_level_division_and_leads_to_others(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """With separate funds the dropdown For opens on the top-level division; another division shows its own invoices, all ticked."""
    customer = world.company(visits, separate=True)
    dana, research = customer.person("Dana"), customer.division("Research")
    customer.invoice("100.00")
    customer.invoice("70.00", research)
    customer.invoice("80.00", research)
    page = screens.of(dana)
    page.goto("/finances/pay-invoice/")
    chosen = page.get_by_label("For", exact=True)
    expect(chosen.locator("option:checked")).to_contain_text(customer.name)
    expect(page.locator("[data-tick]:checked")).to_have_count(1)
    chosen.select_option(ids.public("div", research))
    expect(page).to_have_url(re.compile(ids.public("div", research)))
    expect(page.locator("[data-tick]:checked")).to_have_count(2)
    expect(page.locator("#said-total")).to_have_text("150.00")


def test_back_after_paying_by_card_pays_nothing_twice_and_says_so(screens: browsing.Screens, desk: Desk) -> None:
    """Dana pays, goes back to the review and presses again: nothing changes, and the page says why."""
    page = screens.of(desk.dana)
    page.goto("/finances/pay-invoice/")
    page.get_by_role("button", name="Review payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review payment")
    again = {name: page.locator(f"[name={name}]").first.get_attribute("value") or "" for name in ("form_key", "method")}
    ticked = [field.get_attribute("value") or "" for field in page.locator("[name=invoice]").all()]
    page.get_by_role("button", name="Pay by card").click()
    _card(page, GOOD_CARD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("600.00 USD received", timeout=15_000)
    assert desk.figures == ("600.00", "0.00")
    answer = desk.visitor.post(f"{desk.address}payment/", {**again, "invoice": ticked})
    assert answer.status_code in {200, 409, 422}
    assert "not open any more" in answer.text or "received" in answer.text
    assert desk.figures == ("600.00", "0.00")
    page.goto("/finances/pay-invoice/")
    expect(page.get_by_role("main")).to_contain_text("Nothing is open here")


def test_declined_card_changes_nothing_and_can_be_tried_again(screens: browsing.Screens, desk: Desk) -> None:
    """The first card is declined; the second one pays."""
    page = screens.of(desk.dana)
    for card, said in ((DECLINED_CARD, "This payment failed"), (GOOD_CARD, "600.00 USD received")):
        page.goto("/finances/pay-invoice/")
        page.get_by_role("button", name="Review payment").click()
        page.get_by_role("button", name="Pay by card").click()
        _card(page, card)
        if card == DECLINED_CARD:
            expect(page.get_by_role("heading", level=1)).to_have_text("The card was not charged")
            page.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(said, timeout=15_000)
        assert desk.figures == (("0.00", "600.00") if card == DECLINED_CARD else ("600.00", "0.00"))


def test_an_open_card_attempt_is_named_and_leads_back_to_it(desk: Desk) -> None:
    """While one card page is open, a second attempt at the same invoice is refused with a link to the first."""
    page, form = desk.review()
    first = desk.visitor.client.post(str(page.url.join(form.action)), data=form.filled({"csrfmiddlewaretoken": desk.visitor.token()}))
    assert first.status_code == 302
    assert first.headers["Location"].startswith(desk.visits.server.gateway_url)
    page, form = desk.review()
    answer = desk.visitor.send(page, form)
    assert answer.status_code == 409
    assert "Open that payment" in answer.text
    assert desk.figures == ("0.00", "600.00")


def test_the_same_form_twice_pays_once(desk: Desk) -> None:
    """An impatient finger announces one transfer, not two."""
    page, form = desk.review({"method": "bank_transfer"})
    first, second = desk.visitor.send(page, form), desk.visitor.send(page, form)
    assert first.status_code == second.status_code == 200
    assert first.url == second.url
    assert "Transfer the amount" in first.text
    assert "600.00" in reading.text(first.text)


def test_bank_transfer_shows_reference_and_bank_details(screens: browsing.Screens, desk: Desk) -> None:
    """A transfer moves nothing until it arrives; the page says where to send it."""
    page = screens.of(desk.dana)
    page.goto("/finances/pay-invoice/")
    page.get_by_text("Bank transfer").first.click()
    page.get_by_role("button", name="Review payment").click()
    page.get_by_role("button", name="Announce the transfer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transfer the amount")
    expect(page.get_by_role("main")).to_contain_text("021000021 4417 0098")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert page.locator("#reference").inner_text()
    assert desk.figures == ("0.00", "600.00")


def test_unapplied_credit_pays_in_part(desk: Desk) -> None:
    """20.00 left from an overpayment pay part of an invoice at once; more than is there is refused."""
    desk.customer.receive("20.00")
    typed: visiting.Typed = {"method": "unapplied_credit", "invoice": desk.invoices[0]}
    page, form = desk.review({**typed, f"amount-{desk.invoices[0]}": "30.00"})
    refused = desk.visitor.send(page, form)
    assert refused.status_code in {409, 422}
    assert desk.figures == ("0.00", "600.00")
    page, form = desk.review({**typed, f"amount-{desk.invoices[0]}": "20.00"})
    assert "20.00" in desk.visitor.send(page, form).text
    assert desk.figures == ("20.00", "580.00")


def test_balance_pays_what_is_owed_and_nothing_else(visits: visiting.Visits) -> None:
    """An amount-owed invoice may be paid from a positive balance; a funding invoice never."""
    customer = world.company(visits)
    dana = customer.person("Dana")
    key = customer.key(dana)
    customer.charge("50.00")
    owed = ids.public("inv", customer.invoice("50.00", kind=Kind.AMOUNT_OWED))
    funding = ids.public("inv", customer.invoice("10.00"))
    customer.fund("80.00")
    desk = Desk(customer, dana, [owed, funding], key, visits)
    page, form = desk.review({"method": "balance", "invoice": funding})
    assert desk.visitor.send(page, form).status_code in {409, 422}
    assert desk.figures == ("80.00", "60.00")
    page, form = desk.review({"method": "balance", "invoice": owed})
    assert desk.visitor.send(page, form).status_code == 200
    assert desk.figures == ("30.00", "10.00")


@pytest.mark.parametrize("script", [True, False], ids=["keyboard", "no script"])
def test_paying_works_with_the_keyboard_only_and_without_script(screens: browsing.Screens, desk: Desk, *, script: bool) -> None:
    """Tab, Space and Enter suffice; and so does a browser that runs no script."""
    page = screens.of(desk.dana, script=script)
    page.goto("/finances/pay-invoice/")
    if script:
        _tab_to(page, f"[value={desk.invoices[2]}]")
        page.keyboard.press("Space")
        expect(page.locator("#said-total")).to_have_text("300.00")
        _tab_to(page, "#pay .action-bar .button.primary")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Review payment")
        _tab_to(page, ".action-bar .button.primary")
        page.keyboard.press("Enter")
        page.wait_for_url("**/pay/*")
        _tab_to(page, "#number")
        page.keyboard.type(GOOD_CARD)
        page.keyboard.press("Tab")
        page.keyboard.type("12/30")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    else:
        page.locator(f"[value={desk.invoices[2]}]").uncheck()
        page.get_by_role("button", name="Review payment").click()
        page.get_by_role("button", name="Pay by card").click()
        _card(page, GOOD_CARD)
    _wait_received(page)
    assert desk.figures == ("300.00", "300.00")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def _wait_received(page: Page) -> None:
    page.wait_for_url("**/finances/payments/**")
    for _ in range(20):
        if "received" in page.get_by_role("heading", level=1).inner_text():
            return
        page.wait_for_timeout(300)
        page.reload()
    raise AssertionError(f"never received: {page.get_by_role('heading', level=1).inner_text()}")


def test_a_row_of_another_persons_choice_pays_only_that_invoice(desk: Desk) -> None:
    """The button Pay invoice in a row opens the page with that invoice ticked and no other."""
    page = desk.visitor.get(f"/finances/pay-invoice/?invoice={desk.invoices[1]}")
    form = reading.form(page.text, id="pay")
    assert [value for name, value in form.fields if name == "invoice"] == [desk.invoices[1]]


def test_what_was_paid_meanwhile_is_said(desk: Desk) -> None:
    """Another person pays while the page is open: the review says so instead of paying the rest unasked."""
    page, form = desk.open()
    other = desk.visits.as_(desk.customer.person("Ruth", CustomerRole.ADMINISTRATOR))
    desk.customer.receive("100.00", ids.parse("inv", desk.invoices[0]))
    assert other.get(desk.address).status_code == 200
    answer = desk.visitor.send(page, form)
    assert answer.status_code == 422
    assert "not open any more" in answer.text
