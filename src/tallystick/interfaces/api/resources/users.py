"""Users of a customer: list them, invite one, change what one may do, end an access."""

from django.http import HttpRequest
from ninja import Query
from pydantic import ConfigDict, Field

from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.rules import CustomerRole, Viewer
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, conditions, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act, Need
from tallystick.interfaces.api.framework.shapes import Body, Line, Shape
from tallystick.lib import errors, ids

users = resource.Resource("users", tag="Users", prefix="/users")
RESOURCES = (users,)
_FIELDS = {"divisions": "division_ids"}


class UserExists(errors.Conflict):
    """Say that a person works for this customer already."""

    code = "user_exists"


class Of(Shape):
    """Say whose user is meant."""

    customer: str | None = Field(None, max_length=60, description="The operator's programs name the customer.")


class InvitationAsked(Body):
    """Let a person work for the customer; the first password is set by “Forgot your password?” on the sign-in page."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ana@northwind.example", "name": "Ana Silva", "role": "finance_manager", "division_ids": None}]}
    )

    email: Line = Field(examples=["ana@northwind.example"])
    name: Line = Field(examples=["Ana Silva"])
    role: CustomerRole = Field(strict=False, examples=["finance_manager"])
    division_ids: list[Line] | None = Field(None, min_length=1, max_length=1000, description="None: all divisions.")
    customer_id: Line | None = Field(None, description="The operator's programs name the customer.")


class AccessAsked(Body):
    """Say what a user may do from now on: all of it is sent, as it is to be."""

    role: CustomerRole = Field(strict=False, examples=["manager"])
    division_ids: list[Line] | None = Field(None, min_length=1, max_length=1000, description="None: all divisions.")
    is_active: bool = Field(default=True, description="False ends the access, and the keys that this user made.")
    customer_id: Line | None = Field(None, description="The operator's programs name the customer.")


class User(Shape):
    """Show who works for a customer, and as what."""

    id: str
    name: str
    email: str
    role: CustomerRole
    division_ids: list[str] | None
    is_active: bool


@users.reading("", answers=shapes.Listed[User])
def list_users(request: HttpRequest, asked: Query[Of]) -> Told:
    """List everybody who works or worked for the customer, by name."""
    found = queries.users(viewer=callers.of(request).viewer, customer_id=_customer(request, asked.customer, "?customer"))
    return Told(content=shapes.Listed[User](rows=[_user(one) for one in found], has_more=False))


@users.reading("/{user_id}", answers=User)
def get_user(request: HttpRequest, user_id: str, asked: Query[Of]) -> Told:
    """Open a user."""
    owner = _customer(request, asked.customer, "?customer")
    return _told(_found(callers.of(request).viewer, owner, ids.parse_integer("usr", user_id)))


@users.writing("", answers=User, status=201)
def invite_user(request: HttpRequest, asked: InvitationAsked) -> Act:
    """Invite a person; one who worked here before comes back."""
    viewer, owner, chosen = callers.of(request).viewer, _customer(request, asked.customer_id, "customer_id"), _divisions(asked.division_ids)

    def act() -> Told:
        try:
            rules.permit(viewer, rules.Act.ADMINISTER if viewer.kind is rules.ViewerKind.STAFF else rules.Act.MANAGE_USERS)
            person_id = operations.add_person(viewer=viewer, email=asked.email, name=asked.name)
            held = next((one for one in queries.users(viewer=viewer, customer_id=owner) if one.person_id == person_id), None)
            if held is not None and held.is_active:
                raise UserExists("This person works here already. Change the access instead.", field="email")
            operations.set_membership(viewer=viewer, customer_id=owner, person_id=person_id, role=asked.role, division_ids=chosen)
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        told = _told(_found(viewer, owner, person_id))
        return Told(content=told.content, etag=told.etag, headers={"Location": f"/api/v1/users/{ids.public('usr', person_id)}"})

    return act


@users.writing("/{user_id}/access", answers=User, match=Need.OPTIONAL)
def change_user(request: HttpRequest, user_id: str, asked: AccessAsked) -> Act:
    """Change a user's role and divisions, or end the access: keys that the user made follow at once."""
    viewer, owner = callers.of(request).viewer, _customer(request, asked.customer_id, "customer_id")
    person_id, chosen = ids.parse_integer("usr", user_id), _divisions(asked.division_ids)

    def act() -> Told:
        held = _found(viewer, owner, person_id)
        conditions.require(request, _told(held).etag)
        mark = rules.standing(held.role, held.division_ids, is_active=held.is_active)
        try:
            operations.set_membership(
                viewer=viewer,
                customer_id=owner,
                person_id=person_id,
                role=asked.role,
                division_ids=chosen,
                is_active=asked.is_active,
                expected=mark,
            )
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        return _told(_found(viewer, owner, person_id))

    return act


def _customer(request: HttpRequest, named: str | None, field: str) -> int:
    found = callers.customer_id(request, named)
    if found is None:
        raise errors.Invalid("Name the customer.", code="customer_missing", field=field)
    return found


def _divisions(named: list[str] | None) -> list[int] | None:
    return None if named is None else [words.division(one, field="division_ids") for one in named]


def _found(viewer: Viewer, owner: int, person_id: int) -> queries.User:
    scope.write_gathered()
    found = next((one for one in queries.users(viewer=viewer, customer_id=owner) if one.person_id == person_id), None)
    if found is None:
        raise errors.NotFound("There is no such user.")
    return found


def _told(found: queries.User) -> Told:
    return Told(content=_user(found), etag=conditions.tag(rules.standing(found.role, found.division_ids, is_active=found.is_active)))


def _user(found: queries.User) -> User:
    return User(
        id=ids.public("usr", found.person_id),
        name=found.name,
        email=found.email,
        role=found.role,
        division_ids=None if found.division_ids is None else [ids.public("div", one) for one in found.division_ids],
        is_active=found.is_active,
    )
