"""Name what is refused of endpoints."""

from tallystick.lib import errors


class EndpointExists(errors.Conflict):
    """Say that messages go to this address already."""

    code = "endpoint_exists"


class TooManyEndpoints(errors.Conflict):
    """Say that no further endpoint is taken."""

    code = "too_many_endpoints"


class EndpointOff(errors.Conflict):
    """Say that nothing is sent to an endpoint that is switched off."""

    code = "endpoint_off"
