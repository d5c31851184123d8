"""Run a real SMTP server on loopback that accepts, defers, refuses, or drops the line, as it is told; and a customer to write to."""

import dataclasses
import email
import email.policy
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, cast
from uuid import UUID

from aiosmtpd import controller
from aiosmtpd import smtp as smtpd
from django.test import override_settings
from django.utils import timezone

import given
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole
from tallystick.domain.events import models as recorded
from tallystick.domain.mail import models, rules
from tallystick.integrations.postgres import scope

ACCEPT = "250 Taken as 4711"


@dataclass
class Office:
    """Take mail as `recipients` (by address) and `content` say; "drop" hangs up after the whole message came, without a word.

    `kill` names a command of SMTP and a process: it is killed when the command comes, before the office answers.
    """

    recipients: dict[str, str] = field(default_factory=dict)
    content: str = ACCEPT
    sender: str = "250 Fine"
    came: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    port: int = 0
    kill: tuple[str, int] = ("", 0)

    async def handle_MAIL(self, _server: object, _session: object, envelope: smtpd.Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the library's name
        """Answer to the sender."""
        self._kill("MAIL")
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, _server: object, _session: object, envelope: smtpd.Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the library's name
        """Answer to the recipient."""
        self._kill("RCPT")
        said = self.recipients.get(address, "250 Fine")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: smtpd.SMTP, _session: object, envelope: smtpd.Envelope) -> str:  # noqa: N802 - the library's name
        """Keep the message where it is taken or the line drops; answer, or hang up."""
        if self.content == "drop" or self.content.startswith("250"):
            read = email.message_from_bytes(cast("bytes", envelope.original_content), policy=email.policy.default)
            self.came.append((envelope.mail_from or "", envelope.rcpt_tos[0], cast("EmailMessage", read)))
        self._kill("DATA")
        if self.content == "drop":
            cast("Any", server).transport.abort()
        return "421 Gone" if self.content == "drop" else self.content

    async def handle_QUIT(self, _server: object, _session: object, _envelope: smtpd.Envelope) -> str:  # noqa: N802 - the library's name
        """Say goodbye: by now the mail is taken, and its sender knows."""
        self._kill("QUIT")
        return "221 Bye"

    def _kill(self, command: str) -> None:
        wanted, pid = self.kill
        if wanted == command and pid:
            self.kill = ("", 0)
            os.kill(pid, signal.SIGKILL)

    def of(self, customer: given.Customer) -> list[tuple[str, str, EmailMessage]]:
        """List what came of one customer: sender, recipient, message; the worker also sends what other tests left."""
        return [one for one in self.came if (named := rules.named_in(one[2]["Message-ID"])) and named[0] == customer.customer_id]

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
    return mails_of(of.customer_id)


def mails_of(customer_id: int) -> list[models.Mail]:
    """List the mails of the customer of this id, oldest first."""
    with scope.of(given.ADMIN):
        return list(models.Mail.objects.filter(customer_id=customer_id).order_by("id"))


def tries(of: given.Customer, mail_id: UUID) -> list[models.Attempt]:
    """List the tries of a mail, oldest first."""
    with scope.of(given.ADMIN):
        return list(models.Attempt.objects.filter(customer_id=of.customer_id, mail_id=mail_id).order_by("id"))


def events(of: given.Customer, kind: str) -> list[recorded.Event]:
    """List a customer's events of a kind."""
    with scope.of(given.ADMIN):
        return list(recorded.Event.objects.filter(customer_id=of.customer_id, kind=kind).order_by("id"))


def due_now(customer: given.Customer) -> None:
    """Let what was put off, or was leased to a worker that died, be due."""
    now = timezone.now()
    with scope.of(customer.worker):
        recorded.Job.objects.filter(customer_id=customer.customer_id).update(run_at=now, leased_until=None)
        models.Mail.objects.filter(customer_id=customer.customer_id, state="queued").update(next_at=now, leased_until=None)
