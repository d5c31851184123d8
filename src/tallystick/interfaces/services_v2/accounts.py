"""Answer what clients call first: account, container, container/{id}, user/me."""

from datetime import datetime
from typing import Protocol

from tallystick.domain.customers import queries as customers
from tallystick.domain.customers.rules import Act, CustomerRole, Right, key_permits, permits
from tallystick.domain.funds import queries as funds
from tallystick.integrations.postgres import scope
from tallystick.interfaces.services_v2 import answers, asked, door, lists
from tallystick.lib import errors, ids, money

_ROLES = {
    CustomerRole.ADMINISTRATOR: (1, "Administrator"),
    CustomerRole.LIMITED_USER: (2, "Limited user"),
    CustomerRole.FINANCE_MANAGER: (3, "Finance manager"),
    CustomerRole.MANAGER: (4, "Manager"),
    CustomerRole.STANDARD_USER: (5, "Standard user"),
}


class _Division(Protocol):
    """Name what is shown of a division."""

    id: int
    name: str
    description: str
    parent_id: int | None
    closed_at: datetime | None


COLUMNS = ("id", "public_id", "name", "description", "parent_id", "is_active")


@door.opened("GET", "HEAD")
def account(caller: door.Caller) -> answers.Answer:
    """Show the account of the key; its credit limit only to who may see finances."""
    with scope.of(caller.viewer):
        owner = customers.customer(viewer=caller.viewer)
        seller = customers.legal_entity(legal_entity_id=owner.legal_entity_id)
        administrators = [user for user in customers.users(viewer=caller.viewer) if user.role is CustomerRole.ADMINISTRATOR and user.is_active]
        top_id = customers.top_division_id(customer_id=caller.customer_id)
        limit_minor = funds.read_figures(customer_id=caller.customer_id)[top_id].limit_minor
    first = min(administrators, key=lambda user: user.person_id, default=None)
    made: dict[str, object] = {
        "id": caller.customer_id,
        "admin_email": first.email if first else owner.billing_email,
        "is_cert_central": True,
        "cert_central_type": "enterprise",
        "primary_organization_name": owner.name,
        "primary_organization_country": owner.country.lower(),
        "root_container_id": top_id,
        "rep_name": seller.name,
        "rep_email": seller.email,
        "display_rep": True,
        "currency": caller.currency,
    }
    if limit_minor is not None and key_permits(caller.viewer, "balance", Right.READ) and permits(caller.viewer, Act.SEE_FINANCES):
        made["balance_negative_limit"] = limit_minor // 10 ** money.exponent(caller.currency)
    return answers.shown(made)


@door.opened("GET", "HEAD")
def containers(caller: door.Caller) -> answers.Answer:
    """List the containers in sight of the key, the top-level one first, then by name."""
    query = asked.read(caller.request.META.get("QUERY_STRING", ""))
    limit, offset = asked.page(query)
    terms = asked.terms(query, frozenset(COLUMNS))
    rows = [_container(one) for one in customers.divisions(viewer=caller.viewer)]
    for term in reversed(terms):
        rows.sort(key=lambda row, name=term.field: row[name], reverse=term.is_descending)  # type: ignore[misc]  # one type in each column
    return lists.answer(caller, "containers", rows[offset : offset + limit], COLUMNS, (len(rows), limit, offset))


@door.opened("GET", "HEAD")
def container(caller: door.Caller, written: str) -> answers.Answer:
    """Show one container."""
    if not (written.isascii() and written.isdecimal()) or len(written) > len(str(2**63)) - 1:
        raise errors.NotFound("There is no such container.")
    return answers.shown(_container(customers.division(viewer=caller.viewer, division_id=int(written))))


@door.opened("GET", "HEAD")
def user_me(caller: door.Caller) -> answers.Answer:
    """Show whose key it is, and what that person may do."""
    viewer = caller.viewer
    with scope.of(viewer):
        me = next((user for user in customers.users(viewer=viewer) if user.person_id == viewer.person_id), None)
        seen = customers.divisions(viewer=viewer)
    name = me.name if me else viewer.name
    first, _, last = name.strip().rpartition(" ")
    number, role = _ROLES[viewer.role or CustomerRole.LIMITED_USER]
    made: dict[str, object] = {
        "id": viewer.person_id,
        "username": me.email if me else name,
        "account_id": caller.customer_id,
        "first_name": first or last,
        "last_name": last if first else "",
        "email": me.email if me else "",
        "status": "active",
        "access_roles": [{"id": number, "name": role}],
        "has_container_assignments": viewer.division_ids is not None,
    }
    if seen:
        made["container"] = {"id": seen[0].id, "name": seen[0].name}
    return answers.shown(made)


def _container(one: _Division) -> dict[str, object]:
    return {
        "id": one.id,
        "public_id": ids.public("div", one.id),
        "name": one.name,
        "description": one.description,
        "parent_id": one.parent_id or 0,
        "is_active": one.closed_at is None,
    }
