"""Write off on the operator's pages: the tolerance set, a shortage by one approver, a bad debt by two people."""

import re
import uuid
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from interfaces.operator import operating
from interfaces.operator.operating import INSTALLER, Town, sent
from tallystick.domain.customers import queries
from tallystick.domain.customers.rules import StaffRole
from tallystick.domain.invoicing import operations, rules
from tallystick.domain.invoicing import queries as invoicing
from tallystick.integrations.postgres import scope


def _owed(customer_id: int) -> uuid.UUID:
    """Issue an amount-owed invoice of 100.00."""
    line = rules.Line(description="Owed", quantity=Decimal(1), unit_price_minor=100_00, percent_millionths=0)
    with scope.of(INSTALLER):
        draft = operations.InvoiceDraft(
            customer_id=customer_id, division_id=queries.top_division_id(customer_id=customer_id), lines=(line,), terms_days=30
        )
        now = timezone.now()
        return operations.issue_amount_owed_invoice(viewer=INSTALLER, draft=draft, today=now.date(), now=now).id


def _open(invoice_id: uuid.UUID) -> int:
    return invoicing.invoice(viewer=INSTALLER, invoice_id=invoice_id).open_minor


def test_a_shortage_and_a_bad_debt(town: Town) -> None:
    """Within the tolerance an approver is alone; above it, and for the clerk, somebody else decides on the invoice's page or in the list."""
    owed = _owed(town.customer("Owl and Wren"))
    tolerance = reverse("operator-write-off-tolerance", args=["USD"])
    assert town.approver.get(tolerance).status_code == 403
    assert sent(town.administrator, tolerance, amount="0.50").status_code == 302
    settings = re.sub(r"<[^>]+>", "", town.administrator.get(reverse("operator-settings")).content.decode())
    assert "USD0.50" in settings
    page, form, waiting = reverse("operator-invoice", args=[owed]), reverse("operator-invoice-write-off", args=[owed]), reverse("operator-refunds")
    assert "0.50 USD" in town.clerk.get(form).content.decode()
    assert sent(town.approver, form, amount="0.50", reason="Bank charges").status_code == 302
    assert _open(owed) == 99_50
    assert "Written off" in town.approver.get(page).content.decode()

    assert sent(town.approver, form, amount="0.01", reason="Once more").status_code == 302
    assert "waits for another person" in town.approver.get(page).content.decode()
    asked = invoicing.write_offs(viewer=INSTALLER, invoice_id=owed)[0]
    approve, decline = reverse("operator-write-off-approve", args=[asked.id]), reverse("operator-write-off-decline", args=[asked.id])
    assert approve not in town.approver.get(page).content.decode()
    assert town.clerk.post(approve).status_code == 403
    assert town.approver.post(approve).status_code == 403
    assert sent(town.approver, decline, reason="Mine").status_code in {403, 422}
    assert sent(town.approver, form, amount="1.00", reason="Another").status_code in {409, 422}
    assert _open(owed) == 99_50
    second = operating.staff(StaffRole.APPROVER, f"{uuid.uuid4()}@lanternfield.example")
    assert approve in second.get(waiting).content.decode()
    assert sent(second, decline, reason="They will pay").status_code == 302
    assert "They will pay" in town.approver.get(page).content.decode()

    assert sent(town.clerk, form, amount="99.50", reason="Bankrupt").status_code == 302
    asked = invoicing.write_offs(viewer=INSTALLER, invoice_id=owed)[0]
    assert _open(owed) == 99_50
    assert town.approver.post(reverse("operator-write-off-approve", args=[asked.id])).status_code == 302
    assert (_open(owed), invoicing.invoice(viewer=INSTALLER, invoice_id=owed).state) == (0, "paid")
    assert asked.requested_by_name in town.clerk.get(page).content.decode()
    assert sent(town.administrator, tolerance, amount="0.00").status_code == 302
