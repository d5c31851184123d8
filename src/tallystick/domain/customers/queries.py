"""Ask who people are and what customers look like; who stands behind a key."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from tallystick.domain.customers import models, rules
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


@dataclass(frozen=True, slots=True)
class Seat:
    """Show one customer for whom a person may work, and the zone of its legal entity."""

    customer_id: int
    customer_name: str
    role: rules.CustomerRole
    division_ids: frozenset[int] | None
    zone: str


@dataclass(frozen=True, slots=True)
class User:
    """Show one user of a customer."""

    membership_id: UUID
    person_id: int
    name: str
    email: str
    role: rules.CustomerRole
    division_ids: list[int] | None
    is_active: bool


def seats(*, person_id: int) -> list[Seat]:
    """List the customers for whom a person works, by name; asked at sign-in, before any customer is looked at."""
    with connections[scope.alias() or "default"].cursor() as cursor:
        cursor.execute("select customer_id, customer_name, role, division_ids::text, time_zone from customers_memberships_of(%s)", [person_id])
        rows = cursor.fetchall()
    return [Seat(row[0], row[1], rules.CustomerRole(row[2]), _divisions(row[3]), row[4]) for row in rows]


def _divisions(written: str | None) -> frozenset[int] | None:
    if written is None or written == "null":
        return None
    return frozenset(int(part) for part in written.strip("[]").split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Hold all that a request asks about its person: who it is, where they work, and what they are on the operator's side."""

    person: models.Person
    seats: list[Seat]
    staff_role: rules.StaffRole | None
    operator_name: str
    operator_zone: str


_SIGNED_IN = (
    "select p.*, coalesce((select json_agg(m) from customers_memberships_of(p.id) m), '[]'::json)::text as seats_written,"
    " (select s.role from customers_staff s where s.person_id = p.id and s.is_active) as staff_role,"
    " e.name as operator_name, e.time_zone as operator_zone from customers_person p"
    " left join lateral (select name, time_zone from customers_legalentity order by id limit 1) e on true where p.id = %s and p.is_active"
)


def signed_in(*, person_id: int) -> SignedIn | None:
    """Find a person with their seats in one question, as every request of a page begins; None for one who may not sign in any more."""
    found: models.Person | None = next(iter(models.Person.objects.raw(_SIGNED_IN, [person_id])), None)
    if found is None:
        return None
    extra = vars(found)
    seats = [
        Seat(
            row["customer_id"],
            row["customer_name"],
            rules.CustomerRole(row["role"]),
            None if row["division_ids"] is None else frozenset(row["division_ids"]),
            row["time_zone"],
        )
        for row in json.loads(extra.pop("seats_written"))
    ]
    role = extra.pop("staff_role")
    name, zone = extra.pop("operator_name"), extra.pop("operator_zone")
    return SignedIn(found, seats, rules.StaffRole(role) if role else None, name or "", zone or "UTC")


def customer_viewer(*, person_id: int, customer_id: int | None = None) -> rules.Viewer:
    """Make the viewer of a person for one customer, the first by name where none is named. Raises NotAllowed."""
    person = models.Person.objects.get(pk=person_id)
    for seat in seats(person_id=person_id):
        if customer_id in (None, seat.customer_id):
            return rules.Viewer(
                kind=rules.ViewerKind.CUSTOMER,
                name=person.name,
                person_id=person_id,
                customer_id=seat.customer_id,
                role=seat.role,
                division_ids=seat.division_ids,
                zone=seat.zone,
            )
    raise errors.NotAllowed(texts.marked("You do not work for this customer any more. Ask an administrator of the account."))


def staff_viewer(*, person_id: int) -> rules.Viewer | None:
    """Make the viewer of a member of the operator's staff; None for everybody else."""
    found = models.Staff.objects.select_related("person").filter(person_id=person_id, is_active=True).first()
    if found is None:
        return None
    return rules.Viewer(kind=rules.ViewerKind.STAFF, name=found.person.name, person_id=person_id, staff_role=rules.StaffRole(found.role))


def staff() -> list[models.Staff]:
    """List the operator's staff by name."""
    return list(models.Staff.objects.select_related("person").order_by("person__name"))


