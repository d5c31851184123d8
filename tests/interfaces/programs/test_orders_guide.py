"""Run the code of docs/integrating/purchase-orders.md, block after block, as a program would."""

import functools
import re
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from interfaces.programs import account, operator

GUIDE = Path(__file__).parents[3] / "docs" / "integrating" / "purchase-orders.md"


def _pdf(folder: Path) -> bytes:
    made = pikepdf.new()
    made.add_blank_page()
    made.save(folder / "order.pdf")
    return (folder / "order.pdf").read_bytes()


def _answer(request: httpx.Request) -> httpx.Response:
    path = request.url.raw_path.decode()
    told = account.ask(request.method, path, headers=dict(request.headers), content=request.read())
    headers = {name: value for name, value in told.headers.items() if name != "content-encoding"}
    return httpx.Response(told.status_code, headers=headers, content=told.content)


def test_the_guide_is_right(shop: account.Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(httpx, "Client", functools.partial(httpx.Client, transport=httpx.MockTransport(_answer)))
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {
        "URL": "http://127.0.0.1",
        "KEY": operator.key(shop, "purchase_orders:write"),
        "DIVISION": shop.div,
        "PDF": _pdf(tmp_path),
    }
    for block in blocks:
        exec(compile(block, str(GUIDE), "exec"), names)
    assert len(blocks) == 5
    assert names["taken_back"].status_code == 200
