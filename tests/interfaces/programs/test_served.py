"""Speak to the real server on loopback, as two processes serve it; and keep its rate limit."""

import json
import os
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from interfaces.programs import account, operator
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act


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


def test_a_header_that_is_no_ascii_is_refused_and_not_missing(served: str, shop: account.Program) -> None:
    """The server's own list leaves such headers out: a key of idempotency would have counted as none."""
    with httpx.Client(base_url=served, headers={"Authorization": f"Bearer {shop.another_key(acts=[Act.WRITE_ORDERS])}"}) as speaking:
        refused = speaking.post("/api/v1/purchase-orders", json={}, headers={"Idempotency-Key": "ключ".encode()})
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_malformed")
        refused = speaking.get("/api/v1/purchase-orders", headers={"Authorization": "Bearer ключ".encode()})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


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


REPEATED = {
    "charges": {"order_id": "ORDER-1", "line_reference": "1"},
    "holds": {},
}


def posted(served: str, shop: account.Program, route: str, key: str) -> httpx.Response:
    body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, **REPEATED[route]}
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": key}
    return httpx.post(f"{served}/api/v1/{route}", json=body, headers=headers, timeout=30)


@pytest.mark.parametrize("route", list(REPEATED))
def test_fifty_clients_at_once_with_one_key_have_one_effect_and_fifty_equal_answers(served: str, shop: account.Program, route: str) -> None:
    """Each over a line of its own, to two processes that know nothing of each other."""
    with ThreadPoolExecutor(50) as clients:
        answers = list(clients.map(lambda _: posted(served, shop, route, "one"), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert shop.balance().json()["balance"] == "-1.00"


def test_fifty_clients_at_once_with_one_key_send_one_order(served: str, shop: account.Program) -> None:
    """The resources of the framework hold the same: who comes while the first runs waits for it."""
    buyer = operator.Buyer(shop, operator.key(shop, "purchase_orders:write"))
    body, headers = buyer.order(), {"Authorization": f"Bearer {buyer.key}", "Idempotency-Key": "one"}
    with ThreadPoolExecutor(50) as clients:
        answers = list(clients.map(lambda _: httpx.post(f"{served}/api/v1/purchase-orders", json=body, headers=headers, timeout=30), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(buyer.get("purchase-orders").json()["data"]) == 1


@pytest.mark.parametrize("route", list(REPEATED))
@pytest.mark.parametrize("waits_milliseconds", [0, 1, 3, 10, 100])
def test_a_client_that_dies_before_its_answer_and_asks_again_has_one_effect(
    served: str, shop: account.Program, route: str, waits_milliseconds: int
) -> None:
    """Its line is cut hard, wherever the server is by then; another run of the same program repeats the request."""
    host, _, port = served.removeprefix("http://").partition(":")
    body = json.dumps({"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}, **REPEATED[route]})
    head = f"POST /api/v1/{route} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {shop.key}\r\nIdempotency-Key: died\r\n"
    line = socket.create_connection((host, int(port)), timeout=10)
    line.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    time.sleep(waits_milliseconds / 1000)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
    first, second = (posted(served, shop, route, "died") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert shop.balance().json()["balance"] == "-1.00"


def _asks(served: str, key: str, shop: account.Program) -> set[int]:
    """Ask both faces over lines of their own, often enough that both processes answer."""
    body = {"division_id": shop.div, "amount": {"amount": "1.00", "currency": "USD"}}
    found = set()
    for _ in range(8):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid.uuid4())}
        found.add(httpx.post(f"{served}/api/v1/charges", json=body, headers=headers, timeout=30).status_code)
        found.add(httpx.get(f"{served}/services/v2/finance/balance", headers={"X-DC-DEVKEY": key}, timeout=30).status_code)
    return found


def test_a_revoked_key_ends_within_a_second_at_every_process(served: str, shop: account.Program) -> None:
    """Both processes have just used it on the lane that remembers keys; a second after it was revoked neither takes it."""
    terms = customers.KeyTerms(scopes=("charges:write", "balance:read"))
    made = customers.make_key(viewer=shop.viewer, name="Till", terms=terms)
    assert _asks(served, made.secret, shop) == {201, 200}
    customers.revoke_key(viewer=shop.viewer, key_id=made.id, now=account.NOW)
    time.sleep(1.0)
    assert _asks(served, made.secret, shop) == {401, 403}


def test_what_a_caller_says_of_itself_opens_no_list_of_addresses(served: str, shop: account.Program) -> None:
    """Without a proxy of ours X-Forwarded-For counts for nothing: neither does it open a key nor close it."""
    away = customers.KeyTerms(scopes=("charges:write", "balance:read"), networks=("192.0.2.0/24", "2001:db8::/32"))
    here = customers.KeyTerms(scopes=("charges:write", "balance:read"), networks=("127.0.0.1", "::1"))
    for terms, forwarded, expected in ((away, "192.0.2.7", 403), (away, "2001:db8::7", 403), (here, "192.0.2.7", 200)):
        secret = customers.make_key(viewer=shop.viewer, name="Till", terms=terms).secret
        headers = {"X-DC-DEVKEY": secret, "Authorization": f"Bearer {secret}", "X-Forwarded-For": forwarded, "Forwarded": f"for={forwarded}"}
        for at in ("/services/v2/finance/balance", "/api/v1/balance"):
            assert httpx.get(f"{served}{at}", headers=headers, timeout=30).status_code == expected, (at, forwarded)
