"""Look at pages as they are printed, and in the colors that a system forces upon them."""

import pytest

from stories import browsing

DANA = "dana@northwind.example"
MARKED = "(one) => getComputedStyle(one).outlineStyle + getComputedStyle(one).borderTopStyle"


@pytest.mark.parametrize("address", ["/finances/orders/", "/finances/statement/", "/finances/balance-history/"])
def test_what_is_chosen_is_marked_in_forced_colors(screens: browsing.Screens, address: str) -> None:
    """Backgrounds are taken away there: a line says which page, which filter and which period it is."""
    page = screens.of(DANA)
    page.emulate_media(forced_colors="active")
    page.goto(address)
    chosen = page.locator(".rail a[aria-current], .switch [aria-current]")
    assert chosen.count() > 0
    for place in range(chosen.count()):
        assert "solid" in chosen.nth(place).evaluate(MARKED), chosen.nth(place).inner_text()


def test_paper_has_what_is_to_be_read_and_nothing_to_press(screens: browsing.Screens) -> None:
    """Tables and figures stay; links above them, buttons, filters, folded tables and a document's viewer go."""
    page = screens.of(DANA)
    page.emulate_media(media="print")
    for address in ("/finances/overview/", "/finances/orders/", "/finances/statement/"):
        page.goto(address)
        assert page.locator("main .panel h2").first.is_visible()
        for gone in (".rail", ".topbar", ".filters", ".bulk", ".button", ".panel > header > a", "iframe", ".panel summary"):
            shown = [one for one in page.locator(gone).all() if one.is_visible()]
            assert not shown, f"{address}: {gone}"
