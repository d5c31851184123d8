"""Write off: a shortage within the tolerance of its currency alone, a bad debt by two people (money.md section 4)."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

import given
from domain.payments.world import ADMIN, APPROVER, CLERK, NOW
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as settings
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.invoicing import models, operations, queries
from tallystick.lib import errors

AUDITOR = replace(CLERK, person_id=903, staff_role=StaffRole.AUDITOR)
OTHER = replace(APPROVER, name="Otto", person_id=904)


@pytest.fixture
def place() -> Iterator[given.Customer]:
    """Open a customer in a currency whose tolerance is 1.00."""
    customers.set_write_off_tolerance(viewer=ADMIN, currency="USD", amount_minor=1_00)
    yield given.customer(percent="19")
    customers.set_write_off_tolerance(viewer=ADMIN, currency="USD", amount_minor=0)


def _owed(place: given.Customer) -> UUID:
    return place.issue((100_00, "19"), kind=given.Kind.AMOUNT_OWED)


def _ask(invoice_id: UUID, amount_minor: int, viewer: object = CLERK) -> models.WriteOff:
    return operations.write_off(viewer=viewer, invoice_id=invoice_id, amount_minor=amount_minor, reason="Short", now=NOW)  # type: ignore[arg-type]  # a viewer


def _approve(asked: models.WriteOff, viewer: object = APPROVER) -> models.WriteOff:
    return operations.approve_write_off(viewer=viewer, write_off_id=asked.id, now=NOW)  # type: ignore[arg-type]  # a viewer


ASKED = [
    # amount, who, state, bad debt, still open
    (1_00, APPROVER, "approved", False, 118_00),
    (1_01, APPROVER, "requested", True, 119_00),
    (119_00, APPROVER, "requested", True, 119_00),
    (1_00, CLERK, "requested", False, 119_00),
    (1_01, CLERK, "requested", True, 119_00),
]


@pytest.mark.parametrize(("amount", "viewer", "state", "bad_debt", "left"), ASKED)
def test_only_an_approver_within_the_tolerance_acts_alone(
    place: given.Customer, amount: int, viewer: object, state: str, bad_debt: bool, left: int
) -> None:
    owed = _owed(place)
    asked = _ask(owed, amount, viewer)
    assert (asked.state, asked.is_bad_debt, place.invoice(owed).open_minor) == (state, bad_debt, left)
    assert place.figures().unpaid_minor == left


def test_the_tolerance_counts_all_that_was_written_off_of_the_invoice(place: given.Customer) -> None:
    """Small steps do not add up to a bad debt that nobody approved."""
    owed = _owed(place)
    assert [_ask(owed, 60, APPROVER).state, _ask(owed, 40, APPROVER).state, _ask(owed, 1, APPROVER).state] == ["approved", "approved", "requested"]
    assert place.invoice(owed).written_off_minor == 1_00


def test_a_bad_debt_is_posted_when_another_person_approves_it(place: given.Customer) -> None:
    owed = _owed(place)
    before = place.figures()
    asked = _ask(owed, 119_00, APPROVER)
    with pytest.raises(operations.SamePerson):
        _approve(asked)
    with pytest.raises(errors.NotAllowed):
        _approve(asked, CLERK)
    assert place.figures() == before
    done = _approve(asked, OTHER)
    assert (done.state, done.decided_by_name, place.invoice(owed).state, place.invoice(owed).open_minor) == ("approved", "Otto", "paid", 0)
    now = place.figures()
    assert (now.unpaid_minor, now.balance_minor) == (0, before.balance_minor)
    with pytest.raises(operations.WriteOffDecided):
        _approve(asked, OTHER)
    assert not [fault for fault in given.faults() if f"customer {place.customer_id}," in fault]


def test_a_declined_bad_debt_posts_nothing_and_lets_another_be_asked(place: given.Customer) -> None:
    owed = _owed(place)
    asked = _ask(owed, 50_00)
    with pytest.raises(operations.WriteOffWaiting):
        _ask(owed, 1, APPROVER)
    with pytest.raises(errors.Invalid):
        operations.decline_write_off(viewer=APPROVER, write_off_id=asked.id, text=" ", now=NOW)
    declined = operations.decline_write_off(viewer=APPROVER, write_off_id=asked.id, text="They will pay", now=NOW)
    assert (declined.state, place.invoice(owed).open_minor) == ("declined", 119_00)
    with pytest.raises(operations.WriteOffDecided):
        _approve(asked)
    assert _ask(owed, 1_00, APPROVER).state == "approved"
    shown = queries.write_offs(viewer=CLERK, invoice_id=owed)
    assert [(one.state, one.decision_text) for one in shown] == [("approved", ""), ("declined", "They will pay")]


def test_a_bad_debt_that_was_paid_meanwhile_is_not_written_off(place: given.Customer) -> None:
    owed = _owed(place)
    asked = _ask(owed, 119_00)
    place.record(100_00, (owed, 100_00))
    with pytest.raises(operations.AmountAboveOpen):
        _approve(asked)
    assert place.invoice(owed).open_minor == 19_00


@pytest.mark.parametrize("amount", [0, -1])
def test_what_is_written_off_is_above_zero(place: given.Customer, amount: int) -> None:
    with pytest.raises(errors.Invalid):
        _ask(_owed(place), amount)


def test_who_may_not(place: given.Customer) -> None:
    """Auditors and customers write nothing off; only an administrator sets the tolerance; a funding invoice is never written off."""
    owed = _owed(place)
    for viewer in (AUDITOR, place.viewer()):
        with pytest.raises(errors.NotAllowed):
            _ask(owed, 1, viewer)
    for viewer in (CLERK, APPROVER, AUDITOR, place.viewer()):
        with pytest.raises(errors.NotAllowed):
            customers.set_write_off_tolerance(viewer=viewer, currency="USD", amount_minor=1)
    with pytest.raises(operations.NotWrittenOff):
        _ask(place.issue((10_00, "0")), 1, APPROVER)


@pytest.mark.usefixtures("place")
def test_each_currency_has_its_own_tolerance() -> None:
    """In minor units, zero where nothing is set."""
    customers.set_write_off_tolerance(viewer=ADMIN, currency="JPY", amount_minor=150)
    assert [settings.write_off_tolerance(currency=one) for one in ("USD", "JPY", "BHD")] == [1_00, 150, 0]
    assert ("USD", 1_00) in settings.write_off_tolerances(viewer=CLERK)
    for currency, amount in (("XXQ", 1), ("USD", -1)):
        with pytest.raises(errors.Invalid):
            customers.set_write_off_tolerance(viewer=ADMIN, currency=currency, amount_minor=amount)
