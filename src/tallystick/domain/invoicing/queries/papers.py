"""Say what is signed of an invoice and of a credit note: the sums of their rows, and the parties and the bank account as they were frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import Viewer, owner
from tallystick.domain.invoicing import models
from tallystick.domain.invoicing.operations.refusals import CreditNoteNotFound, InvoiceNotFound
from tallystick.integrations.postgres import scope
from tallystick.integrations.signatures.papers import Paper
from tallystick.lib import money, texts


@dataclass(frozen=True, slots=True)
class Signable:
    """Hold what is signed, and the legal entity whose key signs it."""

    legal_entity_id: int
    paper: Paper


def invoice_paper(*, viewer: Viewer, invoice_id: UUID, xml_sha256: str = "") -> Signable:
    """Say what is signed of an invoice; `xml_sha256` is of the e-invoice in it. Raises InvoiceNotFound."""
    with scope.of(viewer):
        row = models.Invoice.objects.filter(customer_id=owner(viewer), id=invoice_id).first()
        if row is None:
            raise InvoiceNotFound(texts.marked("There is no such invoice."))
        return _signable(row, "invoice", row.issue_date, xml_sha256)


def credit_note_paper(*, viewer: Viewer, credit_note_id: UUID, xml_sha256: str = "") -> Signable:
    """Say what is signed of an approved credit note. Raises CreditNoteNotFound."""
    with scope.of(viewer):
        row = models.CreditNote.objects.filter(customer_id=owner(viewer), id=credit_note_id).first()
        if row is None or row.issue_date is None:
            raise CreditNoteNotFound(texts.marked("There is no such credit note."))
        return _signable(row, "credit_note", row.issue_date, xml_sha256)


def _signable(row: models.Invoice | models.CreditNote, kind: str, day: date, xml_sha256: str) -> Signable:
    frozen: Mapping[str, Any] = row.frozen
    legal_entity_id = customers.Customer.objects.values_list("legal_entity_id", flat=True).get(id=row.customer_id)
    amounts = {name: money.text(getattr(row, f"{name}_minor"), row.currency) for name in ("net", "tax", "gross")}
    paper = Paper(
        kind=kind,
        number=row.number,
        day=day.isoformat(),
        seller=frozen["seller"]["name"],
        seller_tax_number=frozen["seller"].get("tax_number", ""),
        buyer=frozen["buyer"]["name"],
        buyer_tax_number=frozen["buyer"].get("tax_number", ""),
        currency=row.currency,
        xml_sha256=xml_sha256,
        **amounts,
        **_bank(frozen),
    )
    return Signable(legal_entity_id, paper)


def _bank(frozen: Mapping[str, Any]) -> dict[str, str]:
    """Name the account that the document asks to be paid to; nothing where it names none."""
    bank = frozen.get("bank")
    if not isinstance(bank, dict):
        return {}
    account = {"account_holder": bank.get("holder", ""), "account": bank.get("account", ""), "bic": bank.get("bic", "")}
    return {**account, "reference": frozen.get("reference", "")}
