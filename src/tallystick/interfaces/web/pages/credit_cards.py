"""Show a person's own cards; none is kept yet, a card is typed on the processor's page with each payment."""

from django.http import HttpResponse

from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web import page


@page.page(Act.PAY)
def credit_cards(request: page.Seen) -> HttpResponse:
    """Say how cards are used here."""
    return page.show(request, "web/credit_cards.html", dict)
