"""Pay hundreds of invoices as one: page by page, with and without script, and nothing that was unticked on another page is paid."""

import re

import pytest
from playwright.sync_api import expect

from stories import browsing, visiting, world

_COUNT = 450


@pytest.mark.parametrize("script", [True, False])
def test_four_hundred_and_fifty_invoices_are_one_payment(screens: browsing.Screens, visits: visiting.Visits, *, script: bool) -> None:
    """All are ticked on opening; one of the first page stays out, one of the second is paid in part; the review names the others, and that is paid."""
    customer = world.company(visits)
    dana = customer.person("Dana")
    for _ in range(_COUNT):
        customer.books.issue((100, "0"))
    page = screens.of(dana, script=script)
    page.goto("/finances/pay-invoice/")
    expect(page.locator("#said-count")).to_have_text(f"Paying {_COUNT} of {_COUNT} invoices")
    expect(page.locator("#said-total")).to_have_text("450.00")
    page.locator("[name=invoice][data-tick]").first.uncheck()
    if script:
        expect(page.locator("#said-total")).to_have_text("449.00")
    page.get_by_role("button", name="Show the next invoices").click()
    expect(page.get_by_role("main")).to_contain_text("1 of them is not ticked.")
    expect(page.locator("#said-total")).to_have_text("449.00")
    page.locator("#rows input.amount").first.fill("0.50")
    if script:
        expect(page.locator("#said-total")).to_have_text("448.50")
    page.get_by_role("button", name="Show the first invoices").click()
    expect(page.locator("[name=invoice][data-tick]").first).not_to_be_checked()
    expect(page.locator("#said-total")).to_have_text("448.50")
    page.get_by_text("Bank transfer").first.click()
    page.get_by_role("button", name="Review payment").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review payment")
    expect(page.locator("main tbody tr")).to_have_count(_COUNT - 1)
    page.get_by_role("button", name="Announce the transfer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transfer the amount")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"448\.50"))
