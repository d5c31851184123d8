"""Pay twelve invoices of three divisions: the measure of the page, counted in steps, by mouse and by keyboard, wide and narrow, without script.

A finance manager who has never read any help does it in under a minute. A person needs a good second for a click and less for a key that
is pressed again and again, so the steps are what is asserted; the clock is only looked at.
"""

import re
import time
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from stories import browsing, looking, visiting, world
from tallystick.domain.customers import operations as customers
from tallystick.interfaces.cli.prepare import OPERATOR

GOOD_CARD = "4242 4242 4242 4242"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MOUSE_STEPS = 8
"""Pay Invoice, For, All divisions, Review, Pay by card, number, expiry, Pay."""
KEY_STEPS = 60
SECONDS = 60


@dataclass(slots=True)
class Dana:
    """A finance manager with four unpaid invoices in each of three divisions, 1,200.00 together, and what she does, counted."""

    page: Page
    company: world.Company
    divisions: dict[str, int]
    key: str
    visits: visiting.Visits
    steps: list[str] = field(default_factory=list)

    def clicks(self, role: str, name: str | re.Pattern[str], *, exact: bool = False) -> None:
        """Click what she reads."""
        self.steps.append(f"click {name}")
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]  # Playwright's own list of roles

    def types(self, label: str, text: str) -> None:
        """Fill in a field."""
        self.steps.append(f"type {label}")
        self.page.get_by_label(label).fill(text)

    def presses(self, key: str) -> None:
        """Press a key."""
        self.steps.append(key)
        self.page.keyboard.press(key)

    def tabs_to(self, selector: str, key: str = "Tab") -> None:
        """Tab until it has the focus; each Tab counts."""
        for _ in range(KEY_STEPS):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.presses(key)
        raise AssertionError(f"Tab never reaches {selector}")

    def skips(self) -> None:
        """Leave the rail behind: the first Tab of a page reaches the link to its content."""
        self.presses("Tab")
        assert self.page.evaluate("() => document.activeElement.matches('.skip')")
        self.presses("Enter")

    def balances(self) -> dict[str, str]:
        """Read each division's balance as a program does."""
        return {name: self.visits.balance(self.key, division_id)["balance"] for name, division_id in self.divisions.items()}

    def has_paid(self) -> None:
        """See on the page of the result, and in the books, that all twelve are paid."""
        heading = self.page.get_by_role("heading", level=1)
        self.page.wait_for_url("**/finances/payments/**")
        for _ in range(20):
            if "received" in heading.inner_text():
                break
            self.page.wait_for_timeout(300)
            self.page.reload()
        expect(heading).to_contain_text("1,200.00 USD received")
        funds = self.page.get_by_role("region", name="Funds now")
        for name in self.divisions:
            expect(funds).to_contain_text(name)
        expect(self.page.get_by_role("region", name="Where it went").get_by_role("link", name=re.compile("^INV-"))).to_have_count(12)
        expect(self.page.get_by_role("link", name="Receipt (PDF)")).to_be_visible()
        assert set(self.balances().values()) == {"400.00"}


