"""Look back as Dana does: drag over the balance line, choose days by keyboard and without script, follow an order, take a statement home."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from stories import browsing, looking, visiting, world
from tallystick.lib import ids

_LOOKS = [("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390)]


class _Past:
    """A customer with a little history, and Dana who looks back on it."""

    def __init__(self, visits: visiting.Visits) -> None:
        self.company = company = world.company(visits, separate=True)
        self.dana = company.person("Dana")
        research = company.division("Research")
        company.fund("900.00")
        for amount in ("20.00", "30.00", "40.00"):
            company.charge(amount)
        company.charge("15.00", research)
        company.invoice("250.00")
        self.top = ids.public("div", company.top_id)


@pytest.fixture(scope="module")
def past(visits: visiting.Visits) -> _Past:
    """Make the customer whose past is looked at."""
    return _Past(visits)


def test_dragging_over_the_line_chooses_the_days(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """The story's Dana has half a year of history; what is dragged over stands in the two fields, the address and the table."""
    page = screens.of("dana@northwind.example", viewport={"width": 1280, "height": 900})
    page.goto("/finances/balance-history/")
    every = page.locator("#history .ledger.cards tbody tr").count()
    box = page.locator("[data-brush] > svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("since=.*until="))
    expect(page.locator("#history .ledger.cards tbody tr")).not_to_have_count(every)
    expect(page.locator("#id_since")).not_to_have_value("")
    assert page.locator(".chosen").get_attribute("width") != "0"
    expect(page.locator("[data-repeats]")).to_have_text(re.compile("row"))
    page.get_by_label("Purchases and refunds").check()
    page.wait_for_url(re.compile("kind=bought"))
    page.go_back()
    page.get_by_role("link", name="Clear the filter").click()
    expect(page.locator("#history .ledger.cards tbody tr")).to_have_count(every)
    assert visits.server.url in page.url


@pytest.mark.parametrize("script", [True, False])
def test_days_are_chosen_by_keyboard_and_without_script(screens: browsing.Screens, past: _Past, *, script: bool) -> None:
    """Both fields, then Enter; what is typed is never taken away in the middle of a date."""
    page = screens.of(past.dana, script=script)
    page.goto("/finances/balance-history/")
    today = world.today()
    tomorrow = today + timedelta(days=1)
    page.get_by_label("From", exact=True).focus()
    page.keyboard.type(f"{tomorrow:%m%d%Y}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing moved that fits this filter")).to_be_visible()
    page.get_by_label("From", exact=True).focus()
    page.keyboard.type(f"{today - timedelta(days=1):%m%d%Y}")
    page.keyboard.press("Enter")
    expect(page.locator("#history .ledger.cards tbody tr")).to_have_count(4)


def test_an_end_before_the_start_is_said_above(screens: browsing.Screens, past: _Past) -> None:
    """The table stays away from days that make no sense; the summary names the field."""
    page = screens.of(past.dana)
    page.goto("/finances/balance-history/")
    page.get_by_label("From", exact=True).fill("2026-11-02")
    page.get_by_label("To", exact=True).fill("2026-11-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a day that is not before the first.")


def test_an_order_leads_to_all_that_it_moved(screens: browsing.Screens, past: _Past) -> None:
    """From the list of purchases to one order, and its sum."""
    page = screens.of(past.dana)
    page.goto("/finances/purchase-history/")
    page.locator(".ledger .lead a").first.click()
    page.wait_for_url(re.compile("order="))
    expect(page.get_by_text("These rows together moved the balance by")).to_be_visible()


def test_a_statement_is_read_and_taken_home(screens: browsing.Screens, past: _Past) -> None:
    """This month's: opening, movements, closing, what is unpaid; and the same as a PDF."""
    page = screens.of(past.dana)
    page.goto(f"/finances/statement/{past.top}/")
    page.get_by_role("link", name="This month").click()
    expect(page.get_by_role("row", name=re.compile("Balance at the end"))).to_contain_text("810.00")
    expect(page.get_by_role("table", name=re.compile("unpaid"))).to_contain_text("250.00")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download PDF").click()
    assert coming.value.suggested_filename.endswith(".pdf")
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").click()
    lines = coming.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert "Balance at the start" in lines[1]
    assert lines[-1].endswith("Balance at the end,,,,,,810.00,USD")


@pytest.mark.parametrize("script", [True, False])
def test_a_history_is_taken_home_as_it_is_filtered(screens: browsing.Screens, past: _Past, *, script: bool) -> None:
    """Days and kinds that stand on the page are those of the file, with script and without."""
    page = screens.of(past.dana, script=script)
    page.goto("/finances/balance-history/")
    page.get_by_label("Payments and deposits").check()
    if script:
        page.wait_for_url(re.compile("kind=in"))
    else:
        page.locator("#span").get_by_role("button", name="Show").click()
    expect(page.locator("#history .ledger.cards tbody tr")).to_have_count(1)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download CSV").click()
    assert [line.split(",")[6] for line in coming.value.path().read_text(encoding="utf-8-sig").splitlines()] == ["Amount", "900.00"]
    with page.expect_download() as coming:
        page.get_by_role("button", name="XLSX").click()
    assert coming.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize("path", ["overview", "balance-history", "purchase-history", "statement"])
def test_the_pages_are_accessible(screens: browsing.Screens, path: str) -> None:
    """With the story's data, pictures and tables behind them opened: axe finds nothing in four looks."""
    page = screens.of("dana@northwind.example", viewport={"width": 1280, "height": 900})
    page.goto(f"/finances/{path}/")
    for summary in page.locator("details.explain > summary").all():
        summary.click()
    looking.at(page, _LOOKS)
