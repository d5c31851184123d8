"""Tell which payments were made by card, and with which: what the processor told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tallystick.domain.customers.rules import Viewer, owner
from tallystick.domain.payments import models, rules
from tallystick.integrations.postgres import scope


@dataclass(frozen=True, slots=True)
class Card:
    """Show the card of a payment; `expiry` as the processor wrote it."""

    brand: str
    last4: str
    expiry: str


def deposits_by_card(*, viewer: Viewer, payment_ids: Collection[UUID] | None = None) -> list[UUID]:
    """List the payments that are deposits by card, among those named or of all, oldest first."""
    with scope.of(viewer):
        rows = models.Deposit.objects.filter(customer_id=owner(viewer), method=rules.Method.CARD)
        if payment_ids is not None:
            rows = rows.filter(payment_id__in=payment_ids)
        return list(rows.order_by("payment_id").values_list("payment_id", flat=True))


def cards_of(*, viewer: Viewer, payment_ids: Collection[UUID]) -> dict[UUID, Card]:
    """Tell the cards of payments; those not made by card are left out."""
    if not payment_ids:
        return {}
    with scope.of(viewer):
        rows = models.Payment.objects.filter(customer_id=owner(viewer), id__in=payment_ids, method=rules.Method.CARD)
        return {row[0]: Card(*row[1:]) for row in rows.values_list("id", "card_brand", "card_last4", "card_expiry")}
