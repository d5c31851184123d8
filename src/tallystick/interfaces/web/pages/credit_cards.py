"""Show the cards with which a person has paid; none is kept that could be charged, a card is typed on the processor's page each time."""

from django.http import HttpResponse

from tallystick.domain.customers.rules import Act
from tallystick.domain.payments import queries as payments
from tallystick.interfaces.web import page


@page.page(Act.PAY)
def credit_cards(request: page.Seen) -> HttpResponse:
    """List the person's own cards as the processor named them, last used first."""
    return page.show(request, "web/credit_cards.html", lambda: {"cards": payments.used_cards(viewer=request.viewer)})
