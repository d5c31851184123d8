"""Name the cast: the operator Lanternfield and its staff, Northwind Labs and its people, and four customers who wait in the queue."""

from dataclasses import dataclass

from tallystick.domain.customers.rules import CustomerRole, StaffRole


@dataclass(frozen=True, slots=True)
class Member:
    """Name one member of staff."""

    name: str
    email: str
    role: StaffRole


@dataclass(frozen=True, slots=True)
class User:
    """Name one user of a customer; `division` restricts to that division."""

    name: str
    email: str
    role: CustomerRole
    customer: str
    division: str = ""


OPERATOR = "Lanternfield, Inc."
STAFF = (
    Member("Helen Osei", "helen@lanternfield.example", StaffRole.ADMINISTRATOR),
    Member("Jonas Weber", "jonas@lanternfield.example", StaffRole.APPROVER),
    Member("Priya Raman", "priya@lanternfield.example", StaffRole.CLERK),
    Member("Thea Lindqvist", "thea@lanternfield.example", StaffRole.AUDITOR),
)
NORTHWIND = "Northwind Labs"
RESEARCH = "Research"
CLOUD = "Cloud Platform"
USERS = (
    User("Dana Whitfield", "dana@northwind.example", CustomerRole.FINANCE_MANAGER, NORTHWIND),
    User("Ruth Okafor", "ruth@northwind.example", CustomerRole.ADMINISTRATOR, NORTHWIND),
    User("Luis Ortega", "luis@northwind.example", CustomerRole.MANAGER, NORTHWIND),
    User("Mei Tan", "mei@northwind.example", CustomerRole.FINANCE_MANAGER, NORTHWIND, RESEARCH),
    User("Sam Alder", "sam@alderbrook.example", CustomerRole.FINANCE_MANAGER, "Alderbrook Foods"),
)
WAITING = (
    # customer, order number, days and hours ago, terms, lines of (description, quantity, unit price)
    ("Alderbrook Foods", "AF-20931", 2.0, "30", (("Wildcard TLS certificate, 1 year", "24", "500.00"),)),
    ("Brightwater Clinics", "BW-771", 1.2, "15", (("TLS certificate, organization validated", "9", "185.00"), ("Installation", "1", "175.50"))),
    (
        "Kestrel Robotics",
        "KR-5520",
        1.0,
        "30",
        (
            ("TLS certificate, extended validation", "30", "410.00"),
            ("Code signing certificate", "12", "500.00"),
            ("Device certificates, 10,000", "1", "4300.00"),
            ("Onboarding", "1", "500.00"),
        ),
    ),
    ("Orchard Street Press", "OSP-018", 0.125, "30", (("TLS certificate, domain validated", "3", "133.00"),)),
)
"""Orders of other customers that wait for a decision."""
