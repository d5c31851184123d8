"""Suggest what a payment pays: by the reference, by the amount, the oldest first; and say before sending what it would do."""

import uuid
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from interfaces.operator.operating import Town, sent
from tallystick.interfaces.web.pages import operator_suggesting
from tallystick.lib import ids


@dataclass
class Row:
    """An open invoice."""

    number: str
    due_date: date
    open_minor: int
    purchase_order_number: str = ""
    original_number: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)


ROWS = [
    Row("INV-2026-00003", date(2026, 11, 3), 30_000, "NWL-4471", id=uuid.UUID(int=3)),
    Row("INV-2026-00001", date(2026, 11, 1), 10_000, "PO 7", id=uuid.UUID(int=1)),
    Row("INV-2026-00002", date(2026, 11, 2), 20_000, original_number="OLD/77", id=uuid.UUID(int=2)),
    Row("INV-2026-00033", date(2026, 11, 9), 45_000, id=uuid.UUID(int=33)),
]
CASES = [
    ("RE inv 2026 00003", 30_000, {3: 30_000}, 0, "names INV-2026-00003"),
    ("INV-2026-00003 +INV202600001", 25_000, {1: 10_000, 3: 15_000}, 0, "oldest first"),
    ("inv202600033", 45_000, {33: 45_000}, 0, "names INV-2026-00033"),
    ("payment nwl4471", 40_000, {3: 30_000}, 10_000, "names INV-2026-00003"),
    ("old-77 thanks", 5_000, {2: 5_000}, 0, "names INV-2026-00002"),
    ("PO 7", 20_000, {2: 20_000}, 0, "Exactly this amount is open of INV-2026-00002"),
    ("", 65_000, {2: 20_000, 33: 45_000}, 0, "add up to this amount"),
    ("", 60_000, {1: 10_000, 2: 20_000, 3: 30_000}, 0, "The oldest 3 add up"),
    ("", 105_000, {1: 10_000, 2: 20_000, 3: 30_000, 33: 45_000}, 0, "All open invoices"),
    ("", 12_345, {1: 10_000, 2: 2_345}, 0, "the oldest are paid first"),
    ("", 200_000, {1: 10_000, 2: 20_000, 3: 30_000, 33: 45_000}, 95_000, "the oldest are paid first"),
]


@pytest.mark.parametrize(("reference", "amount", "parts", "left", "says"), CASES)
def test_what_is_suggested(reference: str, amount: int, parts: dict[int, int], left: int, says: str) -> None:
    """The first rule that fits; a number of three letters is no hint, and 00003 is not named by 00033."""
    found = operator_suggesting.suggest(reference, amount, ROWS)
    assert {place.int: minor for place, minor in found.parts.items()} == parts
    assert found.left_minor == left
    assert says in found.says


def test_the_page_suggests_and_says_the_surplus_before_anything_is_recorded(town: Town) -> None:
    """1,020.00 with the order's number in the reference: the invoice of 1,000.00 is filled in, 20.00 would become unapplied credit."""
    customer_id = town.customer("Suggested")
    number = f"SG-{uuid.uuid4().hex[:8]}"
    invoice = town.invoice(customer_id, number)
    name = ids.public("inv", invoice.id)
    typed = {
        "method": "bank_transfer",
        "amount": "1,020.00",
        "received_date": timezone.localdate().isoformat(),
        "reference": f"TRF {number}",
        name: "",
    }
    page = sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **typed, suggest="1").content.decode()  # type: ignore[attr-defined]
    assert 'value="1000.00"' in page
    assert f"The reference names {invoice.number}." in page
    assert "Surplus, becomes unapplied credit" in page
    address = reverse("record-payment-outcome", args=[customer_id])
    told = town.clerk.post(address, {**typed, name: "1000.00"}).content.decode()
    assert ">20.00" in told.replace("</strong>", "")
    wrong = town.clerk.post(address, {**typed, name: "1000.01"}).content.decode()
    assert f'<span data-mark="{name}">Only 1000.00 is open.</span>' in wrong
    over = town.clerk.post(address, {**typed, "amount": "900.00", name: "1000.00"}).content.decode()
    assert "Too much is given to invoices" in over
    assert "not entered yet" in town.clerk.post(address, {**typed, "amount": "x"}).content.decode()
    assert "Enter the amount that arrived first." in (
        sent(town.clerk, reverse("record-payment-of", args=[customer_id]), **{**typed, "amount": ""}, suggest="1").content.decode()  # type: ignore[attr-defined]
    )
