"""Run the code of the guides that use the client, block after block, as a program would; every task has its guide."""

import base64
import contextlib
import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from client import speaking
from interfaces.programs import account, operator
from tallystick.config import asgi
from tallystick.domain.customers.rules import StaffRole
from tallystick.lib import ids

GUIDES = Path(__file__).parents[2] / "docs" / "integrating"
TASKS = {"read-balance", "purchase-orders", "charge-safely", "webhooks", "certcentral", "client", "keys", "payments"}


@pytest.fixture
def names(shop: account.Program, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give what every guide speaks of, and let httpx reach the application."""
    written = io.BytesIO()
    order = pikepdf.new()
    order.add_blank_page()
    order.save(written)
    monkeypatch.setattr(httpx, "Client", _reaching(httpx.Client, httpx.MockTransport(speaking.application)))
    monkeypatch.setattr(httpx, "AsyncClient", _reaching(httpx.AsyncClient, httpx.ASGITransport(app=asgi.application)))  # type: ignore[arg-type]  # as account.client
    monkeypatch.setattr(httpx, "get", lambda url, **more: httpx.Client().get(url, **more))
    monkeypatch.setattr(account, "client", functools.partial(_client, httpx.AsyncClient))
    scopes = ("balance:read", "charges:write", "holds:write", "refunds:write", "purchase_orders:write", "invoices:read", "payments:write")
    secret = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
    return {
        "URL": speaking.URL,
        "KEY": operator.key(shop, *scopes),
        "DIVISION": shop.div,
        "CONTAINER": shop.top_id,
        "PDF": written.getvalue(),
        "SECRET": secret,
        "OLD_SECRET": secret,
    }


def _client(kind: type[httpx.AsyncClient]) -> httpx.AsyncClient:
    return kind(base_url=speaking.URL)


def _reaching(kind: Any, transport: object) -> Any:
    return lambda **more: kind(**{**more, "transport": transport})


def blocks(guide: str) -> Iterator[str]:
    yield from re.findall(r"```python\n(.*?)```", (GUIDES / f"{guide}.md").read_text(encoding="utf-8"), re.DOTALL)


def run(guide: str, names: dict[str, Any]) -> list[str]:
    """Run all blocks of a guide and give the lines that it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in blocks(guide):
            exec(compile(block, guide, "exec"), names)
    return printed.getvalue().splitlines()


def test_charge_safely(names: dict[str, Any], shop: account.Program) -> None:
    said = run("charge-safely", names)
    assert said == ["998035.00 USD more is needed; the limit is 2000.00 USD."]
    assert shop.balance().json()["balance"] == "-52.90"


def test_read_the_balance(names: dict[str, Any], shop: account.Program) -> None:
    shop.spend(100)
    said = run("read-balance", names)
    assert said[:-1] == ["-1.00 USD available: 1999.00", f"[('{shop.div}', '0.00')]", "enough for the next sale", f"{shop.div} 0.00 USD"]
    assert re.fullmatch(r"\S+ \S+ charge -1.00 USD -1.00 USD", said[-1])


def test_the_client(names: dict[str, Any], shop: account.Program) -> None:
    shop.books.issue((45_400, "0"))
    said = run("client", names)
    assert said[-2].startswith("transfer 454.00 USD with the reference ")
    assert said[-1] == "454.00 USD ['payment.started']"
    assert said[:4] == ["0.00 USD 2000.00 USD", "[]", "454.00 USD", "1987.50 USD 1000000.00 USD 2000.00 USD 0.00 USD"]
    assert names["taken_back"].state == "withdrawn"
    assert names["take"](b"{}", {}) == 400


def test_payments(names: dict[str, Any], shop: account.Program) -> None:
    """From a dry run to the bounce: each thing once, and the books are as if it had not been paid."""
    shop.books.issue((45_400, "0"))
    issue = lambda net: ids.public("inv", shop.books.issue((int(net.replace(".", "")), "0")))  # noqa: E731 - a name of the guide
    desk = operator.staff_key(StaffRole.CLERK, "payments:write", "unapplied_credit:write", "invoices:read")
    said = run("payments", names | {"DESK_KEY": desk, "ISSUE": issue})
    assert said[0] == "454.00 USD ['payment.started']"
    assert said[1].startswith("transfer 454.00 USD with the reference ")
    assert said[2:] == ["reference_taken", "100.00 USD used of 250.00 USD", "454.00 USD ['issued']"]


def test_every_task_has_a_guide() -> None:
    assert {file.stem for file in GUIDES.glob("*.md")} == TASKS
    for guide in TASKS - {"keys"}:
        assert list(blocks(guide)), guide
