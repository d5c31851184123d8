"""Write invoices and credit notes: issue, pay, take back, credit, void, write off, dispute."""

from tallystick.domain.invoicing.operations.closing import mark_disputed, store_document, void_invoice
from tallystick.domain.invoicing.operations.crediting import approve_credit_note, decline_credit_note, request_credit_note
from tallystick.domain.invoicing.operations.einvoices import store_einvoices
from tallystick.domain.invoicing.operations.falling_due import tell_overdue
from tallystick.domain.invoicing.operations.figures import Locked, lock
from tallystick.domain.invoicing.operations.four_eyes import require_another
from tallystick.domain.invoicing.operations.issue import InvoiceDraft, issue_amount_owed_invoice, issue_correction_invoice, issue_funding_invoice
from tallystick.domain.invoicing.operations.numbers import preview, set_series
from tallystick.domain.invoicing.operations.paying import (
    Anew,
    Applied,
    FromBalance,
    Reversed,
    apply_payment,
    apply_payments,
    pay_from_balance,
    reverse_application,
)
from tallystick.domain.invoicing.operations.refusals import (
    AmountAboveOpen,
    CreditNoteDecided,
    CreditNoteNotFound,
    FundsAlreadyUsed,
    InvoiceNotFound,
    InvoiceNotOpen,
    InvoiceNotVoidable,
    NotCreditable,
    NotPaidFromBalance,
    NotWrittenOff,
    SamePerson,
    SeriesInvalid,
    SeriesMissing,
    WriteOffDecided,
    WriteOffNotFound,
    WriteOffWaiting,
)
from tallystick.domain.invoicing.operations.writing_off import approve_write_off, decline_write_off, write_off

__all__ = [
    "AmountAboveOpen",
    "Anew",
    "Applied",
    "CreditNoteDecided",
    "CreditNoteNotFound",
    "FromBalance",
    "FundsAlreadyUsed",
    "InvoiceDraft",
    "InvoiceNotFound",
    "InvoiceNotOpen",
    "InvoiceNotVoidable",
    "Locked",
    "NotCreditable",
    "NotPaidFromBalance",
    "NotWrittenOff",
    "Reversed",
    "SamePerson",
    "SeriesInvalid",
    "SeriesMissing",
    "WriteOffDecided",
    "WriteOffNotFound",
    "WriteOffWaiting",
    "apply_payment",
    "apply_payments",
    "approve_credit_note",
    "approve_write_off",
    "decline_credit_note",
    "decline_write_off",
    "issue_amount_owed_invoice",
    "issue_correction_invoice",
    "issue_funding_invoice",
    "lock",
    "mark_disputed",
    "pay_from_balance",
    "preview",
    "request_credit_note",
    "require_another",
    "reverse_application",
    "set_series",
    "store_document",
    "store_einvoices",
    "tell_overdue",
    "void_invoice",
    "write_off",
]
