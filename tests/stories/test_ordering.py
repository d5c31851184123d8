"""Make purchase orders and look through lists in a browser: with the mouse, with the keyboard alone, without script; wide and narrow."""

import uuid
import zipfile

import pytest
from playwright.sync_api import Page, expect

from stories import browsing, looking, ordering, papers, visiting, world
from tallystick.lib import ids

_LOOKS = [("light", 1280), ("dark", 390)]


@pytest.fixture(scope="module")
def customer(visits: visiting.Visits) -> world.Company:
    """Open a customer with three invoices, one of them of a division."""
    company = world.company(visits)
    for amount in ("100.00", "300.00", "200.00"):
        company.invoice(amount)
    return company


@pytest.fixture(scope="module")
def dana(customer: world.Company) -> str:
    """Let Dana work there."""
    return customer.person("Dana")


@pytest.fixture(params=[1280, 390])
def width(request: pytest.FixtureRequest) -> int:
    """Sit at a desk, then hold a phone."""
    return int(request.param)


def _number() -> str:
    return f"NWL-{uuid.uuid4().hex[:8]}"


def _window(screens: browsing.Screens, who: str, width: int, **more: bool) -> Page:
    return screens.of(who, viewport={"width": width, "height": 844}, **more)


def test_an_order_is_made_with_the_mouse_its_requirements_ticking(screens: browsing.Screens, dana: str, width: int) -> None:
    """The document is dropped onto the page, each requirement ticks as it is met, the order's page shows document and history."""
    page = _window(screens, dana, width)
    page.goto(ordering.NEW)
    expect(page.locator("[data-need=number]")).not_to_have_class("met")
    page.evaluate(
        """(bytes) => { const dropped = new DataTransfer(); dropped.items.add(new File([new Uint8Array(bytes)], "order.pdf", {type: "application/pdf"}));
        document.querySelector("h1").dispatchEvent(new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true})); }""",
        list(papers.pdf()),
    )
    expect(page.locator("[data-file]")).to_have_text("order.pdf")
    page.get_by_label("Purchase order number").fill(_number())
    page.get_by_label("Description, line 1").fill("Certificates")
    page.get_by_label("Quantity, line 1").fill("3")
    page.get_by_label("Unit price, line 1").fill("10.50")
    page.get_by_label("Who processes the invoice").fill("Dana")
    page.get_by_label("Their e-mail").fill("ap@northwind.example")
    page.get_by_label("Company name").fill("Northwind")
    page.get_by_label("Street and number").fill("1 Main Street")
    page.get_by_label("City, state, code").fill("Salem")
    page.get_by_label("Country").select_option("US")
    page.get_by_label("The order is signed").check()
    for need in ("number", "lines", "currency", "vendor", "terms", "address", "contact", "signed"):
        expect(page.locator(f"[data-need={need}]")).to_have_class("met")
    expect(page.locator("#said-sums")).to_contain_text("31.50")
    looking.at(page, [("light", width)])
    page.locator("aside").get_by_role("button", name="Submit purchase order").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.locator(".steps")).to_contain_text("Submitted")
    assert page.locator(".order-paper iframe").count() == 1
    looking.at(page, _LOOKS)


def test_an_order_is_made_with_the_keyboard_alone(screens: browsing.Screens, dana: str) -> None:
    """Tab and Enter only: lines added by Enter, an empty one taken away by Backspace, the focus never lost."""
    page = _window(screens, dana, 1280)
    page.goto(ordering.NEW)
    number = page.get_by_label("Purchase order number")
    for _ in range(60):
        if number.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type(_number())
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Certificates")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("12.00")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Description, line 2")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.get_by_label("Description, line 1")).to_be_focused()
    expect(page.get_by_label("Description, line 2")).to_have_count(0)
    expect(page.locator("#order-total")).to_have_text("12.00")


def test_a_line_taken_away_leaves_the_focus_in_the_next(screens: browsing.Screens, dana: str) -> None:
    """Whoever removes the first of two lines stands in the other."""
    page = _window(screens, dana, 1280)
    page.goto(ordering.NEW)
    page.get_by_label("Unit price, line 1").press("Enter")
    page.get_by_label("Description, line 2").fill("Stays")
    page.get_by_label("Remove line 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Description, line 1")).to_be_focused()
    expect(page.get_by_label("Description, line 1")).to_have_value("Stays")


