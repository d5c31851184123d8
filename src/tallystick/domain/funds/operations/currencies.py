"""Keep a customer's credit row in the customer's currency, as long as nothing was posted in it."""

from tallystick.domain.funds import models


def set_currency(*, customer_id: int, currency: str) -> None:
    """Write the currency that the customer's figures are in, inside the running scope; the caller knows that all of them are zero."""
    models.Credit.objects.filter(customer_id=customer_id).update(currency=currency)
