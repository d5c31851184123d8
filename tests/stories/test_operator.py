"""Sit at the operator's desk: ten orders decided by keyboard alone, an approval undone, at two widths and without script."""

import re
import time
import uuid
from uuid import UUID

import pytest
from playwright.sync_api import expect

from stories import browsing, looking, visiting, world
from tallystick.domain.purchasing import queries as purchasing
from tallystick.lib import ids

JONAS, PRIYA = "jonas@lanternfield.example", "priya@lanternfield.example"
_AN_HOUR_SECONDS = 3600
_RUNS_MILLISECONDS = 20_000
"""Eight seconds, and what the worker takes."""
WIDE, NARROW = {"width": 1280, "height": 844}, {"width": 390, "height": 844}


@pytest.fixture
def company(visits: visiting.Visits) -> world.Company:
    """Open a customer."""
    return world.company(visits)


def _orders(company: world.Company, count: int) -> list[UUID]:
    dana = company.person("Dana")
    return [company.order(dana, f"Q{place}-{uuid.uuid4().hex[:6]}", "100.00") for place in range(count)]


def _state(order: UUID) -> str:
    return purchasing.purchase_order(viewer=world.staff(JONAS), purchase_order_id=order).state


def _path(order: UUID) -> str:
    return f"/operator/purchase-orders/{ids.public('po', order)}/"


def _settled(orders: list[UUID]) -> list[str]:
    """Wait until nothing is pending any more."""
    ends = time.monotonic() + _RUNS_MILLISECONDS / 1000
    while time.monotonic() < ends and any(_state(order) == "pending" for order in orders):
        time.sleep(0.5)
    return [_state(order) for order in orders]


def test_ten_orders_by_keyboard_alone_are_more_than_forty_an_hour(screens: browsing.Screens, company: world.Company) -> None:
    """The next order opens at once; `a` approves, `r` asks for the reason, Space ticks it and Enter sends. No hand on the mouse."""
    orders = _orders(company, 10)
    page = screens.of(JONAS, viewport=WIDE)
    page.goto(f"/operator/?q={company.name}")
    begun = time.monotonic()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for place, order in enumerate(orders):
        page.wait_for_url(f"**{_path(order)}")
        page.wait_for_load_state("load")
        if place % 4 == 3:
            for key in ("r", "Space", "Enter"):
                page.keyboard.press(key)
        else:
            page.keyboard.press("a")
    page.wait_for_url(re.compile(rf"^(?!.*{ids.public('po', orders[-1])})"))
    took_seconds = time.monotonic() - begun
    assert len(orders) / took_seconds * _AN_HOUR_SECONDS > 40, f"{took_seconds} s"
    assert _settled(orders) == ["rejected" if place % 4 == 3 else "approved" for place in range(len(orders))]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_approval_is_undone_and_given_again(screens: browsing.Screens, company: world.Company, viewport: dict[str, int]) -> None:
    """By mouse: Undo brings the order back; a second approval runs while the page is open, which says so by itself."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS, viewport=viewport)
    page.goto(_path(order))
    page.get_by_role("button", name="Approve and issue").click()
    strip = page.get_by_role("status", name="Your latest decisions")
    expect(strip).to_contain_text("Approval scheduled")
    assert _state(order) == "pending"
    looking.at(page, [("light", 1280), ("dark", 390)])
    strip.get_by_role("button", name=re.compile("Undo the approval")).first.click()
    page.wait_for_url(f"**{_path(order)}")
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")
    page.get_by_role("button", name="Approve and issue").click()
    expect(strip.get_by_role("listitem").first).to_contain_text("is issued", timeout=_RUNS_MILLISECONDS)
    assert _state(order) == "approved"


def test_undo_by_key(screens: browsing.Screens, company: world.Company) -> None:
    """`u` takes back what `a` did."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS)
    page.goto(_path(order))
    page.keyboard.press("a")
    page.get_by_role("button", name=re.compile("Undo the approval")).first.wait_for()
    page.keyboard.press("u")
    page.wait_for_url(f"**{_path(order)}")
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")
    assert _state(order) == "pending"


def test_without_script(screens: browsing.Screens, company: world.Company) -> None:
    """The page approves and undoes all the same; it only does not count the seconds down."""
    order = _orders(company, 1)[0]
    page = screens.of(JONAS, script=False)
    page.goto(_path(order))
    page.get_by_role("button", name="Approve and issue").click()
    page.get_by_role("button", name=re.compile("Undo the approval")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Undone. The order is pending again.")
