"""How queries are read, and what a request costs: dates in all their spellings, filters in all theirs, the statements of every route."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from interfaces.programs import account
from tallystick.interfaces.services_v2 import asked, door

DAY = (datetime(2026, 7, 4, tzinfo=UTC), datetime(2026, 7, 5, tzinfo=UTC))
SECOND = (datetime(2026, 7, 4, 9, 5, 3, tzinfo=UTC), datetime(2026, 7, 4, 9, 5, 4, tzinfo=UTC))
MINUTE = (datetime(2026, 7, 4, 9, 5, tzinfo=UTC), datetime(2026, 7, 4, 9, 6, tzinfo=UTC))
RANGE = (SECOND[0], datetime(2026, 7, 10, 9, 5, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "span"),
    [
        *((text, DAY) for text in ("2026-07-04", "2026-7-4", " 2026-7-4 ", "2026-07-4")),
        *((text, SECOND) for text in ("2026-07-04+09:05:03", "2026-7-4+9:5:3", "2026-7-4%209:5:3", "2026-7-4%2B9:5:3", "2026-7-4T9:5:3")),
        ("2026-7-4+9:5", MINUTE),
        *(
            (text, RANGE)
            for text in ("2026-7-4+9:5:3...2026-7-10+9:5:3", "2026-7-4%209:5:3...2026-7-10%209:5:3", "2026-7-4+9:5:3+...+2026-7-10+9:5:3")
        ),
        ("2026-7-4...2026-7-4", DAY),
    ],
)
def test_dates(written: str, span: asked.Span) -> None:
    for name in ("filters[transaction_date]", "filters%5Btransaction_date%5D", "filters[transaction_date][0]", "filters[transaction_date][]"):
        assert asked.spans(asked.read(f"{name}={written}").filters("transaction_date")) == (span,)


def test_what_is_before_a_day_on_it_and_after_it_is_everything() -> None:
    (before,), (on,), (after,) = (asked.spans([text]) or () for text in ("<2026-7-4", "2026-7-4", ">2026-7-4"))
    assert (before[1], on, after[0]) == (DAY[0], DAY, DAY[1])
    assert asked.spans([">2026-7-3", "<2026-7-5"]) == (DAY,)
    assert asked.spans(["2026-7-4", "2026-7-6", "<2026-7-6"]) == (DAY,)
    assert asked.spans(["...2026-7-3"]) == ((before[0], datetime(2026, 7, 4, tzinfo=UTC)),)
    assert asked.spans(["2026-7-5..."]) == ((DAY[1], after[1]),)
    assert asked.spans(["2026-7-5...2026-7-4"]) == ()
    assert asked.spans(["0001-1-1...9999-12-31"]) is not None


@pytest.mark.parametrize(
    "written",
    ["", "x", "2026", "2026-7", "26-7-4", "2026-0-1", "2026-7-32", "2026-7-4 9", "2026-7-4...x", "<", ">x", "2026-7-4 9:5:3 pm", "٢٠٢٦-7-4"],
)
def test_dates_that_are_none(written: str) -> None:
    with pytest.raises(door.Malformed):
        asked.spans([written])


def test_a_page() -> None:
    read = {query: asked.page(asked.read(query)) for query in ("", "limit=&offset=", "limit=7&offset=14", "limit=5000", f"offset={10**30}")}
    assert list(read.values()) == [(1000, 0), (1000, 0), (7, 14), (1000, 0), (1000, 2**63 - 1)]


@pytest.mark.parametrize(
    ("at", "statements"),
    [
        ("finance/balance", 0),
        ("finance/balance-history?limit=3", 8),
        ("finance/balance-history?limit=100&filters[transaction_date]=>2001-1-1", 9),
        ("finance/balance-history?sort=-transaction_date,id", 10),
        ("finance/purchase-history", 8),
        ("finance/adjustment/{row}", 5),
        ("finance/receipt/{row}", 6),
        ("finance/payment-profile", 5),
        ("account", 8),
        ("container", 4),
        ("container/{container}", 4),
        ("user/me", 5),
    ],
)
def test_a_request_takes_few_statements(shop: account.Program, tmp_path: Path, at: str, statements: int) -> None:
    """However many rows there are. The look-up of the key goes over a line of its own and is not counted; what opens a transaction is."""
    for place in range(5):
        shop.charge("1.00", order_id=f"o-{place}")
    row = shop_row(shop)
    with override_settings(ROOT_URLCONF="tallystick.interfaces.services_v2.urls", STATIC_ROOT=tmp_path, ALLOWED_HOSTS=["testserver"]):
        path = f"/services/v2/{at.format(row=row, container=shop.top_id)}"
        with CaptureQueriesContext(connections["default"]) as counted:
            assert Client().get(path, headers={"X-DC-DEVKEY": shop.key}).status_code == 200
    assert len(counted) == statements, [one["sql"][:90] for one in counted.captured_queries]


def shop_row(shop: account.Program) -> str:
    listed = account.ask("GET", "/services/v2/finance/purchase-history?limit=1", headers={"X-DC-DEVKEY": shop.key}).json()
    return str(listed["order_transactions"][0]["id"])