def _dana(screens: browsing.Screens, visits: visiting.Visits, viewport: dict[str, int], *, script: bool = True) -> Dana:
    company = world.company(visits, separate=True, limit="0.00")
    divisions = {company.name: company.top_id, "Research": company.division("Research"), "Cloud Platform": company.division("Cloud Platform")}
    for division_id in divisions.values():
        for _ in range(4):
            company.invoice("100.00", division_id)
    email = company.person("Dana")
    page = screens.of(email, script=script, viewport=viewport)
    page.goto("/finances/overview/")
    return Dana(page, company, divisions, company.key(email), visits)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_twelve_invoices_of_three_divisions_by_mouse(screens: browsing.Screens, visits: visiting.Visits, viewport: dict[str, int]) -> None:
    """From the overview to the receipt in eight steps; the total, the count and the balance after are in sight all the way."""
    dana = _dana(screens, visits, viewport)
    began = time.monotonic()
    dana.clicks("link", re.compile(r"^Pay"))
    dana.steps.append("open For")
    dana.steps.append("choose All divisions: 12 unpaid")
    dana.page.get_by_label("For", exact=True).select_option(label="All divisions: 12 unpaid")
    expect(dana.page.locator("[data-tick]:checked")).to_have_count(12)
    bar = dana.page.get_by_role("group", name="This payment")
    for said in ("Paying 12 of 12 invoices", "1,200.00", "Balances of 3 divisions after"):
        expect(bar).to_contain_text(said)
    expect(bar).to_be_in_viewport(ratio=0.99)
    dana.clicks("button", "Review payment")
    expect(dana.page.get_by_role("region", name="12 invoices").get_by_role("link", name=re.compile("^INV-"))).to_have_count(12)
    expect(bar).to_be_in_viewport(ratio=0.99)
    dana.clicks("button", "Pay by card")
    dana.types("Card number", GOOD_CARD)
    dana.types("Expiry", "12/30")
    dana.clicks("button", re.compile(r"^Pay [^w]"))
    dana.has_paid()
    assert time.monotonic() - began < SECONDS
    assert len(dana.steps) == MOUSE_STEPS, dana.steps
    _is_accessible(dana.page)
    dana.page.goto("/finances/credit-cards/")
    expect(dana.page.get_by_role("row")).to_have_count(2)
    expect(dana.page.get_by_role("main")).to_contain_text("ending in 4242")
    _is_accessible(dana.page)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_twelve_invoices_of_three_divisions_by_keyboard_alone(screens: browsing.Screens, visits: visiting.Visits, viewport: dict[str, int]) -> None:
    """Tab, arrows, Enter; Enter in any field of the form goes on to the review, so that twelve rows need not be walked through."""
    dana = _dana(screens, visits, viewport)
    began = time.monotonic()
    # the rail comes first; on a narrow screen the tabs at the foot come last, which is one step back from the start
    dana.tabs_to("a[href$='/finances/pay-invoice/']", "Tab" if viewport == WIDE else "Shift+Tab")
    dana.presses("Enter")
    dana.page.wait_for_url("**/pay-invoice/**")
    dana.skips()
    dana.tabs_to("#division")
    dana.presses("End")
    dana.page.wait_for_url("**?of=all")
    expect(dana.page.locator("[data-tick]:checked")).to_have_count(12)
    dana.skips()
    dana.tabs_to("#pay input.amount")
    dana.presses("Enter")
    dana.page.wait_for_url("**/review/")
    dana.skips()
    dana.tabs_to(".action-bar .button.primary")
    dana.presses("Enter")
    dana.page.wait_for_url("**/pay/*")
    dana.tabs_to("#number")
    dana.page.keyboard.type(GOOD_CARD)
    dana.presses("Tab")
    dana.page.keyboard.type("12/30")
    dana.presses("Tab")
    dana.presses("Enter")
    dana.has_paid()
    assert time.monotonic() - began < SECONDS
    assert len(dana.steps) <= KEY_STEPS, dana.steps


