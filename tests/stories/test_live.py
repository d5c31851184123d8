"""Watch pages that are open: what a colleague pays and the operator decides shows within two seconds, and nobody loses what they typed or ticked."""

import re

from playwright.sync_api import Page, expect

from stories import browsing, visiting, world
from tallystick.domain.purchasing import operations as purchasing
from tallystick.lib import ids

_WITHIN_MILLISECONDS = 2_000
PRIYA, JONAS = "priya@lanternfield.example", "jonas@lanternfield.example"


def _rest(page: Page) -> None:
    """Let a question that is on its way arrive: htmx complains of one that a closing window cuts off."""
    page.wait_for_timeout(800)


def _row(invoice: str) -> str:
    return f"tr:has(input[value='{invoice}'])"


def test_an_invoice_paid_by_a_colleague_leaves_the_page_and_what_is_typed_stays(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Dana has unticked one row and types into another while Mei's payment of the third arrives."""
    company = world.company(visits)
    dana, mei = company.person("Dana"), company.person("Mei")
    paid, unticked, typed = (company.invoice(amount) for amount in ("100.00", "200.00", "300.00"))
    desk, other = screens.of(dana), screens.of(mei)
    desk.goto("/finances/pay-invoice/")
    other.goto("/finances/overview/")
    rows = {name: desk.locator(_row(ids.public("inv", which))) for name, which in (("paid", paid), ("unticked", unticked), ("typed", typed))}
    rows["unticked"].locator("[data-tick]").uncheck()
    amount = rows["typed"].locator("input.amount")
    amount.fill("12")
    expect(desk.get_by_text(re.compile(r"^112\.00"))).not_to_have_count(0)
    _rest(desk)
    company.receive("100.00", paid)
    expect(rows["paid"]).to_have_count(0, timeout=_WITHIN_MILLISECONDS)
    expect(amount).to_be_focused()
    expect(amount).to_have_value("12")
    _rest(desk)
    desk.keyboard.type("5")
    expect(amount).to_have_value("125")
    expect(rows["unticked"].locator("[data-tick]")).not_to_be_checked()
    expect(rows["typed"].locator("[data-tick]")).to_be_checked()
    expect(desk.get_by_text(re.compile(r"^125\.00")).first).to_be_visible()
    expect(other.locator(".figure.lead dd").first).to_contain_text("2,100.00")
    _rest(desk)


def test_a_new_invoice_comes_unticked_and_with_its_ground(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Nobody pays more than they have seen: what comes while one looks is marked, said, and not ticked."""
    company = world.company(visits)
    dana = company.person("Dana")
    company.invoice("100.00")
    desk = screens.of(dana)
    desk.goto("/finances/pay-invoice/")
    come = ids.public("inv", company.invoice("70.00"))
    row = desk.locator(_row(come))
    expect(row).to_have_class(re.compile("changed"), timeout=_WITHIN_MILLISECONDS)
    expect(row.locator("[data-tick]")).not_to_be_checked()
    expect(desk.locator("#live-says")).to_have_text("One row changed on this page.")
    row.locator("[data-tick]").focus()
    expect(row).not_to_have_class(re.compile("changed"))
    _rest(desk)


def test_an_order_decided_by_the_operator_shows_to_customer_and_colleague(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Approved in one window, it is an invoice in the customer's, and gone from the queue of the other clerk."""
    company = world.company(visits)
    dana = company.person("Dana")
    order = company.order(dana, f"LIVE-{company.id}", "1250.00")
    desk, queue = screens.of(dana), screens.of(PRIYA)
    desk.goto(f"/finances/orders/{ids.public('div', company.top_id)}/")
    queue.goto("/operator/")
    waiting = queue.get_by_role("link", name=f"LIVE-{company.id}", exact=True)
    expect(waiting).to_be_visible()
    shown = desk.get_by_role("link", name=f"LIVE-{company.id}", exact=True)
    expect(shown).to_be_visible()
    purchasing.approve_purchase_order(viewer=world.staff(JONAS), purchase_order_id=order, expected_revision=1, now=world.now())
    expect(shown).to_have_count(0, timeout=_WITHIN_MILLISECONDS)
    expect(desk.get_by_text(f"from LIVE-{company.id}")).to_be_visible()
    expect(waiting).to_have_count(0, timeout=_WITHIN_MILLISECONDS)


def test_among_rows_that_open_the_same_only_the_new_one_is_marked(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Two part payments of one invoice stand in the history with the same link; the third comes on top and moves nobody else."""
    company = world.company(visits)
    invoice = company.invoice("300.00")
    company.receive("100.00", invoice)
    company.receive("50.00", invoice)
    desk = screens.of(company.person("Dana"))
    desk.goto("/finances/balance-history/")
    rows = desk.locator("[data-keys] tbody tr")
    expect(rows).to_have_count(2)
    company.receive("25.00", invoice)
    expect(rows).to_have_count(3, timeout=_WITHIN_MILLISECONDS)
    expect(desk.locator("[data-keys] tr.changed")).to_have_count(1)
    expect(rows.first).to_have_class(re.compile("changed"))
    expect(rows.first).to_contain_text("+25.00")


def test_a_row_in_which_somebody_types_goes_when_they_leave_it(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """It is paid meanwhile: the ground says so, the focus stays, and only then the row goes."""
    company = world.company(visits)
    dana = company.person("Dana")
    paid, _other = company.invoice("100.00"), company.invoice("200.00")
    desk = screens.of(dana)
    desk.goto("/finances/pay-invoice/")
    row = desk.locator(_row(ids.public("inv", paid)))
    amount = row.locator("input.amount")
    amount.fill("12")
    company.receive("100.00", paid)
    expect(row).to_have_class(re.compile("changed"), timeout=_WITHIN_MILLISECONDS)
    expect(amount).to_be_focused()
    _rest(desk)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    expect(row).to_have_count(0)
    _rest(desk)


def test_a_message_is_not_taken_by_a_page_that_looks_again(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """What a page says after saving belongs to that page, and stays there when the page is brought up to date."""
    company = world.company(visits)
    desk = screens.of(company.person("Dana"))
    desk.goto("/preferences/")
    desk.get_by_role("button", name="Save the keyboard setting").click()
    company.invoice("70.00")
    expect(desk.locator("#live-says")).not_to_be_empty(timeout=_WITHIN_MILLISECONDS)
    expect(desk.get_by_text("Your settings are saved.")).to_be_visible()


def test_a_hidden_page_asks_nothing_and_catches_up_when_it_is_looked_at(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """A window behind others costs nothing."""
    company = world.company(visits)
    desk = screens.of(company.person("Dana"))
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    desk.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.away === true })")
    desk.goto("/finances/pay-invoice/")
    desk.evaluate("() => { window.away = true; }")
    desk.wait_for_timeout(1_200)  # the question that was on its way
    asked.clear()
    come = ids.public("inv", company.invoice("70.00"))
    desk.wait_for_timeout(1_500)
    assert not asked
    desk.evaluate("() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); }")
    expect(desk.locator(_row(come))).to_be_visible(timeout=_WITHIN_MILLISECONDS)
    _rest(desk)


def test_an_approval_that_runs_in_a_moment_shows_to_colleagues(screens: browsing.Screens, visits: visiting.Visits) -> None:
    """Priya reads the queue and the order while Jonas approves it; his Undo shows too."""
    company = world.company(visits)
    order_id = company.order(company.person("Dana"), f"NWL-{company.id}", "100.00")
    review = f"/operator/purchase-orders/{ids.public('po', order_id)}/"
    reading, deciding = screens.of(PRIYA), screens.of(JONAS)
    reading.goto(review)
    deciding.goto(review)
    deciding.locator("[data-key=a]").click()
    expect(reading.locator("[data-scheduled]")).to_be_visible(timeout=_WITHIN_MILLISECONDS)
    deciding.locator("[data-key=u]").click()
    expect(reading.locator("[data-scheduled]")).to_have_count(0, timeout=_WITHIN_MILLISECONDS)
    _rest(reading)
