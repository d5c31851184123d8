"""Switch separate funds off and on again: what comes back of older money goes to the fund that it was joined into (money.md section 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

import given
from domain.payments.world import ADMIN, APPROVER, CLERK, NOW, key
from tallystick.domain.administration import operations as administration
from tallystick.domain.funds import operations as funds
from tallystick.domain.payments import operations as payments
from tallystick.domain.payments import rules

type Act = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """Do something with division A's money before the switches, and let it come back after them: (balance, unapplied) of Top and of A."""

    before: Callable[[given.Customer, int], Act]
    top: tuple[int, int]
    a: tuple[int, int] = (0, 0)


def _refund(place: given.Customer, transfer_id: int | None) -> Act:
    return lambda: funds.refund_charge(viewer=place.viewer(), transfer_id=transfer_id or 0, amount_minor=None, idempotency_key=key())


def charge_refunded(place: given.Customer, a: int) -> Act:
    place.fund(100_00, a)
    return _refund(place, place.charge(30_00, a).transfer_id)


def capture_refunded(place: given.Customer, a: int) -> Act:
    place.fund(100_00, a)
    held = place.hold(30_00, a).hold_id
    return _refund(place, funds.capture_hold(viewer=place.viewer(), hold_id=held, amount_minor=None, idempotency_key=key()))


def hold_released(place: given.Customer, a: int) -> Act:
    place.fund(100_00, a)
    held = place.hold(30_00, a).hold_id
    return lambda: funds.release_hold(viewer=place.viewer(), hold_id=held, idempotency_key=key())


def hold_captured(place: given.Customer, a: int) -> Act:
    place.fund(100_00, a)
    held = place.hold(30_00, a).hold_id
    return lambda: funds.capture_hold(viewer=place.viewer(), hold_id=held, amount_minor=10_00, idempotency_key=key())


def payment_bounced(place: given.Customer, a: int) -> Act:
    payment = place.fund(100_00, a)
    return lambda: place.bounce(payment, 30_00)


def bounce_taken_back(place: given.Customer, a: int) -> Act:
    payment = place.fund(100_00, a)
    place.bounce(payment, 30_00)
    return lambda: payments.undo_reversal(viewer=CLERK, payment_id=payment, amount_minor=30_00, reference="WON", now=NOW)


def surplus_bounced(place: given.Customer, a: int) -> Act:
    payment = place.record(50_00, division_id=a)
    return lambda: place.bounce(payment, 20_00)


def surplus_restored(place: given.Customer, a: int) -> Act:
    payment = place.record(50_00, division_id=a)
    place.bounce(payment, 20_00)
    return lambda: payments.undo_reversal(viewer=CLERK, payment_id=payment, amount_minor=20_00, reference="WON", now=NOW)


def credited_invoice_bounced(place: given.Customer, a: int) -> Act:
    """Credit 40.00 of a paid 100.00, which becomes unapplied credit, and let 100.00 bounce: 60.00 leave the funds, 40.00 the credit."""
    invoice = place.issue((100_00, "0"), division_id=a)
    payment = place.record(100_00, (invoice, 100_00))
    place.credit(invoice, 40_00)
    return lambda: place.bounce(payment, 100_00)


def credited_bounce_taken_back(place: given.Customer, a: int) -> Act:
    """Let the bounce of the case above come before the switches, and the dispute be won after them."""
    invoice = place.issue((100_00, "0"), division_id=a)
    payment = place.record(100_00, (invoice, 100_00))
    place.credit(invoice, 40_00)
    place.bounce(payment, 100_00)
    return lambda: payments.undo_reversal(viewer=CLERK, payment_id=payment, amount_minor=100_00, reference="WON", now=NOW)


def credit_refund_failed(place: given.Customer, a: int) -> Act:
    place.record(50_00, division_id=a)
    wish = rules.RefundRequest(customer_id=place.customer_id, division_id=a, amount_minor=20_00, reason="Wish", account="DE02", idempotency_key=key())
    refund = payments.request_refund(viewer=CLERK, request=wish, now=NOW)
    own = {"customer_id": place.customer_id, "refund_id": refund.id, "now": NOW}
    payments.approve_refund(viewer=APPROVER, **own)  # type: ignore[arg-type]
    return lambda: payments.fail_refund(viewer=CLERK, reason="", **own)  # type: ignore[arg-type]