def key_viewer(*, secret: str) -> rules.Viewer | None:
    """Find who stands behind an API key; None where it is unknown, expired or revoked."""
    live = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
    key = models.ApiKey.objects.filter(live, sha256=hashlib.sha256(secret.encode()).digest()).first()
    if key is None:
        return None
    divisions = frozenset(key.division_ids) if key.division_ids is not None else None
    rights = rules.KeyRights(rules.KeyKind(key.kind), key.role, divisions, frozenset(key.scopes))
    return rules.key_viewer(rights, name=key.name, person_id=key.person_id, customer_id=key.customer_id)


_WITH_ZONE = "select c.*, (select e.time_zone from customers_legalentity e where e.id = c.legal_entity_id) as time_zone from customers_customer c where c.id = %s"
"""Nearly every page begins with it, so nothing is built for it anew each time."""


type Customer = models.Customer
"""A customer as it is read beyond the domain."""


def customer(*, viewer: rules.Viewer, customer_id: int | None = None) -> models.Customer:
    """Load the viewer's customer, or the one that staff name, with the zone of its legal entity. Raises NotFound."""
    with scope.of(viewer):
        found = next(iter(models.Customer.objects.raw(_WITH_ZONE, [rules.owner(viewer, customer_id)])), None)
    if found is None:
        raise errors.NotFound(texts.marked("There is no such customer."))
    return found


def zone(*, viewer: rules.Viewer, customer_id: int | None) -> str:
    """Name the zone of a customer's legal entity; over many customers that of the operator's first one."""
    whose = viewer.customer_id or customer_id
    seller = models.Customer.objects.filter(id=whose or 0).values("legal_entity_id")
    with scope.of(viewer):
        entities = models.LegalEntity.objects.filter(id__in=seller) if whose else models.LegalEntity.objects.all()
        return entities.order_by("pk").values_list("time_zone", flat=True).first() or "UTC"


def today(*, viewer: rules.Viewer, customer_id: int | None, now: datetime) -> date:
    """Tell which day it is for a customer's legal entity; over many customers the operator's first legal entity says it."""
    return now.astimezone(ZoneInfo(zone(viewer=viewer, customer_id=customer_id))).date()


