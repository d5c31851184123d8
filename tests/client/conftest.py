"""Give each test of the client a customer of its own, and the client that speaks for it."""

from collections.abc import Iterator

import pytest

from client import speaking
from interfaces.programs import account
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
