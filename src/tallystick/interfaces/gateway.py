"""Find the card gateway that the settings name; neither pages nor programs speak to it themselves, the operation does."""

from functools import cache

from django.conf import settings

from tallystick.integrations.gateways import http, protocol
from tallystick.lib import errors, texts


class NoGateway(errors.Conflict):
    """Say that this installation takes no cards."""

    code = "no_card_gateway"


@cache
def configured() -> protocol.Gateway:
    """Give the gateway of this installation. Raises NoGateway."""
    if not settings.GATEWAY_URL:
        raise NoGateway(texts.marked("Cards are not taken here yet. Choose bank transfer."), field="method")
    return http.from_settings(settings)


def wanted_for(method: str) -> protocol.Gateway | None:
    """Give the gateway where the method needs one. Raises NoGateway."""
    return configured() if method == "card" else None
