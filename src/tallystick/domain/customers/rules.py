"""Say who may do what: the two tables of product.md, and the viewer that every operation and query is given."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tallystick.lib import errors, texts

PAYMENT_METHODS = ("card", "bank_transfer", "unapplied_credit", "balance")
"""What a customer's settings may allow, in the order of the pages; the names are those of payments."""
DEPOSIT_METHODS = frozenset({"card", "bank_transfer"})
"""Those by which money comes in."""

TOLERANCE = "write_off_tolerance.{currency}"
"""Name the operator's setting of how much one approver writes off alone, in minor units of the currency."""


class ViewerKind(StrEnum):
    """Tell what stands behind a request."""

    CUSTOMER = "customer"
    KEY = "key"
    STAFF = "staff"
    SYSTEM = "system"


def every_method() -> list[str]:
    """List all methods: what a new customer may pay by."""
    return list(PAYMENT_METHODS)


class CustomerRole(StrEnum):
    """Name the documented roles of a customer's users."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    FINANCE_MANAGER = "finance_manager"
    STANDARD_USER = "standard_user"
    LIMITED_USER = "limited_user"


class StaffRole(StrEnum):
    """Name the operator's roles."""

    CLERK = "clerk"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class CreditRule(StrEnum):
    """Say which unpaid invoices count against available funds (money.md section 2)."""

    CONSUMPTION = "consumption"
    ALL_UNPAID = "all_unpaid"


class Act(StrEnum):
    """Name what a role permits, a column of product.md's tables each."""

    SEE_FINANCES = "see_finances"
    WRITE_ORDERS = "write_orders"
    PAY = "pay"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_KEYS = "manage_keys"
    MANAGE_USERS = "manage_users"
    CHARGE = "charge"
    SEE_ALL = "see_all"
    ENTER = "enter"
    APPROVE = "approve"
    ADMINISTER = "administer"


_FINANCE = frozenset({Act.SEE_FINANCES, Act.WRITE_ORDERS, Act.PAY})
_CUSTOMER_ACTS: dict[CustomerRole, frozenset[Act]] = {
    CustomerRole.ADMINISTRATOR: _FINANCE | {Act.CHANGE_SETTINGS, Act.MANAGE_KEYS, Act.MANAGE_USERS},
    CustomerRole.MANAGER: _FINANCE,
    CustomerRole.FINANCE_MANAGER: _FINANCE | {Act.MANAGE_KEYS},
    CustomerRole.STANDARD_USER: frozenset(),
    CustomerRole.LIMITED_USER: frozenset(),
}
_STAFF_ACTS: dict[StaffRole, frozenset[Act]] = {
    StaffRole.CLERK: frozenset({Act.SEE_ALL, Act.SEE_FINANCES, Act.ENTER}),
    StaffRole.APPROVER: frozenset({Act.SEE_ALL, Act.SEE_FINANCES, Act.ENTER, Act.APPROVE}),
    StaffRole.AUDITOR: frozenset({Act.SEE_ALL, Act.SEE_FINANCES}),
    StaffRole.ADMINISTRATOR: frozenset({Act.SEE_ALL, Act.SEE_FINANCES, Act.ADMINISTER}),
}
_ALIAS = {ViewerKind.CUSTOMER: "default", ViewerKind.KEY: "default", ViewerKind.STAFF: "operator", ViewerKind.SYSTEM: "worker"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Stand for who asks: a customer's user, a key, a member of the operator's staff, or the worker.

    `division_ids` None means unrestricted. A key has the role of its user and the acts that the key itself was given (`acts`).
    """

    kind: ViewerKind
    name: str
    person_id: int | None = None
    customer_id: int | None = None
    role: CustomerRole | None = None
    division_ids: frozenset[int] | None = None
    staff_role: StaffRole | None = None
    acts: frozenset[Act] | None = None

    @property
    def alias(self) -> str:
        """Name the database connection, and so the database role, that this viewer works with."""
        return _ALIAS[self.kind]


def system(customer_id: int) -> Viewer:
    """Make the worker's viewer for one customer."""
    return Viewer(kind=ViewerKind.SYSTEM, name="Tallystick", customer_id=customer_id)


def owner(viewer: Viewer, customer_id: int | None = None) -> int:
    """Tell whose rows are meant: the viewer's own customer, or the one that staff name. Raises NotFound for another's."""
    if customer_id is not None and viewer.customer_id not in (None, customer_id):
        raise errors.NotFound(texts.marked("There is no such customer."))
    chosen = customer_id if viewer.customer_id is None else viewer.customer_id
    assert chosen is not None, "staff name the customer"
    return chosen


def permits(viewer: Viewer, act: Act) -> bool:
    """Tell whether the viewer's role permits the act; a restricted administrator changes no settings and invites nobody outside."""
    if viewer.kind is ViewerKind.SYSTEM:
        return True
    if viewer.kind is ViewerKind.STAFF:
        return viewer.staff_role is not None and act in _STAFF_ACTS[viewer.staff_role]
    if viewer.acts is not None and act not in viewer.acts:
        return False
    if viewer.kind is ViewerKind.KEY and act is Act.CHARGE:
        return viewer.acts is not None
    if viewer.role is None:
        return False
    if act is Act.CHANGE_SETTINGS and viewer.division_ids is not None:
        return False
    return act in _CUSTOMER_ACTS[viewer.role]


def permit(viewer: Viewer, act: Act) -> None:
    """Let the act pass. Raises NotAllowed."""
    if not permits(viewer, act):
        raise errors.NotAllowed(texts.marked("Your role does not allow this. Ask an administrator of your account."))


def sees_division(viewer: Viewer, division_id: int) -> bool:
    """Tell whether the viewer may see and do finance work for the division."""
    return viewer.division_ids is None or division_id in viewer.division_ids


def permit_division(viewer: Viewer, division_id: int) -> None:
    """Let a division pass. Raises NotFound, so that the answer tells nothing about divisions out of sight."""
    if not sees_division(viewer, division_id):
        raise errors.NotFound(texts.marked("There is no such division."), field="division")


def standing(role: str, division_ids: Collection[int] | None, *, is_active: bool) -> str:
    """Mark what a user may do by now, for a form to carry: another mark means that a colleague changed it meanwhile."""
    divisions = "all" if division_ids is None else ",".join(str(one) for one in sorted(division_ids))
    return hashlib.sha256(f"{role} {divisions} {is_active}".encode()).hexdigest()[:16]
