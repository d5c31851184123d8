"""Give the tests of the operator's pages a company and its staff, signed in."""

import pytest

from interfaces.operator import operating
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole
from tallystick.integrations.postgres import scope


@pytest.fixture(scope="session")
def town(database: dict[str, str]) -> operating.Town:
    """Set the system up through its first-run page where that is still open, and sign the cast in."""
    assert database, "the database comes first"
    operating.set_up_where_empty()
    with scope.of(operating.INSTALLER):
        entity = queries.legal_entities()[-1]
    people = {role: operating.staff(role, f"{role}@lanternfield.example") for role in StaffRole}
    return operating.Town(
        clerk=people[StaffRole.CLERK],
        approver=people[StaffRole.APPROVER],
        administrator=people[StaffRole.ADMINISTRATOR],
        auditor=people[StaffRole.AUDITOR],
        entity_id=entity.pk,
    )
