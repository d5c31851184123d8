"""Transfers: move own and free money from one division to another, list and open what was moved."""

from django.http import HttpRequest
from ninja import Query
from pydantic import ConfigDict, Field

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Act, Viewer
from tallystick.domain.funds import operations, transfers
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, conditions, paging, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, money
from tallystick.interfaces.api.resources import deposits
from tallystick.lib import errors, ids

moved = resource.Resource("transfers", tag="Transfers", prefix="/transfers")
RESOURCES = (moved,)
_PREFIX = "trf"
_FIELDS = {"amount": "amount/amount", "to_division": "to_division_id", "division": "from_division_id"}


class TransferAsked(Body):
    """Move an amount from one division with funds of its own to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from_division_id": "div_0000000000001",
                    "to_division_id": "div_0000000000002",
                    "amount": {"amount": "100.00", "currency": "USD"},
                }
            ]
        }
    )

    from_division_id: Line
    to_division_id: Line
    amount: MoneyAsked


class TransfersAsked(shapes.Paged):
    """Narrow a list of transfers."""

    division: str | None = Field(None, max_length=60, description="On either side.")
    customer: str | None = Field(None, max_length=60, description="For programs of the operator.")
    created_from: shapes.Moment | None = Field(None, alias="created[gte]")
    created_before: shapes.Moment | None = Field(None, alias="created[lt]")


class Transfer(Shape):
    """Show a transfer. Null stands for a division that the key does not see."""

    id: str
    from_division_id: str | None
    to_division_id: str | None
    amount: Money
    created_at: Instant


@moved.reading("", answers=shapes.Listed[Transfer])
def list_transfers(request: HttpRequest, asked: Query[TransfersAsked]) -> Told:
    """List transfers that touch a division in sight, newest first."""
    at = paging.numbered(asked, _PREFIX)
    customer = callers.one_customer(request, asked.customer)
    narrowed = transfers.TransferFilter(
        customer_id=customer,
        division_id=callers.division_id(request, asked.division, customer),
        before=at.older_than,
        after=at.newer_than,
        created_from=asked.created_from,
        created_before=asked.created_before,
        limit=at.limit,
    )
    found = transfers.transfers(viewer=callers.of(request).viewer, narrowed=narrowed)
    return paging.told(request, found, at, prefix=_PREFIX, shape=shapes.Listed[Transfer], show=_show)


@moved.reading("/{transfer_id}", answers=Transfer)
def get_transfer(request: HttpRequest, transfer_id: str) -> Told:
    """Open a transfer."""
    return _told(_found(callers.of(request).viewer, ids.parse_integer(_PREFIX, transfer_id)))


@moved.writing("", answers=Transfer, status=201, key=resource.Need.REQUIRED, keep_forever=True)
def create_transfer(request: HttpRequest, asked: TransferAsked) -> resource.Act:
    """Move money to another division: at most what is movable, for credit stays where it is. Needs separate division funds."""
    caller = callers.of(request)
    viewer = caller.viewer
    rules.permit(viewer, Act.PAY)
    key = deposits.domain_key("transfer", viewer, request.headers["Idempotency-Key"])

    def act() -> Told:
        try:
            made = operations.transfer(
                viewer=viewer,
                from_division_id=_division(viewer, asked.from_division_id, "from_division_id"),
                to_division_id=_division(viewer, asked.to_division_id, "to_division_id"),
                amount_minor=shapes.minor(asked.amount, caller.currency),
                idempotency_key=key,
            )
        except errors.Refusal as refusal:
            raise bodies.repointed(refusal, _FIELDS) from refusal
        scope.write_gathered()
        return _told(_found(viewer, made), created=True)

    return act


def _found(viewer: Viewer, transfer_id: int) -> transfers.Transferred:
    """Find a transfer that touches a division in sight. Raises NotFound."""
    found = transfers.transfer(viewer=viewer, transfer_id=transfer_id)
    if found is None:
        raise errors.NotFound("There is no such transfer.", code="transfer_not_found")
    return found


def _division(viewer: Viewer, written: str, field: str) -> int:
    """Find a division in sight. Raises NotFound that points at the field."""
    try:
        return customers.division(viewer=viewer, division_id=words.division(written)).id
    except errors.NotFound:
        raise errors.NotFound("There is no such division.", code="division_not_found", field=field) from None


def _told(found: transfers.Transferred, *, created: bool = False) -> Told:
    shown = _show(found)
    headers = {"Location": f"/api/v1/transfers/{shown.id}"} if created else {}
    return Told(content=shown, etag=conditions.tag(found.id), headers=headers)


def _show(found: transfers.Transferred) -> Transfer:
    def named(division_id: int | None) -> str | None:
        return None if division_id is None else ids.public("div", division_id)

    return Transfer(
        id=ids.public(_PREFIX, found.id),
        from_division_id=named(found.from_division_id),
        to_division_id=named(found.to_division_id),
        amount=money(found.amount_minor, found.currency),
        created_at=found.posted_at,
    )
