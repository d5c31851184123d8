"""Give each test of payments a customer of its own on the real database, and a real fake gateway."""

from collections.abc import Iterator

import pytest

from domain.payments import world


@pytest.fixture
def acme() -> world.World:
    """Open Acme: 19 % tax, a credit limit of 2,000.00 USD, a top-level division."""
    return world.opened(percent="19")


@pytest.fixture
def untaxed() -> world.World:
    """Open a customer without tax."""
    return world.opened(percent="0")


@pytest.fixture
def till() -> Iterator[world.Till]:
    """Start the fake gateway."""
    found = world.Till()
    yield found
    found.close()
