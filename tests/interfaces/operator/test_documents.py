"""See what the operator has to do with documents: the logo that stands on them, and the characters that no font has."""

import uuid
from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations import papers
from interfaces.operator.operating import INSTALLER, Town, sent
from tallystick.domain.customers import queries, rules
from tallystick.domain.invoicing import operations
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.invoicing.operations import keeping
from tallystick.integrations.pdf import documents
from tallystick.integrations.postgres import scope

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def _logo(town: Town, content: str) -> object:
    file = SimpleUploadedFile("logo.svg", content.encode(), content_type="image/svg+xml")
    return sent(town.administrator, reverse("operator-logo", args=[town.entity_id]), logo=file)


def test_a_logo_stands_on_the_next_documents_and_issued_ones_keep_theirs(town: Town) -> None:
    """Chosen, taken off again: the invoice that was issued in between keeps it."""
    customer_id = town.customer("Logo")
    assert _logo(town, papers.LOGO).status_code == 302  # type: ignore[attr-defined]
    assert "data:image/svg+xml;base64," in town.administrator.get(reverse("operator-settings")).content.decode()
    invoice = town.invoice(customer_id, "LOGO-1")
    assert sent(town.administrator, reverse("operator-logo", args=[town.entity_id])).status_code == 302  # type: ignore[attr-defined]
    assert "data:image/svg+xml" not in town.administrator.get(reverse("operator-settings")).content.decode()
    later = town.invoice(customer_id, "LOGO-2")
    drawn, plain = (invoicing.invoice_facts(viewer=INSTALLER, invoice_id=one.id) for one in (invoice, later))
    assert str(drawn["logo"]).startswith("<svg ")
    assert plain["logo"] == ""
    assert documents.render("invoice", drawn).sha256 != documents.render("invoice", {**drawn, "logo": ""}).sha256
    kept = invoicing.invoice(viewer=INSTALLER, invoice_id=invoice.id).frozen["logo"]
    assert queries.logo(sha256=str(kept)) == drawn["logo"]


def test_a_logo_that_may_not_be_is_refused_in_words(town: Town) -> None:
    """The form says what to change, and the old logo stays."""
    answer = _logo(town, papers.LOGO.replace("<rect", "<script>x</script><rect"))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "has a script" in answer.content.decode()  # type: ignore[attr-defined]


def test_characters_that_no_font_has_are_named_to_the_operator(town: Town) -> None:
    """On the invoice and on Health, and nowhere while there are none."""
    invoice = town.invoice(town.customer("Rare"), "RARE-1")
    page = reverse("operator-invoice", args=[invoice.id])
    assert "No font has these characters" not in town.auditor.get(page).content.decode()
    operations.store_document(
        customer_id=invoice.customer_id, invoice_id=invoice.id, content=b"%PDF rare", replaced=("\u182e", "\U00013000"), now=NOW
    )
    assert "\u182e\U00013000" in town.auditor.get(page).content.decode()
    health = town.auditor.get(reverse("operator-health")).content.decode()
    assert "Characters that no font has" in health
    assert invoice.number in health
    assert "\u182e\U00013000" in health


def test_a_receipt_with_such_a_character_is_named_by_its_customer(town: Town) -> None:
    """It has no page among the invoices; who it was made for is said."""
    customer_id = town.customer("Rare receipt")
    with scope.of(rules.system(customer_id)):
        keeping.keep_for(customer_id=customer_id, subject_id=uuid.uuid4(), placed=keeping.place(b"%PDF receipt"), replaced=("\u182e",), now=NOW)
    health = town.auditor.get(reverse("operator-health")).content.decode()
    assert "Receipt or statement" in health
    assert "Rare receipt" in health
