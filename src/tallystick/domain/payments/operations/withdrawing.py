"""Take the announcement of a transfer back; money that comes all the same is taken in as for any other."""

from uuid import UUID

from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit, permit_division
from tallystick.domain.invoicing import models as invoicing
from tallystick.domain.payments import models, rules
from tallystick.domain.payments.operations import ground
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


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
        _permit(viewer, payment)
        if payment.method != rules.Method.BANK_TRANSFER or payment.state != rules.State.STARTED:
            raise TransferNotWaiting(
                texts.marked("Payment %(reference)s is no transfer that waits. Look at how it stands now.", reference=payment.reference)
            )
        ground.enter(payment, rules.State.EXPIRED)
        for deposit in models.Deposit.objects.filter(customer_id=payment.customer_id, payment_id=payment.id, state=rules.DepositState.OPEN):
            ground.change(deposit, state=rules.DepositState.LAPSED)
        ground.record(payment, "payment.expired", viewer, reason="withdrawn")


def _permit(viewer: Viewer, payment: models.Payment) -> None:
    """Let only those pass who may pay for every division that the transfer is for. Raises NotFound."""
    asked = models.Attempt.objects.filter(customer_id=payment.customer_id, payment_id=payment.id).values_list("invoice_id", flat=True)
    invoices = invoicing.Invoice.objects.filter(customer_id=payment.customer_id, id__in=list(asked))
    named = [] if payment.division_id is None else [payment.division_id]
    for division_id in {*named, *invoices.values_list("division_id", flat=True)}:
        permit_division(viewer, division_id)
