"""Speak to the real server on loopback, as two processes serve it; and keep its rate limit."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from interfaces.programs import account


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start two processes of the server, with a limit of 100 requests in 30 seconds: longer than a busy machine takes for them."""
    port = free_port()
    environment = {**os.environ, "TALLYSTICK_RATE_LIMIT": "1000/180,100/30", "TALLYSTICK_STATIC": str(tmp_path_factory.mktemp("static"))}
    assert environment["TALLYSTICK_DATABASE_NAME"] == database["name"]
    command = [Path(sys.executable).with_name("granian"), "--interface", "rsgi", "--workers", "2", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*map(str, command), "--no-ws", "tallystick.config.rsgi:application"], env=environment)
    at = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{at}/services/v2/finance/balance")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield at
    finally:
        server.terminate()
        server.wait(20)


def test_all_doors_answer_behind_the_server(served: str, shop: account.Program) -> None:
    with httpx.Client(base_url=served) as speaking:
        figures = speaking.get("/services/v2/finance/balance", headers={"X-DC-DEVKEY": shop.key})
        assert (figures.status_code, figures.json()["total_available_funds"]) == (200, "2000.00")
        assert speaking.head("/services/v2/finance/balance").content == b""
        assert speaking.put("/services/v2/finance/balance").status_code == 405
        body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
        headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "k"}
        answers = [speaking.post("/api/v1/charges", json=body, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert speaking.post("/api/v1/charges", content=b" " * 100_000, headers=headers).status_code == 413
        assert speaking.get("/sign-in/").status_code == 200


@pytest.mark.parametrize("at", ["/services/v2/finance/balance", "/services/v2/account", "/api/v1/events", "/api/v1/openapi.json", "/api/v1/nothing"])
def test_head_is_answered_without_a_body(served: str, shop: account.Program, at: str) -> None:
    """Two requests down one line: what stands between their heads would be a body."""
    host, _, port = served.removeprefix("http://").partition(":")
    asked = f"HEAD {at} HTTP/1.1\r\nHost: {host}\r\nX-DC-DEVKEY: {shop.key}\r\nAuthorization: Bearer {shop.key}\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"{asked}\r\n{asked}Connection: close\r\n\r\n".encode())
        came = b""
        while piece := line.recv(65536):
            came += piece
    heads = came.split(b"\r\n\r\n")
    assert [head.startswith(b"HTTP/1.1 ") for head in heads] == [True, True, False]
    assert heads[2] == b""
    assert all(b"content-length: " in head.lower() for head in heads[:2])


def test_a_limit_over_both_processes_is_overshot_by_less_than_five_percent(served: str, shop: account.Program) -> None:
    def ask(_place: int) -> Counter[int]:
        with httpx.Client(base_url=served) as speaking:
            return Counter(speaking.get("/services/v2/finance/balance", headers={"X-DC-DEVKEY": shop.key}).status_code for _ in range(25))

    with ThreadPoolExecutor(8) as threads:
        statuses = sum(threads.map(ask, range(8)), Counter[int]())
    assert statuses[200] + statuses[429] == 200
    assert 90 <= statuses[200] < 105
    refused = httpx.get(f"{served}/services/v2/finance/balance", headers={"X-DC-DEVKEY": shop.key})
    assert refused.json() == {"errors": [{"code": "request_limit_exceeded", "message": "Service unavailable, please limit request volume"}]}
    assert 1 <= int(refused.headers["retry-after"]) <= 33