def customers(*, viewer: rules.Viewer, text: str = "", after: tuple[str, int] | None = None, limit: int = 50) -> list[models.Customer]:
    """Page through the customers by name for the operator; `after` is name and id of the last one seen."""
    rules.permit(viewer, rules.Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Customer.objects.filter(name__icontains=text) if text else models.Customer.objects.all()
        if after is not None:
            rows = rows.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
        return list(rows.order_by("name", "id")[:limit])


def divisions(*, viewer: rules.Viewer, customer_id: int | None = None) -> list[models.Division]:
    """List the divisions that the viewer sees: the top-level one first, then by name."""
    with scope.of(viewer):
        rows = models.Division.objects.filter(customer_id=rules.owner(viewer, customer_id))
        if viewer.division_ids is not None:
            rows = rows.filter(id__in=viewer.division_ids)
        return sorted(rows, key=lambda division: (division.parent_id is not None, division.name, division.id))


def division(*, viewer: rules.Viewer, division_id: int, customer_id: int | None = None) -> models.Division:
    """Load one division. Raises NotFound, also for one out of the viewer's sight."""
    rules.permit_division(viewer, division_id)
    with scope.of(viewer):
        found = models.Division.objects.filter(customer_id=rules.owner(viewer, customer_id), id=division_id).first()
    if found is None:
        raise errors.NotFound(texts.marked("There is no such division."), field="division")
    return found


def top_division_id(*, customer_id: int) -> int:
    """Tell the customer's top-level division, inside the running scope."""
    return models.Division.objects.values_list("id", flat=True).get(customer_id=customer_id, parent_id=None)


def users(*, viewer: rules.Viewer, customer_id: int | None = None) -> list[User]:
    """List the users of a customer by name."""
    with scope.of(viewer):
        memberships = list(models.Membership.objects.filter(customer_id=rules.owner(viewer, customer_id)))
        people = models.Person.objects.in_bulk([membership.person_id for membership in memberships])
    made = [
        User(m.id, m.person_id, people[m.person_id].name, people[m.person_id].email, rules.CustomerRole(m.role), m.division_ids, m.is_active)
        for m in memberships
    ]
    return sorted(made, key=lambda user: (user.name, user.person_id))


type Key = models.ApiKey
"""A key as it is read beyond the domain."""


def keys(*, viewer: rules.Viewer) -> list[models.ApiKey]:
    """List the keys that the viewer may manage, newest first: an administrator the customer's, others their own; staff the operator's."""
    with scope.of(viewer):
        return list(_managed(viewer).order_by("-id")[:200])


def key(*, viewer: rules.Viewer, key_id: UUID) -> models.ApiKey:
    """Find one of the keys that the viewer may manage. Raises NotAllowed, NotFound."""
    with scope.of(viewer):
        found = _managed(viewer).filter(id=key_id).first()
    if found is None:
        raise errors.NotFound(texts.marked("There is no such key."))
    return found


def key_makers(*, viewer: rules.Viewer) -> dict[UUID, str]:
    """Tell who made each of the operator's keys, by rotation too. Raises NotAllowed."""
    rules.permit(viewer, rules.Act.ADMINISTER)
    with scope.of(viewer):
        return dict(models.KeyChange.objects.filter(kind="key.issued").order_by("-id").values_list("key_id", "viewer_name")[:1000])


def _managed(viewer: rules.Viewer) -> QuerySet[models.ApiKey]:
    if viewer.kind is rules.ViewerKind.STAFF:
        rules.permit(viewer, rules.Act.ADMINISTER)
        return models.ApiKey.objects.filter(kind=rules.KeyKind.OPERATOR)
    rules.permit(viewer, rules.Act.MANAGE_KEYS)
    rows = models.ApiKey.objects.filter(customer_id=rules.owner(viewer))
    return rows if viewer.role is rules.CustomerRole.ADMINISTRATOR else rows.filter(person_id=viewer.person_id or 0)


def legal_entity(*, legal_entity_id: int) -> models.LegalEntity:
    """Load a legal entity."""
    return models.LegalEntity.objects.get(pk=legal_entity_id)


def legal_entities() -> list[models.LegalEntity]:
    """List the operator's legal entities."""
    return list(models.LegalEntity.objects.order_by("pk"))


def logo(*, sha256: str) -> str:
    """Give the SVG of a logo; empty for none."""
    return models.Logo.objects.values_list("svg", flat=True).get(pk=sha256) if sha256 else ""


def tax_rate(*, tax_rate_id: int | None) -> models.TaxRate | None:
    """Load a tax rate; None for none."""
    return models.TaxRate.objects.filter(pk=tax_rate_id).first() if tax_rate_id else None


def tax_rates(*, legal_entity_id: int) -> list[models.TaxRate]:
    """List the tax rates of a legal entity."""
    return list(models.TaxRate.objects.filter(legal_entity_id=legal_entity_id).order_by("pk"))


def bank_account(*, legal_entity_id: int, currency: str) -> models.BankAccount | None:
    """Find the account into which this currency is paid; None where the operator named none."""
    return models.BankAccount.objects.filter(legal_entity_id=legal_entity_id, currency=currency).order_by("-pk").first()


def bank_accounts(*, legal_entity_id: int) -> list[models.BankAccount]:
    """List the bank accounts of a legal entity."""
    return list(models.BankAccount.objects.filter(legal_entity_id=legal_entity_id).order_by("pk"))


def setting(*, name: str, default: object = None) -> object:
    """Read one of the operator's settings."""
    found = models.Setting.objects.filter(pk=name).first()
    return default if found is None else found.value


def write_off_tolerance(*, currency: str) -> int:
    """Tell up to how many minor units of a currency one approver writes off alone; 0 where nothing is set."""
    found = setting(name=rules.TOLERANCE.format(currency=currency), default=0)
    return found if isinstance(found, int) else 0


def write_off_tolerances(*, viewer: rules.Viewer) -> list[tuple[str, int]]:
    """List the currencies of the operator's customers with the tolerance of each in minor units. Raises NotAllowed."""
    rules.permit(viewer, rules.Act.SEE_ALL)
    with scope.of(viewer):
        currencies = models.Customer.objects.order_by("currency").values_list("currency", flat=True).distinct()
        return [(currency, write_off_tolerance(currency=currency)) for currency in currencies]
