"""Give each test of the programs' doors a customer of its own."""

import pytest

from interfaces.programs import account


@pytest.fixture
def shop() -> account.Program:
    """Open a customer with a limit of 2,000.00 USD and a balance of 0."""
    return account.opened()
