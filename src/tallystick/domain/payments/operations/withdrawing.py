"""Take the announcement of a transfer back; money that comes all the same is taken in as for any other."""

from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit, permit_division
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors


class TransferNotWaiting(errors.Conflict):
    """Say that a payment is no announced transfer that still waits."""

    code = "transfer_not_waiting"


@scope.retrying
def withdraw_transfer(*, viewer: Viewer, payment_id: UUID) -> None:
    """Note that an announced transfer or deposit will not come, as its customer or staff say; nothing is posted.

    Raises NotAllowed, NotFound, TransferNotWaiting.
    """
    permit(viewer, Act.ENTER if viewer.kind is ViewerKind.STAFF else Act.PAY)
    with scope.of(viewer):
        payment = ground.locked(viewer, payment_id)
        if payment.division_id is not None:
            permit_division(viewer, payment.division_id)
        if payment.method != rules.Method.BANK_TRANSFER or payment.state != rules.State.STARTED:
            raise TransferNotWaiting(f"Payment {payment.reference} is no transfer that waits. Look at how it stands now.")
        ground.enter(payment, rules.State.EXPIRED)
        for deposit in models.Deposit.objects.filter(customer_id=payment.customer_id, payment_id=payment.id, state=rules.DepositState.OPEN):
            ground.change(deposit, state=rules.DepositState.LAPSED)
        ground.record(payment, "payment.expired", viewer, reason="withdrawn")
