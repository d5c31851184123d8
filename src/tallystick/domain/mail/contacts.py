"""Find out whom to write to at a customer: the billing contact, further recipients, and who works with its finances. Never anybody of another customer."""

from collections.abc import Iterable
from dataclasses import dataclass

from tallystick.domain.customers import models as customers
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.mail.rules import Contact, Role

_FINANCE = (CustomerRole.FINANCE_MANAGER, CustomerRole.ADMINISTRATOR)
"""Who is written to where nobody else is named, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Hold a customer's people as mails need them, and the languages of those that sign in."""

    locale: str
    locales: dict[str, str]
    billing: list[Contact]
    further: list[Contact]
    finance: list[Contact]
    addresses: dict[int, Contact]

    def first(self) -> list[Contact]:
        """Give the billing contact; where none is named, the first who works with the finances."""
        return self.billing or self.finance[:1]

    def named(self, address: str, name: str = "", role: Role = Role.ORDER) -> Contact:
        """Make a contact of an address that stands on a document of the customer's, in its reader's language where that is known."""
        return Contact(address, name, self.locales.get(address.strip().lower(), self.locale), role)


def people(*, customer_id: int, division_id: int | None) -> People:
    """Load the customer's people who may know of a division (None: of all divisions), inside the running scope."""
    customer = customers.Customer.objects.get(id=customer_id)
    memberships = list(customers.Membership.objects.filter(customer_id=customer_id, is_active=True))
    persons = customers.Person.objects.filter(is_active=True).in_bulk([one.person_id for one in memberships])
    locales = {person.email.lower(): person.locale or customer.locale for person in persons.values()}
    seeing = [one for one in memberships if one.person_id in persons and _sees(one, division_id)]

    def contact(address: str, name: str, role: Role) -> Contact:
        return Contact(address, name, locales.get(address.strip().lower(), customer.locale), role)

    def person(one: customers.Membership) -> Contact:
        found = persons[one.person_id]
        return contact(found.email, found.name, Role.FINANCE)

    return People(
        locale=customer.locale,
        locales=locales,
        billing=[contact(customer.billing_email, customer.billing_name, Role.BILLING_CONTACT)] if customer.billing_email else [],
        further=[contact(str(address), "", Role.FURTHER) for address in _texts(customer.recipients)],
        finance=[person(one) for role in _FINANCE for one in sorted(seeing, key=lambda each: each.person_id) if one.role == role],
        addresses={one.person_id: person(one) for one in seeing},
    )


def _sees(membership: customers.Membership, division_id: int | None) -> bool:
    return membership.division_ids is None or division_id in membership.division_ids


def _texts(written: Iterable[object]) -> list[str]:
    return [one for one in written if isinstance(one, str)]