def test_an_order_is_made_without_script(screens: browsing.Screens, dana: str, width: int) -> None:
    """A line is added by its button, a mistake comes back marked, the corrected form makes the order."""
    page = _window(screens, dana, width, script=False)
    page.goto(ordering.NEW)
    for name, value in ordering.typed(_number(), "10.00", bill_to_name="Northwind", bill_to_street="1 Main Street", contact_mail="nobody").items():
        if name != "signed":
            page.locator(f"[name='{name}']").fill(str(value))
    page.get_by_label("Country").select_option("US")
    page.get_by_label("The order is signed").check()
    page.locator("[name=document]").set_input_files({"name": "order.pdf", "mimeType": "application/pdf", "buffer": papers.pdf()})
    page.get_by_role("button", name="Add a line").click()
    page.get_by_label("Description, line 2").fill("Installation")
    page.get_by_label("Quantity, line 2").fill("1")
    page.get_by_label("Unit price, line 2").fill("5.50")
    page.locator("aside").get_by_role("button", name="Submit purchase order").click()
    expect(page.get_by_role("alert")).to_contain_text("second look")
    page.get_by_label("Their e-mail").fill("ap@northwind.example")
    page.locator("aside").get_by_role("button", name="Submit purchase order").click()
    expect(page.locator("main")).to_contain_text("15.50")
    expect(page.locator("main")).to_contain_text("Pending")


def test_the_lists_are_sorted_filtered_and_fetched(screens: browsing.Screens, customer: world.Company, dana: str, width: int) -> None:
    """Sort, filter, tick two, fetch them as CSV; a filter that finds nothing says so; no fault in any state."""
    page = _window(screens, dana, width)
    page.goto(f"/finances/orders/{ids.public('div', customer.top_id)}/")
    looking.at(page, [("light", width)])
    narrow = page.locator("section[aria-labelledby=invs] details.narrow")
    narrow.locator("summary").click()
    page.locator("[name=sort]").select_option("amount")
    narrow.get_by_role("button", name="Show").click()
    keys = page.locator("section[aria-labelledby=invs] tbody tr .key")
    expect(keys).to_have_text(["300.00", "200.00", "100.00"])
    looking.at(page, [("dark", width)])
    ticks = page.locator("section[aria-labelledby=invs] [data-tick]")
    ticks.nth(0).check()
    ticks.nth(2).check()
    with page.expect_download() as fetched:
        page.locator("section[aria-labelledby=invs]").get_by_role("button", name="CSV").click()
    assert [line.split(",")[-1] for line in fetched.value.path().read_text(encoding="utf-8-sig").splitlines()[1:]] == ["300.00", "100.00"]
    page.get_by_label("Find in these invoices").fill("no such")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("beginning or ending with “no such”")
    looking.at(page, [("light", width)])


@pytest.fixture(scope="module")
def large(visits: visiting.Visits) -> tuple[world.Company, str]:
    """Open a customer whose Dana has sent more orders than are worth no wait."""
    company = world.company(visits)
    dana = company.person("Dana")
    for _count in range(12):
        company.order(dana, _number(), "70.00")
    return company, dana


@pytest.mark.parametrize("script", [True, False])
def test_many_orders_are_fetched_in_the_end(screens: browsing.Screens, large: tuple[world.Company, str], width: int, *, script: bool) -> None:
    """The worker makes the file; the page tells when it is there, with script by itself, without when asked."""
    company, dana = large
    page = _window(screens, dana, width, script=script)
    page.goto(f"/finances/orders/{ids.public('div', company.top_id)}/")
    orders = page.locator("section[aria-labelledby=pos]")
    if script and width == 1280:  # a phone has no heads
        orders.get_by_label("All purchase orders of this page").check()
        expect(orders.locator("tbody [data-tick]:checked")).to_have_count(12)
    if script:
        looking.at(page, [("light", width), ("dark", width)])
    orders.get_by_role("button", name="Documents (ZIP)").click()
    expect(page.get_by_role("heading", name="Your download")).to_be_visible()
    link = page.get_by_role("link", name="Download (ZIP)")
    for _again in range(0 if script else 20):
        if link.count():
            break
        page.wait_for_timeout(250)
        page.get_by_role("link", name="Look again").click()
    expect(link).to_be_visible()
    if script:
        looking.at(page, [("light", width), ("dark", width)])
    with page.expect_download() as fetched:
        link.click()
    with zipfile.ZipFile(fetched.value.path()) as bundle:
        assert bundle.read("index.csv").decode("utf-8-sig").count("\r\n") == 13
