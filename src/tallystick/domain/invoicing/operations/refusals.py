"""Name the refusals of invoices and credit notes."""

from tallystick.lib import errors


class InvoiceNotFound(errors.NotFound):
    """Say that the viewer has no such invoice."""

    code = "invoice_not_found"


class InvoiceNotOpen(errors.Conflict):
    """Say that nothing is open on the invoice."""

    code = "invoice_not_open"


class AmountAboveOpen(errors.Conflict):
    """Say that less is open than the amount; `facts` has open_minor."""

    code = "amount_above_open"


class InvoiceNotVoidable(errors.Conflict):
    """Say that something is paid, credited or written off already."""

    code = "invoice_not_voidable"


class NotCreditable(errors.Conflict):
    """Say that this kind of invoice takes no credit note, or not of this amount."""

    code = "not_creditable"


class NotWrittenOff(errors.Conflict):
    """Say that a funding invoice is never written off: no funds without money."""

    code = "not_written_off"


class FundsAlreadyUsed(errors.Conflict):
    """Say that the funds that the invoice brought are spent; `facts` has movable_minor and required_minor."""

    code = "funds_already_used"


class CreditNoteNotFound(errors.NotFound):
    """Say that the viewer has no such credit note."""

    code = "credit_note_not_found"


class CreditNoteDecided(errors.Conflict):
    """Say that somebody decided on the credit note already."""

    code = "credit_note_decided"


class SeriesMissing(errors.Conflict):
    """Say that the legal entity has no number series for this kind of document."""

    code = "series_missing"


class SeriesInvalid(errors.Invalid):
    """Say what a number pattern needs."""

    code = "series_invalid"


class SamePerson(errors.NotAllowed):
    """Say that no one approves what they entered."""

    code = "four_eyes"


class NotPaidFromBalance(errors.Conflict):
    """Say that only amount-owed invoices are paid from the balance."""

    code = "not_paid_from_balance"


class WriteOffNotFound(errors.NotFound):
    """Say that the viewer has no such write-off."""

    code = "write_off_not_found"


class WriteOffDecided(errors.Conflict):
    """Say that somebody decided on the write-off already."""

    code = "write_off_decided"


class WriteOffWaiting(errors.Conflict):
    """Say that another write-off of the invoice waits for a decision."""

    code = "write_off_waiting"