def test_twelve_invoices_of_three_divisions_without_script(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """A button shows the chosen division, all else is the same; part amounts are added up by a button too."""
    dana = _dana(screens, visits, WIDE, script=False)
    dana.clicks("link", re.compile(r"^Pay Invoice"))
    dana.page.get_by_label("For", exact=True).select_option(label="All divisions: 12 unpaid")
    dana.clicks("button", "Show", exact=True)
    amount = dana.page.locator("#pay input.amount").first
    amount.fill("40.00")
    dana.clicks("button", "Add up again")
    expect(dana.page.get_by_role("group", name="This payment")).to_contain_text("1,140.00")
    amount.fill("100.00")
    dana.clicks("button", "Review payment")
    expect(dana.page.get_by_role("group", name="This payment")).to_contain_text("1,200.00")
    dana.clicks("button", "Pay by card")
    dana.types("Card number", GOOD_CARD)
    dana.types("Expiry", "12/30")
    dana.clicks("button", re.compile(r"^Pay [^w]"))
    dana.has_paid()


def test_a_filter_keeps_what_was_typed_and_unticked(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Dana types a part amount, unticks a row, looks for a number and comes back: nothing is lost, and each view adds up by the server."""
    dana = _dana(screens, visits, WIDE)
    page = dana.page
    page.goto("/finances/pay-invoice/")
    rows = page.get_by_role("row")
    number = rows.nth(1).get_by_role("link").inner_text()
    page.locator("#pay input.amount").nth(0).fill("40")
    page.locator("[data-tick]").nth(1).uncheck()
    expect(page.locator("#said-total")).to_have_text("240.00")
    page.get_by_label("Find in these invoices").fill(number)
    expect(page.locator("[data-tick]")).to_have_count(1)
    expect(page.locator("#said-total")).to_have_text("40.00")
    expect(page).to_have_url(re.compile(f"q={number}"))
    page.get_by_label("Find in these invoices").fill("")
    expect(page.locator("[data-tick]")).to_have_count(4)
    expect(page.locator("#said-total")).to_have_text("240.00")
    page.get_by_label("All invoices").check()
    expect(page.locator("#said-total")).to_have_text("340.00")
    expect(page.locator("#aloud")).to_contain_text("Paying 4 of 4 invoices, 340.00 USD")


def test_a_row_is_marked_only_when_it_cannot_become_right(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """While 0.5 is typed nothing complains; 100.01 of 100.00 does at once; an empty field when it is left."""
    dana = _dana(screens, visits, WIDE)
    page = dana.page
    page.goto("/finances/pay-invoice/")
    amount = page.locator("#pay input.amount").first
    said = page.locator("#pay [data-said]").first
    amount.fill("")
    for typed, total in (("0", "300.00"), (".", "300.00"), ("5", "300.50")):
        page.keyboard.type(typed)
        expect(page.locator("#said-total")).to_have_text(total)
        expect(said).to_be_hidden()
    amount.fill("100.01")
    expect(said).to_have_text("Between 0.01 and 100.00")
    expect(amount).to_have_attribute("aria-invalid", "true")
    amount.fill("")
    expect(said).to_be_hidden()
    page.keyboard.press("Tab")
    expect(said).to_be_visible()


def test_a_transfer_in_euro_has_a_slip_with_a_code_and_in_another_currency_the_details(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """The code stands on the slip in either theme and in print; buttons and rail are not printed; yen have no account here and say so."""
    euro = world.company(visits, currency="EUR", limit="0.00")
    customers.create_bank_account(
        viewer=OPERATOR, legal_entity_id=visits.legal_entity_id(), currency="EUR", holder="Lanternfield, Inc.", account="DE89 3704 0044 0532 0130 00"
    )
    euro.invoice("454.00")
    page = screens.of(euro.person("Dana"), color_scheme="dark", viewport=NARROW)
    _announces(page)
    slip = page.get_by_role("region", name="Payment slip")
    expect(slip.locator("svg.code")).to_be_visible()
    expect(slip).to_contain_text("DE89 3704 0044 0532 0130 00")
    expect(slip).to_contain_text("454.00 EUR")
    expect(slip).to_contain_text(re.compile(r"RF\d{2}[A-Z0-9]+"))
    _is_accessible(page)
    page.emulate_media(media="print")
    expect(slip.locator("svg.code")).to_be_visible()
    expect(page.get_by_role("button", name="Print the slip")).to_be_hidden()
    yen = world.company(visits, currency="JPY", limit="0")
    yen.invoice("454")
    page = screens.of(yen.person("Dana"), viewport=WIDE)
    _announces(page)
    expect(page.get_by_role("main")).to_contain_text("has published no account in JPY")
    expect(page.locator("svg.code")).to_have_count(0)


@pytest.mark.parametrize(("look", "viewport"), [("light", WIDE), ("dark", NARROW)], ids=["light wide", "dark narrow"])
def test_every_state_of_paying_is_accessible(screens: browsing.Screens, visits: visiting.Visits, look: str, viewport: dict[str, int]) -> None:
    """All divisions, a marked row, the page with its summary of errors, the review, the slip, a deposit as typed, its slip and its line."""
    company = world.company(visits, separate=True)
    company.invoice("100.00")
    company.invoice("50.00", company.division("Research"))
    page = screens.of(company.person("Dana"), color_scheme=look, viewport=viewport)
    page.goto("/finances/pay-invoice/?division=all")
    _is_accessible(page)
    page.locator("#pay input.amount").first.fill("1x")
    expect(page.locator("#pay [data-said]").first).to_be_visible()
    _is_accessible(page)
    page.get_by_role("button", name="Review payment").click()
    expect(page.locator(".error-summary")).to_be_focused()
    _is_accessible(page)
    page.locator("#pay input.amount").first.fill("40.00")
    page.get_by_role("radio", name="Bank transfer").check()
    page.get_by_role("button", name="Review payment").click()
    page.wait_for_url("**/review/")
    _is_accessible(page)
    page.get_by_role("button", name="Announce the transfer").click()
    page.wait_for_url("**/payments/**")
    _is_accessible(page)
    page.goto("/finances/deposit/")
    page.get_by_label("Amount to add to the balance").fill("250")
    expect(page.locator("#gross")).to_have_text("250.00")
    page.get_by_role("radio", name="Bank transfer").check()
    _is_accessible(page)
    page.get_by_role("button", name="Review deposit").click()
    page.get_by_role("button", name="Show bank details").click()
    page.wait_for_url("**/payments/**")
    _is_accessible(page)
    page.goto("/finances/deposit/")
    expect(page.get_by_role("region", name="Deposits on their way")).to_contain_text("250.00")
    _is_accessible(page)


def _is_accessible(page: Page) -> None:
    page.evaluate(looking.AXE)
    assert page.evaluate(looking.RUN, {}) == [], page.url
    assert page.evaluate(looking.WIDER_THAN_SCREEN) <= 0, page.url


def _announces(page: Page) -> None:
    page.goto("/finances/pay-invoice/")
    page.get_by_role("radio", name="Bank transfer").check()
    expect(page.get_by_role("group", name="This payment")).to_contain_text("with the transfer")
    page.get_by_role("button", name="Review payment").click()
    page.get_by_role("button", name="Announce the transfer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transfer the amount")
