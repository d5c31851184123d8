"""Walk a case through the books: open a seller and a customer, issue, pay, credit, and let the worker's own reaction make the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import given
from domain.payments.world import ADMIN, APPROVER, CLERK, NOW, TODAY
from einvoices.cases import AMERICAN, GERMAN, WITHOUT_NUMBER, Case
from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CreditRule, system
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing import queries, rules
from tallystick.domain.ledger import models as ledger
from tallystick.domain.ledger.rules import EntryKind
from tallystick.integrations.einvoicing import embedding, making, terms
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope
from tallystick.reactions import worker

_SELLERS: Mapping[str, Mapping[str, str]] = {
    GERMAN: {"name": "Lanternfield GmbH", "address": "Hafenweg 88\n20457 Hamburg", "country": "DE", "tax_number": "DE811907980"},
    AMERICAN: {"name": "Lanternfield, Inc.", "address": "1 Main Street\nPortland, OR 97204", "country": "US", "tax_number": "94-3456789"},
    WITHOUT_NUMBER: {"name": "Lanternfield Labs", "address": "2 Main Street\nPortland, OR 97204", "country": "US", "tax_number": "US-REG 1"},
}


@dataclass(frozen=True, slots=True)
class Paper:
    """Hold a document that was made: its file, its XML as it is stored, its frozen facts, and what the journal says of it."""

    pdf: bytes
    xml: Mapping[making.Syntax, bytes]
    facts: Mapping[str, Any]
    posted_minor: int


def made(case: Case) -> Paper:
    """Make the document of a case as the application does; what the books never have is worded and drawn beside them."""
    buyer, invoice_id = issued(case)
    if case.recorded_minor:
        buyer.record(case.recorded_minor, (invoice_id, case.recorded_minor))
    subject_id = _credited(case, invoice_id) if case.credited_minor else invoice_id
    worker.drain()
    facts = _facts(case, buyer, subject_id)
    posted_minor = _posted_minor(case, buyer, subject_id)
    if case.paid_minor or case.rounding_minor:
        return _beside(facts, case, posted_minor)
    viewer = buyer.viewer()
    if case.credited_minor:
        pdf = queries.credit_note_document(viewer=viewer, credit_note_id=subject_id)
        xml = {syntax: queries.credit_note_xml(viewer=viewer, credit_note_id=subject_id, syntax=syntax) for syntax in making.SYNTAXES}
    else:
        pdf = queries.invoice_document(viewer=viewer, invoice_id=subject_id)
        xml = {syntax: queries.invoice_xml(viewer=viewer, invoice_id=subject_id, syntax=syntax) for syntax in making.SYNTAXES}
    return Paper(pdf, xml, facts, posted_minor)


def issued(case: Case) -> tuple[given.Customer, UUID]:
    """Open the seller and the customer of a case and issue its invoice."""
    buyer = _customer(case)
    return buyer, _issued(case, buyer)


def _customer(case: Case) -> given.Customer:
    entity = customers.create_legal_entity(viewer=ADMIN, email="billing@lanternfield.example", **_SELLERS[case.seller])
    for kind, pattern in ((rules.SeriesKind.INVOICE, "INV-{number:05}"), (rules.SeriesKind.CREDIT_NOTE, "CN-{number:05}")):
        invoicing.set_series(viewer=ADMIN, legal_entity_id=entity, kind=kind, pattern=pattern, year=2026)
    customers.create_bank_account(
        viewer=ADMIN, legal_entity_id=entity, currency=case.currency, holder="Lanternfield", account="DE89 3704 0044 0532 0130 00", bic="COBADEFFXXX"
    )
    percent = "0" if case.category else case.lines[0][2]
    rate = customers.create_tax_rate(viewer=ADMIN, legal_entity_id=entity, name="", percent=percent, category=case.category, reason=case.reason)
    draft = customers.CustomerDraft(
        legal_entity_id=entity,
        name="Northwind",
        currency=case.currency,
        limit_minor=None,
        rule=CreditRule.CONSUMPTION,
        tax_rate_id=rate,
    )
    opened = administration.create_customer(viewer=ADMIN, draft=draft)
    return given.Customer(opened.customer_id, opened.top_division_id, Decimal(percent), entity, (opened.top_division_id,))


def _issued(case: Case, buyer: given.Customer) -> UUID:
    draft = invoicing.InvoiceDraft(
        customer_id=buyer.customer_id,
        division_id=buyer.top_id,
        lines=case.drafted(),
        terms_days=case.terms_days,
        purchase_order_number=case.order_number,
        original_number=case.original_number,
        buyer=case.buyer,
        is_deposit=case.is_deposit,
    )
    issue = {
        rules.Kind.FUNDING: invoicing.issue_funding_invoice,
        rules.Kind.AMOUNT_OWED: invoicing.issue_amount_owed_invoice,
        rules.Kind.CORRECTION: invoicing.issue_correction_invoice,
    }[case.kind]
    with scope.of(ADMIN):
        return issue(viewer=ADMIN, draft=draft, today=TODAY, now=NOW).id


def _credited(case: Case, invoice_id: UUID) -> UUID:
    note = invoicing.request_credit_note(viewer=CLERK, invoice_id=invoice_id, amount_minor=case.credited_minor, reason="Less was delivered.", now=NOW)
    invoicing.approve_credit_note(viewer=APPROVER, credit_note_id=note.id, today=TODAY, now=NOW)
    return note.id


def _facts(case: Case, buyer: given.Customer, subject_id: UUID) -> Mapping[str, Any]:
    viewer = system(buyer.customer_id)
    if case.credited_minor:
        return queries.credit_note_facts(viewer=viewer, credit_note_id=subject_id)
    return queries.invoice_facts(viewer=viewer, invoice_id=subject_id)


def _posted_minor(case: Case, buyer: given.Customer, subject_id: UUID) -> int:
    """Add up what the journal posted as the document was issued: net and tax, each a transfer of its own."""
    kinds = {rules.Kind.FUNDING: EntryKind.INVOICE_ISSUED, rules.Kind.AMOUNT_OWED: EntryKind.AMOUNT_OWED, rules.Kind.CORRECTION: EntryKind.CORRECTION}
    with scope.of(system(buyer.customer_id)):
        if case.credited_minor:
            rows = ledger.Transfer.objects.filter(customer_id=buyer.customer_id, credit_note_id=subject_id)
        else:
            rows = ledger.Transfer.objects.filter(customer_id=buyer.customer_id, invoice_id=subject_id, kind=kinds[case.kind])
        return sum(rows.values_list("amount_minor", flat=True))


def _beside(frozen: Mapping[str, Any], case: Case, posted_minor: int) -> Paper:
    """Word and draw what the books never issue: an invoice that is part-paid or rounded before it is written."""
    exact = {**frozen["exact"], "paid_minor": case.paid_minor, "rounding_minor": case.rounding_minor}
    facts = {**frozen, "exact": exact}
    worded = terms.terms(facts, exact)  # type: ignore[arg-type]  # the frozen figures, two of them changed
    written = {syntax: making.WRITER.make(syntax, worded) for syntax in making.SYNTAXES}
    attachment = documents.Attachment(
        name=embedding.FILE_NAME, content=written["cii"].xml, media_type="text/xml", relationship="alternative", description="EN 16931"
    )
    drawn = documents.render("invoice", facts, attachments=[attachment])
    return Paper(embedding.hybrid(drawn.content), {syntax: one.xml for syntax, one in written.items()}, facts, posted_minor)
