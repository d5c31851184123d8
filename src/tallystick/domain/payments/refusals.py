"""Name the refusals of payments that several operations share; each is a state of affairs and a sentence that says what to do."""

from tallystick.lib import errors


class IdempotencyKeyReused(errors.Conflict):
    """Say that the key was used with another request (law 8)."""

    code = "idempotency_key_reused"


class PaymentInProgress(errors.Conflict):
    """Say that a card payment of this invoice is already under way (law 9)."""

    code = "payment_in_progress"


class PaymentStarting(errors.Conflict):
    """Say that the first of two equal requests still waits for the gateway."""

    code = "payment_starting"


class PaymentResultUnknown(errors.Conflict):
    """Say that the gateway gave no answer, so nobody knows yet; the same request again finds out."""

    code = "payment_result_unknown"


class InvoiceNotOpen(errors.Conflict):
    """Say that nothing is open of an invoice."""

    code = "invoice_not_open"


class AmountAboveDue(errors.Invalid):
    """Say that more was asked for an invoice than is due."""

    code = "amount_above_due"


class ReferenceTaken(errors.Conflict):
    """Say that a bank's or gateway's reference was recorded before (law 9)."""

    code = "reference_taken"


class NotFromBalance(errors.Conflict):
    """Say that an invoice can not be paid from the balance (law 7)."""

    code = "not_from_balance"


class NotEnoughUnappliedCredit(errors.Conflict):
    """Say that there is less unapplied credit than was asked for."""

    code = "not_enough_unapplied_credit"


class PaymentNotSettled(errors.Conflict):
    """Say that no money stands that could be taken back or refunded."""

    code = "payment_not_settled"


class ApprovedByRequester(errors.NotAllowed):
    """Say that no one approves what they entered (four eyes)."""

    code = "approved_by_requester"


class RefundNotWaiting(errors.Conflict):
    """Say that a refund is not in the state in which this can be done."""

    code = "refund_not_waiting"


class PaymentMethodNotAllowed(errors.Conflict):
    """Say that the customer's settings leave this method of payment out."""

    code = "payment_method_not_allowed"
