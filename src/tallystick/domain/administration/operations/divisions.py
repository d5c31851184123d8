"""Grow, rename and close a customer's divisions, and switch separate division funds."""

from datetime import datetime

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import Act, Viewer, ViewerKind, permit
from tallystick.domain.funds import operations as funds
from tallystick.domain.funds.rules import Figures
from tallystick.domain.invoicing import queries as invoicing
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


class DivisionClosed(errors.Conflict):
    """Say that a closed division stays as it was."""

    code = "division_closed"


class DivisionNotEmpty(errors.Conflict):
    """Say what must be settled before a division can be closed."""

    code = "division_not_empty"


def _customer_of(viewer: Viewer, customer_id: int | None) -> int:
    permit(viewer, Act.ADMINISTER if viewer.kind is ViewerKind.STAFF else Act.CHANGE_SETTINGS)
    owner = customer_id if viewer.kind is ViewerKind.STAFF else viewer.customer_id
    assert owner is not None, "staff name the customer"
    return owner


@scope.retrying
def create_division(*, viewer: Viewer, parent_id: int, name: str, customer_id: int | None = None) -> int:
    """Add a division below another; with separate division funds it gets a fund of its own. Raises NotAllowed, NotFound, Invalid."""
    owner = _customer_of(viewer, customer_id)
    with scope.of(viewer):
        parent = known.division(viewer=viewer, division_id=parent_id, customer_id=owner)
        if parent.closed_at is not None:
            raise errors.Invalid(texts.marked("%(name)s is closed. Choose another division to stand under.", name=parent.name), field="parent")
        division_id = customers.add_division(customer_id=owner, parent_id=parent_id, name=name)
        separate = known.customer(viewer=viewer, customer_id=owner).separate_funds
        holder_id = division_id if separate else known.top_division_id(customer_id=owner)
        funds.open_fund(customer_id=owner, division_id=division_id, holder_id=holder_id)
        facts: dict[str, object] = {"division_id": division_id, "parent_id": parent_id, "name": name}
        customers.record_change(customer_id=owner, kind="division.opened", facts=facts, viewer=viewer)
    return division_id


@scope.retrying
def rename_division(*, viewer: Viewer, division_id: int, name: str, customer_id: int | None = None) -> bool:
    """Give an open division, also the top-level one, another name; tell whether anything changed.

    Lists and new documents show it at once; issued documents keep the name that they were issued with. Raises NotAllowed, NotFound,
    DivisionClosed, Invalid.
    """
    owner = _customer_of(viewer, customer_id)
    with scope.of(viewer):
        if known.division(viewer=viewer, division_id=division_id, customer_id=owner).closed_at is not None:
            raise DivisionClosed(texts.marked("A closed division keeps its name."))
        before, after = customers.rename_division_row(customer_id=owner, division_id=division_id, name=name)
        if before == after:
            return False
        facts: dict[str, object] = {"division_id": division_id, "before": {"name": before}, "after": {"name": after}}
        customers.record_change(customer_id=owner, kind="division.renamed", facts=facts, viewer=viewer)
    return True


@scope.retrying
def close_division(*, viewer: Viewer, division_id: int, now: datetime, customer_id: int | None = None) -> None:
    """Close a division for good; its money and unapplied credit move to the nearest open ancestor.

    Refused with unpaid invoices, pending purchase orders, open holds, a negative balance or open children.
    Raises NotAllowed, NotFound, DivisionNotEmpty.
    """
    owner = _customer_of(viewer, customer_id)
    with scope.of(viewer):
        figures = funds.lock(owner)
        tree = {division.id: division for division in known.divisions(viewer=viewer, customer_id=owner)}
        division = tree.get(division_id)
        if division is None:
            raise errors.NotFound(texts.marked("There is no such division."), field="division")
        if division.parent_id is None:
            raise DivisionNotEmpty(texts.marked("The top-level division stays open."), field="division")
        if division.closed_at is not None:
            return
        if any(child.parent_id == division_id and child.closed_at is None for child in tree.values()):
            raise DivisionNotEmpty(texts.marked("Close the divisions below %(name)s first.", name=division.name), field="division")
        _require_settled(viewer, owner, division_id, figures[division_id])
        ancestor = tree[division.parent_id]
        while ancestor.closed_at is not None and ancestor.parent_id is not None:
            ancestor = tree[ancestor.parent_id]
        into_id = ancestor.id if figures[division_id].fund_id == division_id else None
        if into_id is not None:
            funds.move_all(customer_id=owner, division_id=division_id, to_id=into_id)
        funds.close_fund(customer_id=owner, division_id=division_id, into_id=into_id)
        customers.close_division_row(customer_id=owner, division_id=division_id, now=now)
        facts: dict[str, object] = {"division_id": division_id, "moved_to": ancestor.id}
        customers.record_change(customer_id=owner, kind="division.closed", facts=facts, viewer=viewer)


def _require_settled(viewer: Viewer, customer_id: int, division_id: int, figures: Figures) -> None:
    if any(invoicing.open_amounts_by_division(customer_id=customer_id).get(division_id, (0, 0))):
        raise DivisionNotEmpty(texts.marked("Pay or void its unpaid invoices first."), field="division")
    if purchasing.pending_count(viewer=viewer, customer_id=customer_id, division_id=division_id):
        raise DivisionNotEmpty(texts.marked("Withdraw its pending purchase orders first, or have them decided."), field="division")
    own = figures.fund_id == division_id
    if own and figures.held_minor:
        raise DivisionNotEmpty(texts.marked("Capture or release its open holds first."), field="division")
    if own and figures.balance_minor < 0:
        raise DivisionNotEmpty(texts.marked("Its balance is negative. Transfer or deposit funds first."), field="division")


@scope.retrying
def switch_separate_funds(*, viewer: Viewer, separate: bool, customer_id: int | None = None) -> bool:
    """Give every division funds of its own, or join all at the top-level division; tell whether anything changed.

    On: everything stays at the top, whose available funds do not change; each unpaid invoice counts at its own division.
    Off: all is added up at the top; no available funds fall. Raises NotAllowed.
    """
    owner = _customer_of(viewer, customer_id)
    with scope.of(viewer):
        funds.lock(owner)
        if known.customer(viewer=viewer, customer_id=owner).separate_funds == separate:
            return False
        if separate:
            funds.separate_funds(customer_id=owner, unpaid_minor=invoicing.open_amounts_by_division(customer_id=owner))
        else:
            funds.join_funds(customer_id=owner, top_id=known.top_division_id(customer_id=owner))
        customers.set_separate_funds(customer_id=owner, separate=separate)
        customers.record_change(customer_id=owner, kind="separate_funds.switched", facts={"separate": separate}, viewer=viewer)
    return True
