"""Give each test of the client a customer of its own, the client that speaks for it, and a server that is one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from client import speaking
from interfaces.programs import account
from interfaces.programs.test_served import free_port
from tallystick_client import Client


@pytest.fixture
def shop() -> account.Program:
    """Open a customer with a limit of 2,000.00 USD and a balance of 0."""
    return account.opened()


@pytest.fixture
def tally(shop: account.Program) -> Iterator[Client]:
    """Speak for it, to the application itself."""
    with speaking.client(shop.key) as made:
        yield made


@pytest.fixture(scope="session")
def served(database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start two processes of the server and give their port."""
    port = free_port()
    environment = {**os.environ, "TALLYSTICK_RATE_LIMIT": "100000/180", "TALLYSTICK_STATIC": str(tmp_path_factory.mktemp("static"))}
    assert environment["TALLYSTICK_DATABASE_NAME"] == database["name"]
    command = [Path(sys.executable).with_name("granian"), "--interface", "rsgi", "--workers", "2", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*map(str, command), "--no-ws", "tallystick.config.rsgi:application"], env=environment)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/services/v2/finance/balance")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)
