"""Tell who asks: the signed-in person, in the seat (customer or operator's staff) that the session has chosen."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from tallystick.domain.customers import queries, rules
from tallystick.interfaces.web import sitting, words
from tallystick.lib import errors, texts

SESSION_CUSTOMER = "customer_id"
"""The session's chosen customer; 0 or nothing is the staff seat of a member of staff, else the first customer by name."""


@dataclass(frozen=True, slots=True)
class Other:
    """A seat that the person may switch to; `customer_id` None is the operator's staff. `zone` is the legal entity's, of staff the first one's."""

    customer_id: int | None
    place: str
    zone: str
    role: rules.CustomerRole | None = None
    division_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A place from which a person works: one customer's user, or the operator's staff; `place` names the customer or operator."""

    viewer: rules.Viewer
    place: str
    others: tuple[Other, ...]

    @property
    def role_name(self) -> str:
        """Name the role as it is shown: Finance manager."""
        role = self.viewer.staff_role or self.viewer.role
        return str(words.ROLES[role]) if role else ""


def seat_of(request: HttpRequest) -> Seat:
    """Find the seat of the signed-in person, and go by its day until the answer is made. Raises NotAllowed where there is none."""
    found = _signed_in(request)
    places = _places(found)
    if not places:
        raise errors.NotAllowed(
            texts.marked("You can sign in, but no customer has given you access yet. Ask an administrator of your company."), code="no_seat"
        )
    wanted = request.session.get(SESSION_CUSTOMER)
    chosen = next((place for place in places if place.customer_id == wanted), places[0])
    others = tuple(place for place in places if place is not chosen)
    timezone.activate(chosen.zone)  # languages.by_browser takes it back
    if chosen.customer_id is None:
        staff = rules.Viewer(
            kind=rules.ViewerKind.STAFF, name=found.person.name, person_id=found.person.id, staff_role=found.staff_role, zone=chosen.zone
        )
        return Seat(staff, chosen.place, others)
    viewer = rules.Viewer(
        kind=rules.ViewerKind.CUSTOMER,
        name=found.person.name,
        person_id=found.person.id,
        customer_id=chosen.customer_id,
        role=chosen.role,
        division_ids=chosen.division_ids,
        zone=chosen.zone,
    )
    return Seat(viewer, chosen.place, others)


def take_seat(request: HttpRequest, customer_id: int | None) -> None:
    """Work in another seat from now on. Raises NotFound where the person has no such seat."""
    if customer_id not in {place.customer_id for place in _places(_signed_in(request))}:
        raise errors.NotFound(texts.marked("There is no such customer."), field="customer")
    request.session[SESSION_CUSTOMER] = customer_id


def _signed_in(request: HttpRequest) -> queries.SignedIn:
    """Take what was loaded with the session's person (sitting.Backend); who signs in with this very request is looked up."""
    loaded: queries.SignedIn | None = getattr(request.user, sitting.ATTRIBUTE, None)
    found = loaded or queries.signed_in(person_id=cast("int", request.user.pk))
    assert found is not None, "the signed-in person is there"
    return found


def _places(found: queries.SignedIn) -> list[Other]:
    """List the seats of a person: the operator's first, then the customers by name."""
    places = [Other(seat.customer_id, seat.customer_name, seat.zone, seat.role, seat.division_ids) for seat in found.seats]
    return [Other(None, found.operator_name or gettext("Operator"), found.operator_zone), *places] if found.staff_role else places
