"""Find who asks: the key, its scope for the resource, how often it asks, and the customer that an operator's program names."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Right, Viewer
from tallystick.domain.funds import keyed
from tallystick.interfaces import callers as origin
from tallystick.interfaces.api import access, words
from tallystick.interfaces.services_v2 import gate
from tallystick.lib import errors, ids

LIMITS = "tallystick.limits"
"""Where a request keeps the headers that tell of its key's limits."""


class TooMany(errors.Refusal):
    """Say that the key asked too often; `facts` has the seconds to wait."""

    code = "rate_limited"


@dataclass(frozen=True, slots=True)
class Caller:
    """Hold who asks: `currency` is that of the customer, empty for the operator's programs."""

    facts: keyed.KeyFacts

    @property
    def viewer(self) -> Viewer:
        """Give the viewer that operations and queries take."""
        return self.facts.viewer

    @property
    def currency(self) -> str:
        """Name the currency of the customer."""
        return self.facts.currency


class Key(HttpBearer):
    """Let a live key pass that has the scope, and count it."""

    def __init__(self, resource: str, right: Right, *, takes: tuple[str, ...] = ("application/json",)) -> None:
        """Name the resource, the right, and the media types of the body."""
        super().__init__()
        self.resource, self.right, self.takes = resource, right, takes

    def __call__(self, request: HttpRequest) -> Caller:
        """Find the caller. Raises Unauthenticated, TooMany, NotAllowed, ContentTypeUnsupported."""
        address = origin.address(str(request.META.get("REMOTE_ADDR") or ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))
        facts = access.identify(request.headers.get("Authorization", ""), address=address)
        seconds = gate.admit(facts.key_id)
        request.META[LIMITS] = gate.headers(facts.key_id)
        if seconds:
            raise TooMany(f"This key asked too often. Come back in {seconds} seconds.", facts={"seconds": seconds})
        rules.permit_key(facts.viewer, self.resource, self.right)
        if request.content_type not in self.takes and request.method != "GET":
            words.check_content_type(request.headers.get("Content-Type", ""))
        return Caller(facts)

    def authenticate(self, request: HttpRequest, token: str) -> Any:  # noqa: ANN401 - ninja's own signature
        """Be what ninja asks for; `__call__` does it."""
        raise NotImplementedError


def of(request: HttpRequest) -> Caller:
    """Give who asks."""
    return cast("Caller", request.auth)  # type: ignore[attr-defined]  # ninja keeps what the key gave there


def customer_id(request: HttpRequest, named: str | None) -> int | None:
    """Tell which customer is meant: the key's own; for the operator's programs the named one, None for all. Raises NotFound."""
    caller = of(request)
    if named is None:
        return caller.viewer.customer_id
    wanted = ids.parse_integer("cus", named)
    return customers.customer(viewer=caller.viewer, customer_id=wanted).id


def one_customer(request: HttpRequest, named: str | None) -> int:
    """Tell which one customer is meant: the key's own, or the one that the operator's program names. Raises NotFound, Invalid."""
    found = customer_id(request, named)
    if found is None:
        raise errors.Invalid("Name the customer whose this is.", code="customer_missing", field="?customer")
    return found


def division_id(request: HttpRequest, named: str | None, customer: int | None) -> int | None:
    """Tell which division is meant, None for all in sight. Raises NotFound, also for one of another customer."""
    if named is None:
        return None
    wanted = words.division(named)
    caller = of(request)
    if customer is None:
        raise errors.Invalid("Name the customer beside the division.", code="customer_missing", field="?customer")
    return customers.division(viewer=caller.viewer, division_id=wanted, customer_id=customer).id