CASES = [
    Case(charge_refunded, (100_00, 0)),
    Case(capture_refunded, (100_00, 0)),
    Case(hold_released, (100_00, 0)),
    Case(hold_captured, (90_00, 0)),
    Case(payment_bounced, (70_00, 0)),
    Case(bounce_taken_back, (100_00, 0)),
    Case(surplus_bounced, (0, 30_00)),
    Case(surplus_restored, (0, 50_00)),
    Case(credited_invoice_bounced, (0, 0)),
    Case(credited_bounce_taken_back, (60_00, 40_00)),
    Case(credit_refund_failed, (0, 50_00)),
]
_OFF_AND_ON = (False, True)


def _stand(place: given.Customer, division_id: int) -> tuple[int, int]:
    figures = place.figures(division_id)
    return figures.balance_minor, figures.unapplied_minor


def _clean(place: given.Customer) -> bool:
    return not [fault for fault in given.faults() if f"customer {place.customer_id}," in fault]


@pytest.mark.parametrize(("earlier", "later"), [((), _OFF_AND_ON), ((), _OFF_AND_ON * 2), (_OFF_AND_ON, _OFF_AND_ON)])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before.__name__)
def test_older_money_comes_back_to_what_it_was_joined_into(case: Case, earlier: Sequence[bool], later: Sequence[bool]) -> None:
    place = given.customer(limit_minor=1_000_00, divisions=1, separate=True)
    top, a = place.division_ids
    for separate in earlier:
        place.separate(separate=separate)
    act = case.before(place, a)
    for separate in later:
        place.separate(separate=separate)
    act()
    assert (_stand(place, top), _stand(place, a)) == (case.top, case.a)
    assert not place.invoices_of(given.Kind.CORRECTION)
    assert _clean(place)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before.__name__)
def test_money_that_came_while_funds_were_shared_stays_at_the_top(case: Case) -> None:
    """A's business of that time is the top's: separating funds does not move it."""
    place = given.customer(limit_minor=1_000_00, divisions=1)
    top, a = place.division_ids
    act = case.before(place, a)
    place.separate(separate=True)
    act()
    assert (_stand(place, top), _stand(place, a)) == (case.top, case.a)
    assert _clean(place)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before.__name__)
def test_money_of_today_comes_back_to_the_divisions_own_fund(case: Case) -> None:
    """After off and on, what is charged and paid anew is A's."""
    place = given.customer(limit_minor=1_000_00, divisions=1, separate=True)
    top, a = place.division_ids
    for separate in _OFF_AND_ON:
        place.separate(separate=separate)
    case.before(place, a)()
    assert (_stand(place, top), _stand(place, a)) == ((0, 0), case.top)
    assert _clean(place)


def test_a_partly_refunded_charge_follows_every_joining() -> None:
    """B's money goes to A when B is closed, to the top when funds are shared; A's later money is A's own."""
    place = given.customer(limit_minor=0, separate=True)
    top = place.top_id
    a = place.add_division("A")
    b = place.add_division("B", a)
    place.fund(100_00, b)
    charged = place.charge(60_00, b).transfer_id

    def refund(amount_minor: int) -> list[int]:
        funds.refund_charge(viewer=place.viewer(), transfer_id=charged or 0, amount_minor=amount_minor, idempotency_key=key())
        return [place.figures(one).balance_minor for one in (top, a)]

    administration.close_division(viewer=ADMIN, customer_id=place.customer_id, division_id=b, now=NOW)
    assert refund(10_00) == [0, 50_00]
    place.separate(separate=False)
    assert refund(10_00) == [60_00, 60_00]  # shared: every division shows the one balance
    place.separate(separate=True)
    assert refund(10_00) == [70_00, 0]
    place.transfer(70_00, top, a)
    place.separate(separate=False)
    place.separate(separate=True)
    assert refund(30_00) == [100_00, 0]
    assert _clean(place)
