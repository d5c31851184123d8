"""What comes back to a closed division reaches the fund that its money went to, however funds are switched afterwards."""

import pytest

from domain.payments.world import ADMIN, NOW, key
from given import customer, faults
from tallystick.domain.administration import operations as administration
from tallystick.domain.funds import operations as funds


@pytest.mark.parametrize("switches", [(), (False,), (False, True)])
def test_a_refund_after_the_closing_goes_to_the_ancestor(switches: tuple[bool, ...]) -> None:
    place = customer(limit_minor=0, divisions=1)
    place.separate(separate=True)
    top, closed = place.division_ids
    place.fund(100_00, closed)
    charged = place.charge(30_00, closed).transfer_id
    administration.close_division(viewer=ADMIN, customer_id=place.customer_id, division_id=closed, now=NOW)
    for separate in switches:
        place.separate(separate=separate)
    funds.refund_charge(viewer=place.viewer(), transfer_id=charged or 0, amount_minor=None, idempotency_key=key())
    assert (place.figures(top).balance_minor, place.charge(100_00).outcome.value) == (100_00, "accepted")
    assert place.figures(closed).fund_id == top
    assert place.charge(1, closed).outcome is funds.Outcome.DIVISION_CLOSED
    assert not [fault for fault in faults() if f"customer {place.customer_id}," in fault]
