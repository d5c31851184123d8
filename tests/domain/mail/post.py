"""Run a real SMTP server on loopback that accepts, defers, refuses, or drops the line, as it is told; and a customer to write to."""

import dataclasses
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, cast
from uuid import UUID

from aiosmtpd import controller
from aiosmtpd import smtp as smtpd
from django.test import override_settings

import given
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, system
from tallystick.domain.events import models as recorded
from tallystick.domain.mail import models
from tallystick.domain.mail.rules import REACTION_SEND
from tallystick.integrations.postgres import scope

ACCEPT = "250 Taken as 4711"


@dataclass
class Office:
    """Take mail as `recipients` (by address) and `content` say; "drop" hangs up after the whole message came, without a word."""

    recipients: dict[str, str] = field(default_factory=dict)
    content: str = ACCEPT
    sender: str = "250 Fine"
    came: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, _server: object, _session: object, envelope: smtpd.Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the library's name
        """Answer to the sender."""
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, _server: object, _session: object, envelope: smtpd.Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the library's name
        """Answer to the recipient."""
        said = self.recipients.get(address, "250 Fine")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: smtpd.SMTP, _session: object, envelope: smtpd.Envelope) -> str:  # noqa: N802 - the library's name
        """Keep the message where it is taken or the line drops; answer, or hang up."""
        if self.content == "drop" or self.content.startswith("250"):
            read = email.message_from_bytes(cast("bytes", envelope.original_content), policy=email.policy.default)
            self.came.append((envelope.mail_from or "", envelope.rcpt_tos[0], cast("EmailMessage", read)))
        if self.content == "drop":
            cast("Any", server).transport.abort()
        return "421 Gone" if self.content == "drop" else self.content

    def to(self, address: str) -> list[EmailMessage]:
        """List what came for an address."""
        return [message for _, recipient, message in self.came if recipient == address]


@contextmanager
def running() -> Iterator[Office]:
    """Open the office on a free port, and let the system send by it."""
    office = Office()
    with socket.create_server(("127.0.0.1", 0)) as free:
        office.port = free.getsockname()[1]
    serving = controller.Controller(office, hostname="127.0.0.1", port=office.port)
    serving.start()
    try:
        with override_settings(MAIL_HOST="127.0.0.1", MAIL_PORT=office.port, MAIL_FROM="billing@tally.example", MAIL_BOUNCES="bounces@tally.example"):
            yield office
    finally:
        serving.stop()


def customer(name: str = "acme", *, recipients: tuple[str, ...] = (), locale: str = "en", billing: bool = True) -> given.Customer:
    """Open a customer with a billing contact ap@NAME.example, further recipients, and a finance manager fm@NAME.example."""
    made = given.customer()
    draft = customers.SettingsDraft(
        version=1,
        notify_below_minor=None,
        vat_number="",
        billing_name="Alma Petersen" if billing else "",
        billing_email=f"ap@{name}.example" if billing else "",
        recipients=recipients,
    )
    customers.change_settings(viewer=made.viewer(), draft=draft)
    person_id = customers.add_person(viewer=given.ADMIN, email=f"fm-{made.customer_id}@{name}.example", name="Fiona Marsh")
    customers.set_membership(
        viewer=given.ADMIN, customer_id=made.customer_id, person_id=person_id, role=CustomerRole.FINANCE_MANAGER, division_ids=None
    )
    if locale != "en":
        reader = customers.add_person(viewer=given.ADMIN, email=f"ap@{name}.example", name="Alma Petersen")
        customers.set_membership(
            viewer=given.ADMIN, customer_id=made.customer_id, person_id=reader, role=CustomerRole.STANDARD_USER, division_ids=None
        )
        customers.choose_language(viewer=dataclasses.replace(made.viewer(), person_id=reader), language=locale)
    return made


def mails(of: given.Customer) -> list[models.Mail]:
    """List a customer's mails, oldest first."""
    with scope.of(given.ADMIN):
        return list(models.Mail.objects.filter(customer_id=of.customer_id).order_by("id"))


def tries(of: given.Customer, mail_id: UUID) -> list[models.Attempt]:
    """List the tries of a mail, oldest first."""
    with scope.of(given.ADMIN):
        return list(models.Attempt.objects.filter(customer_id=of.customer_id, mail_id=mail_id).order_by("id"))


def events(of: given.Customer, kind: str) -> list[recorded.Event]:
    """List a customer's events of a kind."""
    with scope.of(given.ADMIN):
        return list(recorded.Event.objects.filter(customer_id=of.customer_id, kind=kind).order_by("id"))


def waiting(of: given.Customer) -> list[datetime]:
    """List when the jobs that send a customer's mails are due."""
    with scope.of(system(of.customer_id)):
        jobs = recorded.Job.objects.filter(customer_id=of.customer_id, reaction=REACTION_SEND)
        return [job.run_at for job in jobs.order_by("run_at")]
