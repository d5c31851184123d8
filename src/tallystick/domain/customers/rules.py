"""Say who may do what: the two tables of product.md, and the viewer that every operation and query is given."""

import hashlib
import ipaddress
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

    `division_ids` None means unrestricted. A key has the role of its user, the scopes that the key itself was given (`scopes`), and the acts
    that those take (`acts`); for everybody else both are None. `zone` is the one by whose days histories and statements count, and pages say what
    day it is: the legal entity's for people, UTC for programs.
    """

    kind: ViewerKind
    name: str
    person_id: int | None = None
    customer_id: int | None = None
    role: CustomerRole | None = None
    division_ids: frozenset[int] | None = None
    staff_role: StaffRole | None = None
    acts: frozenset[Act] | None = None
    scopes: frozenset[str] | None = None
    zone: str = "UTC"

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


class Right(StrEnum):
    """Name what a key may do with a resource; writing includes reading."""

    READ = "read"
    WRITE = "write"


class KeyKind(StrEnum):
    """Tell for whom a program works: a customer's people, or the operator's staff."""

    CUSTOMER = "customer"
    OPERATOR = "operator"


class KeyMode(StrEnum):
    """Tell by a key's first letters whether it moves real money: keys of a demo are test keys."""

    LIVE = "live"
    TEST = "test"


KEY_STARTS = {KeyKind.CUSTOMER: "tsk", KeyKind.OPERATOR: "tso"}
"""How a key begins, before its mode: tsk_live_, tso_test_."""

RESOURCES: dict[str, Act] = {
    "balance": Act.SEE_FINANCES,
    "purchase_orders": Act.WRITE_ORDERS,
    "invoices": Act.PAY,
    "payments": Act.PAY,
    "deposits": Act.PAY,
    "charges": Act.CHARGE,
    "holds": Act.CHARGE,
    "refunds": Act.CHARGE,
    "transfers": Act.PAY,
    "unapplied_credit": Act.PAY,
    "statements": Act.SEE_FINANCES,
    "divisions": Act.CHANGE_SETTINGS,
    "customers": Act.CHANGE_SETTINGS,
    "users": Act.MANAGE_USERS,
    "keys": Act.MANAGE_KEYS,
    "events": Act.SEE_FINANCES,
    "webhooks": Act.MANAGE_KEYS,
    "imports": Act.ADMINISTER,
}
"""What a key's scopes speak of, and the act that writing takes beside the scope; reading takes SEE_FINANCES."""
_READ_TOO = frozenset({Act.MANAGE_KEYS, Act.MANAGE_USERS, Act.ADMINISTER})
"""Acts that reading takes as well: nobody without them sees other people's keys."""
SCOPES = tuple(f"{resource}:{right}" for resource in RESOURCES for right in Right)


class ScopeMissing(errors.NotAllowed):
    """Say that the key was not given the scope that this takes."""

    code = "scope_missing"


def key_permits(viewer: Viewer, resource: str, right: Right) -> bool:
    """Tell whether a key's scopes reach so far; whoever has no scopes is no key, and is not narrowed by any."""
    if viewer.scopes is None:
        return viewer.kind is not ViewerKind.KEY
    return f"{resource}:{Right.WRITE}" in viewer.scopes or f"{resource}:{right}" in viewer.scopes


def permit_key(viewer: Viewer, resource: str, right: Right, *, division_id: int | None = None) -> None:
    """Let a key read or write a resource, in a division where one is named. Raises ScopeMissing; NotFound for a division out of its sight."""
    if not key_permits(viewer, resource, right):
        raise ScopeMissing(texts.marked("This key needs the scope %(scope)s for this.", scope=f"{resource}:{right}"))
    if division_id is not None:
        permit_division(viewer, division_id)


@dataclass(frozen=True, slots=True)
class KeyRights:
    """Hold what a key may do: for whom it works, the role of its person, its divisions (None: all), its scopes."""

    kind: KeyKind
    role: str
    division_ids: frozenset[int] | None
    scopes: frozenset[str]


def key_viewer(rights: KeyRights, *, name: str, person_id: int | None, customer_id: int | None) -> Viewer:
    """Make the viewer that stands behind a key: a customer's program, or the operator's, which sees what its member of staff sees."""
    if rights.kind is KeyKind.OPERATOR:
        return Viewer(kind=ViewerKind.STAFF, name=name, person_id=person_id, staff_role=StaffRole(rights.role), scopes=rights.scopes)
    return Viewer(
        kind=ViewerKind.KEY,
        name=name,
        person_id=person_id,
        customer_id=customer_id,
        role=CustomerRole(rights.role),
        division_ids=rights.division_ids,
        acts=acts_of(rights.scopes),
        scopes=rights.scopes,
    )


def acts_of(scopes: Collection[str]) -> frozenset[Act]:
    """Tell which acts a key needs of its person's role to use these scopes."""
    found = set[Act]()
    for scope in scopes:
        resource, _, right = scope.partition(":")
        act = RESOURCES[resource]
        if right == Right.READ or act is not Act.CHARGE:
            found.add(Act.SEE_FINANCES)
        if right == Right.WRITE or act in _READ_TOO:
            found.add(act)
    return frozenset(found)


def scopes_of(acts: Collection[Act]) -> frozenset[str]:
    """Give the scopes that whole acts mean: what a key made by acts alone may do."""
    reads = {f"{name}:{Right.READ}" for name, act in RESOURCES.items() if act not in _READ_TOO} if Act.SEE_FINANCES in acts else set()
    return frozenset(reads | {f"{name}:{Right.WRITE}" for name, act in RESOURCES.items() if act in acts and act is not Act.SEE_FINANCES})


def comes_from(address: str, networks: Collection[str]) -> bool:
    """Tell whether an address lies in one of the networks that a key may be used from; no networks are all of them."""
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in networks)
