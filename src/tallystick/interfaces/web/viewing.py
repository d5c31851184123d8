"""Tell who asks: the signed-in person, in the seat (customer or operator's staff) that the session has chosen."""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest

from tallystick.domain.customers import queries, rules
from tallystick.lib import errors

SESSION_CUSTOMER = "customer_id"
"""The session's chosen customer; without it a member of staff works as staff, anybody else in their first customer."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place from which a person works: one customer's user, or the operator's staff.

    `others` are the seats that the person may switch to; a `place` is the customer's or operator's name.
    """

    viewer: rules.Viewer
    place: str
    others: tuple[queries.Seat, ...]

    @property
    def role_name(self) -> str:
        """Name the role as it is shown: Finance manager."""
        role = self.viewer.staff_role or self.viewer.role
        return role.value.replace("_", " ").capitalize() if role else ""


def seat_of(request: HttpRequest) -> Seat:
    """Find the seat of the signed-in person. Raises NotAllowed where there is none."""
    person_id = cast("int", request.user.pk)
    seats = queries.seats(person_id=person_id)
    if not seats:
        raise errors.NotAllowed("You can sign in, but no customer has given you access yet. Ask an administrator of your company.", code="no_seat")
    wanted = request.session.get(SESSION_CUSTOMER, seats[0].customer_id)
    chosen = next((seat for seat in seats if seat.customer_id == wanted), seats[0])
    return Seat(viewer=chosen.viewer, place=chosen.place, others=tuple(seat for seat in seats if seat is not chosen))


def take_seat(request: HttpRequest, customer_id: int | None) -> None:
    """Work in another seat from now on. Raises NotFound where the person has no such seat."""
    if customer_id not in {seat.customer_id for seat in queries.seats(person_id=cast("int", request.user.pk))}:
        raise errors.NotFound("There is no such customer.", field="customer")
    request.session[SESSION_CUSTOMER] = customer_id
