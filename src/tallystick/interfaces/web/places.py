"""Know the divisions that a viewer may choose, and whose the page is; a division is part of the address, never of a cookie."""

from dataclasses import dataclass, replace
from typing import Protocol

from django.http import HttpResponse
from django.shortcuts import redirect

from tallystick.domain.customers import queries, rules
from tallystick.interfaces.web import page
from tallystick.lib import errors, ids, texts


@dataclass(frozen=True, slots=True)
class Place:
    """A division as pages name it; `note` stands behind the name in a dropdown."""

    id: int
    name: str
    is_top: bool
    note: str = ""


class Account(Protocol):
    """Name what pages need of the customer's row; amounts in minor units of `currency`."""

    id: int
    name: str
    currency: str
    address: str
    country: str
    vat_number: str
    legal_entity_id: int
    tax_rate_id: int | None
    terms_days: int
    separate_funds: bool
    notify_below_minor: int | None
    billing_name: str
    billing_email: str
    recipients: list[str]
    payment_methods: list[str]
    default_method: str
    version: int


@dataclass(frozen=True, slots=True)
class Places:
    """What every page of a customer starts from: the customer, the open divisions in sight, and the chosen one."""

    customer: Account
    divisions: list[Place]
    here: Place

    @property
    def currency(self) -> str:
        """Give the customer's one currency."""
        return self.customer.currency

    @property
    def several_funds(self) -> bool:
        """Tell whether divisions have funds of their own and there is more than one to choose."""
        return self.customer.separate_funds and len(self.divisions) > 1

    def name(self, division_id: int) -> str:
        """Name a division, empty where it is out of sight."""
        return next((place.name for place in self.divisions if place.id == division_id), "")


def of(viewer: rules.Viewer, division_id: int | None = None) -> Places:
    """Load the places inside the running scope; without a division the top-level one in sight. Raises NotFound."""
    found = [Place(row.id, row.name, row.parent_id is None) for row in queries.divisions(viewer=viewer) if row.closed_at is None]
    found.sort(key=lambda place: (not place.is_top, place.name.casefold()))
    if not found:
        raise errors.NotFound(texts.marked("There is no division that you may see."), field="division")
    here = next((place for place in found if place.id == division_id), None if division_id else found[0])
    if here is None:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    return Places(queries.customer(viewer=viewer), found, here)


def near(viewer: rules.Viewer, division_id: int | None) -> Places:
    """Load the places at a division; at the first one in sight where that is closed, so that old documents stay readable."""
    every = of(viewer)
    here = next((place for place in every.divisions if place.id == division_id), every.here)
    return replace(every, here=here)


def send_on(request: page.Seen, route: str) -> HttpResponse:
    """Go from an address without division, or from the dropdown's `?division=`, to the division's own address."""
    asked = request.GET.get("division", "")
    here = of(request.viewer, ids.parse_integer("div", asked) if asked else None).here
    rest = request.GET.copy()
    rest.pop("division", None)
    answer = redirect(route, division_id=here.id)
    if rest:
        answer["Location"] += "?" + rest.urlencode()
    return answer
