"""Divisions: list and open those in sight, add one below another, rename one, close one."""

import hashlib
from datetime import UTC, datetime
from typing import Literal, Protocol

from django.http import HttpRequest
from ninja import Query
from pydantic import ConfigDict, Field

from tallystick.domain.administration import operations
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, conditions, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Shape
from tallystick.lib import errors, ids

divisions = resource.Resource("divisions", tag="Divisions", prefix="/divisions")
RESOURCES = (divisions,)


class _Row(Protocol):
    """Name what is shown of a division."""

    id: int
    parent_id: int | None
    name: str
    closed_at: datetime | None


class DivisionsAsked(Shape):
    """Narrow the list."""

    status: Literal["open", "closed"] | None = None
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class DivisionNamed(Shape):
    """Say whose division it is."""

    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")


class DivisionAsked(Body):
    """Add a division."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Research"}]})

    name: str = Field(min_length=1, max_length=200, pattern=shapes.PRINTABLE, examples=["Research"])
    parent_id: Line | None = Field(None, description="What it stands under; without it, the top-level division.")
    customer_id: Line | None = Field(None, description="For programs of the operator.")


class DivisionChanged(Body):
    """Give a division another name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Research and development"}]})

    name: str = Field(min_length=1, max_length=200, pattern=shapes.PRINTABLE, examples=["Research and development"])


class Division(Shape):
    """Show a division."""

    id: str
    name: str
    status: Literal["open", "closed"]
    is_top: bool
    parent_id: str | None = Field(description="Null for the top-level division, and where the key does not see what it stands under.")
    closed_at: Instant | None


@divisions.reading("", answers=shapes.Listed[Division])
def list_divisions(request: HttpRequest, asked: Query[DivisionsAsked]) -> Told:
    """List the divisions in sight: the top-level one first, then by name."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.SEE_FINANCES)
    found = queries.divisions(viewer=viewer, customer_id=callers.one_customer(request, asked.customer))
    shown = [_show(viewer, one) for one in found]
    rows = [one for one in shown if asked.status in {None, one.status}]
    return Told(content=shapes.Listed[Division](rows=rows, has_more=False))


@divisions.reading("/{division_id}", answers=Division)
def get_division(request: HttpRequest, division_id: str, asked: Query[DivisionNamed]) -> Told:
    """Open a division."""
    viewer = callers.of(request).viewer
    rules.permit(viewer, Act.SEE_FINANCES)
    return _told(viewer, _found(viewer, division_id, callers.one_customer(request, asked.customer)))


@divisions.writing("", answers=Division, status=201)
def create_division(request: HttpRequest, asked: DivisionAsked) -> resource.Act:
    """Add a division below another: with separate division funds it has a balance of its own."""
    viewer = callers.of(request).viewer
    owner = callers.customer_id(request, asked.customer_id)
    if owner is None:
        raise errors.Invalid("Name the customer whose division it is.", code="customer_missing", field="customer_id")

    def act() -> Told:
        _permit(viewer)
        if asked.parent_id is None:
            parent_id = queries.top_division_id(customer_id=owner)
        else:
            parent_id = _found(viewer, asked.parent_id, owner, field="parent_id").id
        try:
            made = operations.create_division(viewer=viewer, parent_id=parent_id, name=asked.name, customer_id=owner)
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, {"parent": "parent_id"}) from refusal
        scope.write_gathered()
        return _told(viewer, queries.division(viewer=viewer, division_id=made, customer_id=owner), created=True)

    return act


@divisions.writing("/{division_id}/change", answers=Division, match=resource.Need.OPTIONAL)
def rename_division(request: HttpRequest, division_id: str, asked: DivisionChanged, named: Query[DivisionNamed]) -> resource.Act:
    """Give an open division another name: issued documents keep the one that they were issued with."""
    viewer = callers.of(request).viewer
    owner = callers.one_customer(request, named.customer)

    def act() -> Told:
        _permit(viewer)
        found = _found(viewer, division_id, owner)
        conditions.require(request, _tag(found))
        operations.rename_division(viewer=viewer, division_id=found.id, customer_id=owner, name=asked.name)
        scope.write_gathered()
        return _told(viewer, queries.division(viewer=viewer, division_id=found.id, customer_id=owner))

    return act


@divisions.writing("/{division_id}/closure", answers=Division, match=resource.Need.OPTIONAL)
def close_division(request: HttpRequest, division_id: str, asked: Query[DivisionNamed]) -> resource.Act:
    """Close a division for good: its money moves to the nearest open one above it. Refused while something of it is unsettled."""
    viewer = callers.of(request).viewer
    owner = callers.one_customer(request, asked.customer)

    def act() -> Told:
        _permit(viewer)
        found = _found(viewer, division_id, owner)
        conditions.require(request, _tag(found))
        operations.close_division(viewer=viewer, division_id=found.id, customer_id=owner, now=datetime.now(UTC))
        scope.write_gathered()
        return _told(viewer, queries.division(viewer=viewer, division_id=found.id, customer_id=owner))

    return act


def _permit(viewer: Viewer) -> None:
    """Refuse who may change nothing before anything is looked up. Raises NotAllowed."""
    rules.permit(viewer, Act.ADMINISTER if viewer.kind is rules.ViewerKind.STAFF else Act.CHANGE_SETTINGS)


def _found(viewer: Viewer, written: str, customer_id: int, *, field: str | None = None) -> _Row:
    """Find a division in sight. Raises NotFound, alike for all that are not."""
    try:
        return queries.division(viewer=viewer, division_id=words.division(written), customer_id=customer_id)
    except errors.NotFound:
        raise errors.NotFound("There is no such division.", code="division_not_found", field=field) from None


def _tag(row: _Row) -> str:
    return conditions.tag(row.id, hashlib.sha256(row.name.encode()).hexdigest()[:12], "open" if row.closed_at is None else "closed")


def _told(viewer: Viewer, row: _Row, *, created: bool = False) -> Told:
    shown = _show(viewer, row)
    return Told(content=shown, etag=_tag(row), headers={"Location": f"/api/v1/divisions/{shown.id}"} if created else {})


def _show(viewer: Viewer, row: _Row) -> Division:
    above = row.parent_id
    return Division(
        id=ids.public("div", row.id),
        name=row.name,
        status="open" if row.closed_at is None else "closed",
        is_top=above is None,
        parent_id=ids.public("div", above) if above is not None and rules.sees_division(viewer, above) else None,
        closed_at=row.closed_at,
    )
