"""Look at every page of the chain with axe, light and dark, wide and narrow: no fault, no complaint in the console, nothing from another host."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from stories import browsing, looking, visiting, world
from tallystick.domain.invoicing.rules import Kind
from tallystick.lib import ids

_LOOKS = [("light", 1280, False), ("dark", 390, False), ("dark", 1280, True), ("light", 390, True)]
_CONTRAST = {"runOnly": ["color-contrast"]}
"""All that the theme changes: each theme and each width has every rule once, the other pairings this one."""


class _Chain:
    """One customer with something of everything on its pages, and the addresses of the chain."""

    def __init__(self, visits: visiting.Visits) -> None:
        self.company = company = world.company(visits, separate=True)
        self.dana = company.person("Dana")
        research = company.division("Research")
        company.fund("454.00")
        company.charge("50.00", research)
        invoice = company.invoice("10000.00")
        company.invoice("120.00", research)
        company.invoice("75.50", kind=Kind.AMOUNT_OWED)
        order = ids.public("po", company.order(self.dana, f"NWL-{company.id}", "1250.00"))
        payment = ids.public("pay", company.receive("4000.00", invoice))
        top, customer, shown = ids.public("div", company.top_id), ids.public("cus", company.id), ids.public("inv", invoice)
        self.customers = [
            "/finances/overview/", "/finances/deposit/", "/finances/pay-invoice/", "/finances/orders/", f"/finances/orders/{top}/",
            "/finances/purchase-orders/new/", f"/finances/purchase-orders/{order}/", f"/finances/invoices/{shown}/", f"/finances/payments/{payment}/",
            "/finances/balance-history/", "/finances/purchase-history/", "/finances/credit-cards/", "/account/divisions/", "/account/api-keys/", "/preferences/", "/find/", "/find/?q=INV",
        ]  # fmt: skip
        self.operators = [
            "/operator/", "/operator/purchase-orders/", f"/operator/purchase-orders/{order}/", "/operator/invoices/", f"/operator/invoices/{shown}/",
            "/operator/payments/", f"/operator/payments/{payment}/", f"/operator/customers/{customer}/payments/new/",
            f"/operator/customers/{customer}/purchase-orders/new/", "/operator/customers/", f"/operator/customers/{customer}/", "/operator/refunds/", "/operator/health/",
            "/operator/reminders/", f"/operator/reminders/{customer}/", "/operator/reminders/schedules/",
        ]  # fmt: skip


@pytest.fixture(scope="module")
def chain(visits: visiting.Visits) -> _Chain:
    """Make the customer whose pages are looked at."""
    return _Chain(visits)


def _faults(page: Page, addresses: list[str], rules: dict[str, list[str]]) -> Iterator[str]:
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        if not answer.ok:
            yield f"{address}: {answer.status}"
        page.evaluate(looking.AXE)
        yield from (f"{address}: {fault}" for fault in page.evaluate(looking.RUN, rules))
        if page.evaluate(looking.WIDER_THAN_SCREEN) > 0:
            yield f"{address}: wider than the screen"


@pytest.mark.parametrize(("look", "width", "contrast_only"), _LOOKS)
@pytest.mark.parametrize("side", ["customer", "operator"])
def test_pages_are_accessible(screens: browsing.Screens, chain: _Chain, side: str, look: str, width: int, *, contrast_only: bool) -> None:
    """Axe finds nothing, and no page is wider than its screen."""
    email, addresses = (chain.dana, chain.customers) if side == "customer" else ("jonas@lanternfield.example", chain.operators)
    page = screens.of(email, color_scheme=look, viewport={"width": width, "height": 844})
    found = list(_faults(page, addresses, _CONTRAST if contrast_only else {}))
    assert not found, "\n".join(found)


def test_the_review_of_a_payment_and_a_form_with_errors(screens: browsing.Screens, chain: _Chain) -> None:
    """What is only reached by sending a form is looked at too; the summary of errors has the focus."""
    page = screens.of(chain.dana, viewport={"width": 390, "height": 844})
    page.goto("/finances/pay-invoice/")
    page.get_by_role("button", name="Review payment").click()
    page.wait_for_url("**/review/")
    page.evaluate(looking.AXE)
    assert page.evaluate(looking.RUN, {}) == []
    page.goto("/finances/purchase-orders/new/")
    page.get_by_role("complementary", name="Before you submit").get_by_role("button", name="Submit purchase order").click()
    page.locator(".error-summary").wait_for()
    assert page.evaluate("() => document.activeElement.matches('.error-summary')")
    page.evaluate(looking.AXE)
    assert page.evaluate(looking.RUN, {}) == []
