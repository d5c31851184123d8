"""Open customers, grow and close their divisions, switch separate funds."""

from tallystick.domain.administration.operations.customers import create_customer
from tallystick.domain.administration.operations.divisions import close_division, create_division, switch_separate_funds

__all__ = ["close_division", "create_customer", "create_division", "switch_separate_funds"]
