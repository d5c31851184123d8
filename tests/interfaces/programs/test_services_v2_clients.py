"""Two programs that know only DigiCert's documentation: they get another address and key, and work."""

import re
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from interfaces.programs import account, operator
from tallystick.interfaces.services_v2 import kinds


class Requests:
    """Speak as the `requests` package does, which DigiCert's examples use: `requests.request("GET", url, data=payload, headers=headers)`."""

    @staticmethod
    def request(
        method: str, url: str, *, data: str = "", headers: dict[str, str] | None = None, params: dict[str, object] | None = None
    ) -> httpx.Response:
        return account.ask(method, url, content=data.encode(), headers=headers, params=params)


requests = Requests()
BASE = "http://127.0.0.1/services/v2"
"""In DigiCert's own: https://www.digicert.com/services/v2."""


@pytest.fixture
def busy(shop: account.Program) -> account.Program:
    """Pay 500.00 in, buy 250 times for 1.00 each."""
    shop.books.fund(50_000)
    elements = [
        {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, "order_id": f"{100000 + n}", "idempotency_key": f"k-{n}"}
        for n in range(250)
    ]
    assert shop.post("charges/batch", {"charges": elements}, idempotency_key=None).status_code == 200
    return shop


def test_a_client_written_from_the_published_example(busy: account.Program) -> None:
    url = f"{BASE}/finance/balance"
    payload = ""
    headers = {"X-DC-DEVKEY": busy.key, "Content-Type": "application/json"}
    response = requests.request("GET", url, data=payload, headers=headers)
    figures = response.json()
    assert Decimal(figures["total_available_funds"]) == Decimal(figures["balance"]) + Decimal(figures["negative_balance_limit"])

    response = requests.request("GET", f"{BASE}/finance/balance-history", data=payload, headers=headers)
    history = response.json()
    assert history["page"]["total"] == len(history["adjustments"]) == 251
    deposited = sum(Decimal(row["credit"]) for row in history["adjustments"] if row["transaction_type"] in {"Credit", "Credit Card Deposit"})
    assert deposited == Decimal("500.00")
    assert history["adjustments"][0]["balance_after"] == figures["balance"]
    assert date.fromisoformat(history["adjustments"][0]["transaction_date"][:10])

    querystring: dict[str, object] = {"filters[transaction_date]": "2020-1-1...2100-12-31", "sort": "-transaction_date", "limit": 5}
    response = requests.request("GET", f"{BASE}/finance/purchase-history", data=payload, headers=headers, params=querystring)
    assert [row["order_id"] for row in response.json()["order_transactions"]] == [f"{100249 - n}" for n in range(5)]

    account_id = requests.request("GET", f"{BASE}/user/me", data=payload, headers=headers).json()["account_id"]
    assert requests.request("GET", f"{BASE}/account", data=payload, headers=headers).json()["id"] == account_id


@dataclass(frozen=True)
class Adjustment:
    """Take nothing for granted that the documentation does not say: texts are texts, and what may be absent is a text where it is not."""

    id: str
    container_id: int
    credit: str | None
    debit: str | None
    receipt_id: str | None
    order_id: str | None

    @classmethod
    def decoded(cls, row: dict[str, object]) -> "Adjustment":
        container = row["container"]
        assert isinstance(container, dict)
        assert type(container["id"]) is int
        assert type(container["is_active"]) is bool
        texts = {name: row.get(name) for name in ("id", "credit", "debit", "receipt_id", "order_id")}
        assert all(value is None or type(value) is str for value in texts.values()), texts
        assert not any(name in row and row[name] is None for name in row)
        return cls(container_id=container["id"], **texts)  # type: ignore[arg-type]  # checked above


@dataclass(frozen=True)
class StrictClient:
    """Decode strictly, page by 100 until a short page, and name the container as a filter only."""

    key: str
    container_id: int

    def pages(self, at: str, name: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        offset, limit = 0, 100
        while True:
            params: dict[str, object] = {"filters[container_id]": self.container_id, "limit": limit, "offset": offset}
            answer = requests.request("GET", f"{BASE}{at}", headers={"X-DC-DEVKEY": self.key, "Accept": "application/json"}, params=params)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            assert body["page"] == {"total": body["page"]["total"], "limit": limit, "offset": offset}
            found.extend(body[name])
            if len(body[name]) < limit:
                assert len(found) == body["page"]["total"]
                return found
            offset += limit


def test_a_strict_client(busy: account.Program) -> None:
    busy.division("Research")  # from now on the container must be named
    client = StrictClient(busy.key, busy.top_id)
    decoded = [Adjustment.decoded(row) for row in client.pages("/finance/balance-history", "adjustments")]
    assert len({row.id for row in decoded}) == 251
    assert sum(row.order_id is not None for row in decoded) == 250
    bought = client.pages("/finance/purchase-history", "order_transactions")
    assert [row["order_id"] for row in bought] == [f"{100249 - n}" for n in range(250)]
    assert all(type(row[name]) is str for row in bought for name in ("id", "order_id", "receipt_id", "acct_adjust_id", "amount"))
    query = {"filters[container_id]": str(busy.top_id)}
    figures = requests.request("GET", f"{BASE}/finance/balance", headers={"X-DC-DEVKEY": busy.key}, params=dict(query)).json()
    assert figures["balance"] == "250.00"


def test_the_guide_s_blocks_run_as_they_are(busy: account.Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "integrating" / "certcentral.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    monkeypatch.setitem(sys.modules, "requests", requests)  # type: ignore[arg-type]  # all of it that the guide uses
    monkeypatch.setenv("TALLYSTICK", "http://127.0.0.1")
    monkeypatch.setenv("TALLYSTICK_KEY", operator.key(busy, "balance:read"))  # the last block says what it lacks
    exec(compile("\n".join(blocks), "certcentral.md", "exec"), {})
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["250.00 USD available: 2250.00", "251 movements, 1 payments, 250 purchases this year"]
    paths = ("account", "user/me", "finance/balance", "finance/balance-history", "finance/purchase-history")
    assert said[2:] == [*(f"{path} 200 " for path in paths), "finance/payment-profile 403 access_denied|missing_permission"]


def test_the_guide_names_every_kind_of_row() -> None:
    text = " ".join((Path(__file__).parents[3] / "docs" / "integrating" / "certcentral.md").read_text().split())
    rare = {"Invoice Issued", "Expiration", "Correction", "Write-off"}  # these never touch a balance by now
    assert {kind.name for kind in kinds.KINDS if f"`{kind.name}`" not in text} == rare
