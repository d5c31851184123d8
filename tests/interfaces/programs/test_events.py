"""The feed of events by program: in the order of the numbers, page by page, for the customer's own unrestricted keys."""

from interfaces.programs import account, operator
from tallystick.domain.customers.rules import StaffRole
from tallystick.reactions import worker


def test_the_feed_is_read_page_by_page(shop: account.Program) -> None:
    """Every number once, without a gap, whatever the page's size; one type alone leaves numbers out."""
    for _ in range(3):
        shop.books.issue((100, "0"))
    worker.drain()
    program = operator.Program(operator.key(shop, "events:read"))
    worker.drain()
    found, at = [], "events?limit=2"
    while at:
        page = program.get(at)
        assert page.status_code == 200, page.text
        found += page.json()["data"]
        assert page.json()["has_more"] == ("link" in page.headers)
        at = page.headers.get("link", "").partition("<")[2].partition(">")[0].removeprefix("/api/v1/")
    assert [one["sequence"] for one in found] == list(range(1, len(found) + 1))
    assert program.get("events?limit=200").json()["data"] == found
    issued = [one for one in found if one["type"] == "invoice.issued"]
    assert len(issued) == 3
    assert program.get("events?type=invoice.issued").json()["data"] == issued
    assert program.get(f"events?after={found[-1]['sequence']}").json()["data"] == []


def test_who_may_not_is_refused(shop: account.Program) -> None:
    """Other customers read their own feed; no scope, a division's key, the operator's, no key and unknown parameters are refused."""
    shop.books.issue((100, "0"))
    worker.drain()
    mine = operator.Program(operator.key(shop, "events:read")).get("events?limit=200").json()["data"]
    theirs = operator.Program(operator.key(account.opened(), "events:read")).get("events?limit=200").json()["data"]
    assert not {one["id"] for one in mine} & {one["id"] for one in theirs}
    restricted = operator.key(shop, "events:read", divisions=(shop.top_id,))
    for key in (operator.key(shop, "invoices:read"), restricted, operator.staff_key(StaffRole.ADMINISTRATOR, "events:read")):
        assert operator.Program(key).get("events").status_code == 403
    assert account.ask("GET", "/api/v1/events").status_code == 401
    program = operator.Program(operator.key(shop, "events:read"))
    for wrong in ("before=1", "after=-1", "after=x", "limit=201", "type=x", "limit=1&limit=2"):
        assert program.get(f"events?{wrong}").status_code == 422, wrong
