"""Work by keyboard: the palette, the list of keys, rows walked, ticked and opened; never while a field has the focus, never for who switched it off."""

import re

import pytest
from playwright.sync_api import Page, expect

from stories import browsing, looking, visiting, world
from tallystick.lib import ids

PRIYA, THEA = "priya@lanternfield.example", "thea@lanternfield.example"
_LOOKS = [("light", 1280), ("dark", 390)]


def _focused(page: Page) -> str:
    found: str = page.evaluate("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
    return found.strip()


def test_the_palette_opens_a_number_by_keyboard_alone(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Slash, a few digits, arrow, Enter; Escape puts it away and keeps the focus in the field."""
    company = world.company(visits)
    invoice = company.invoice("100.00")
    page = screens.of(company.person("Dana"))
    page.goto("/finances/overview/")
    page.keyboard.press("/")
    page.keyboard.type("INV", delay=20)
    expect(page.locator("#found-count")).to_have_text("3 found")  # Pay Invoice, Purchase Orders and Invoices, the invoice
    looking.at(page, _LOOKS)
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.name") == "q"
    page.get_by_role("searchbox").fill("INV-")
    expect(page.locator("#found-count")).to_have_text("1 found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/finances/invoices/{ids.public('inv', invoice)}/")


def test_staff_find_a_customer_by_a_part_of_the_name(screens: browsing.Screens) -> None:
    """The palette of the operator knows customers too."""
    page = screens.of(PRIYA)
    page.goto("/operator/")
    page.keyboard.press("/")
    page.keyboard.type("northwind la", delay=20)
    expect(page.locator("#found").get_by_role("link", name="Northwind Labs")).to_be_visible()


def test_rows_are_walked_ticked_and_opened(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """`j` and `k` move, `x` ticks, Enter opens."""
    company = world.company(visits)
    first, second = company.invoice("100.00"), company.invoice("200.00")
    page = screens.of(company.person("Dana"))
    page.goto("/finances/pay-invoice/")
    rows = page.locator("[data-keys] tbody tr")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(rows.nth(0).locator("[type=checkbox]")).not_to_be_checked()
    expect(rows.nth(1).locator("[type=checkbox]")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/finances/invoices/(" + "|".join(ids.public("inv", which) for which in (first, second)) + ")/"))


def test_no_single_key_acts_in_a_field(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Typed letters are letters: in the search, in an amount, in a dropdown."""
    company = world.company(visits)
    company.invoice("100.00")
    page = screens.of(company.person("Dana"))
    page.goto("/finances/pay-invoice/")
    amount = page.locator("input.amount").first
    amount.focus()
    page.keyboard.type("jkx?/")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-tick]").first).to_be_checked()
    assert page.evaluate("() => document.activeElement.classList.contains('amount')")


def test_the_list_of_keys_and_the_switch_that_silences_them(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """`?` shows and Escape closes it; who switches single keys off has them off on every page, but in the menu the list is there."""
    page = screens.of(world.company(visits).person("Dana"))
    page.goto("/preferences/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    looking.at(page, _LOOKS)
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.get_by_role("checkbox", name="Single keys act on pages").uncheck()
    page.get_by_role("button", name="Save the keyboard setting").click()
    expect(page.get_by_text("Your settings are saved.")).to_be_visible()
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.name !== 'q'")


def test_an_explanation_opens_and_closes_by_keyboard_and_without_script(screens: browsing.Screens) -> None:
    """A popover of the browser: Enter opens it, Escape gives the focus back; the link to the rows is the next stop."""
    page = screens.of(THEA)
    page.goto("/design/")
    button = page.get_by_role("button", name="What is “Balance”?").first
    button.focus()
    page.keyboard.press("Enter")
    told = page.locator("#why-balance")
    expect(told).to_be_visible()
    looking.at(page, _LOOKS)
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    assert _focused(page) == "What is “Balance”?"
    plain = screens.of(THEA, script=False)
    plain.goto("/design/")
    plain.get_by_role("button", name="What is “Balance”?").first.click()
    expect(plain.locator("#why-balance")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?theme=dark&dir=rtl", "?theme=light&dir=rtl"])
def test_the_sheet_of_all_parts_is_accessible(screens: browsing.Screens, query: str) -> None:
    """Every component in every state, both themes, both directions, wide and narrow."""
    page = screens.of(THEA)
    page.goto(f"/design/{query}")
    looking.at(page, _LOOKS)
