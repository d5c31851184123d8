"""Read the movements of a fund some at a time, along their numbers, and write them as rows; so a history of any length takes the same memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Viewer
from tallystick.domain.funds import histories
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.ledger.queries import Movement
from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations import tables
from tallystick.lib import money, texts

STEP = 5000
HEADS = ("Posted at (UTC)", "What", "Invoice", "Order", "Note", "Division", "Amount", "Balance", "Currency")
WORDS: dict[EntryKind, str] = {
    EntryKind.CHARGE: texts.marked("Purchase"),
    EntryKind.CHARGE_REFUND: texts.marked("Refund of a purchase"),
    EntryKind.HOLD: texts.marked("Hold"),
    EntryKind.HOLD_RELEASE: texts.marked("Hold released"),
    EntryKind.CAPTURE: texts.marked("Purchase out of a hold"),
    EntryKind.TRANSFER: texts.marked("Transfer between divisions"),
    EntryKind.INVOICE_PAID: texts.marked("Payment"),
    EntryKind.PAYMENT_REVERSED: texts.marked("Payment reversed"),
    EntryKind.PAYMENT_RESTORED: texts.marked("Payment restored"),
    EntryKind.CREDIT_NOTE: texts.marked("Credit note"),
    EntryKind.INVOICE_VOIDED: texts.marked("Invoice voided"),
    EntryKind.UNAPPLIED_CREDIT_USED: texts.marked("Unapplied credit used"),
    EntryKind.OPENING_BALANCE: texts.marked("Opening balance"),
    EntryKind.DIVISION_JOINED: texts.marked("Division joined"),
    EntryKind.AMOUNT_OWED: texts.marked("Amount owed, invoiced"),
    EntryKind.PAID_FROM_BALANCE: texts.marked("Invoice paid from the balance"),
    EntryKind.EXPIRY: texts.marked("Expired funds"),
    EntryKind.CORRECTION: texts.marked("Correction"),
}
"""A word for each kind that touches the balance; pages say it in the reader's language."""


def title(row: Movement) -> str:
    """Name a movement: a capture gives the hold back and takes what was bought, a row each."""
    if row.kind is EntryKind.CAPTURE and row.amount_minor > 0:
        return WORDS[EntryKind.HOLD_RELEASE]
    return WORDS.get(row.kind, row.kind.name.replace("_", " ").capitalize())


def after(viewer: Viewer, wanted: Mapping[str, Any], last: int | None, *, oldest_first: bool) -> tuple[list[Movement], int | None]:
    """Read the next movements behind a number of the journal (None: from the beginning), and give the number of the last."""
    begins, ends = wanted["after"], wanted["before"]
    if last is not None:
        begins, ends = (last, ends) if oldest_first else (begins, last)
    kinds = tuple(EntryKind(kind) for kind in wanted["kinds"])
    narrowed = histories.MovementFilter(after=begins, before=ends, kinds=kinds, order_id=wanted["order_id"], limit=STEP, oldest_first=oldest_first)
    found = histories.movements(viewer=viewer, division_id=wanted["division_id"], narrowed=narrowed, fund_id=wanted["fund_id"])
    return found, found[-1].transfer_id if found else last


def cells(viewer: Viewer, wanted: Mapping[str, Any], rows: Sequence[Movement]) -> list[list[tables.Cell]]:
    """Write movements; numbers of invoices and names of divisions out of sight stay empty."""
    numbers = invoicing.numbers(viewer=viewer, invoice_ids=[row.invoice_id for row in rows if row.invoice_id])
    divisions = {division.id: division.name for division in customers.divisions(viewer=viewer)}
    return [
        [
            row.posted_at,
            str(title(row)),
            numbers.get(row.invoice_id, "") if row.invoice_id else "",
            row.order_id,
            row.note,
            divisions.get(row.division_id, ""),
            Decimal(money.text(row.amount_minor, wanted["currency"])),
            Decimal(money.text(row.balance_after_minor, wanted["currency"])),
            wanted["currency"],
        ]
        for row in rows
    ]


def standing(wanted: Mapping[str, Any], words: str, instant: str, balance_minor: int) -> list[tables.Cell]:
    """Write where a statement begins or ends: with the instant, as all rows have theirs, for a day of the legal entity's is not one of UTC's."""
    return [datetime.fromisoformat(instant), words, "", "", "", "", None, Decimal(money.text(balance_minor, wanted["currency"])), wanted["currency"]]


def others(wanted: Mapping[str, Any]) -> list[list[tables.Cell]]:
    """Write in one row what divisions out of the asker's sight moved, so that the column of amounts still leads to the balance at the end."""
    amount = Decimal(money.text(wanted["others_minor"], wanted["currency"]))
    return [[None, "Movements of other divisions", "", "", "", "", amount, None, wanted["currency"]]] if amount else []
