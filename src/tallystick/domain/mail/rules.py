"""Fix how a mail stands, when it is tried again, who gets it, and how its ids look outside.

queued -> accepted | bounced | failed
accepted -> delivered | bounced | complained
delivered -> bounced | complained
bounced -> queued
failed -> queued
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tallystick.lib import errors, ids, texts

REACTION_SEND = "send_mail"
PAUSES_SECONDS = (60, 5 * 60, 15 * 60, 60 * 60, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600, 20 * 3600, 24 * 3600)
"""Between the tries of one mail; servers that put unknown senders off for minutes (greylisting) are met by the first ones."""
GIVES_UP_AFTER = timedelta(hours=72)
SPREAD_PERMILLE = 100
"""A pause is up to a tenth shorter or longer, so that what failed together does not come back together."""
LEASE = timedelta(minutes=5)
"""So long one worker has a mail; longer than a try can take (SMTP's own time-outs). After kill -9 the next try comes then."""
NO_SERVER_SECONDS = 300
"""Where no mail server is set up, mails wait, and are looked at again after this."""
TOGETHER_FOR = timedelta(seconds=60)
"""What is issued to the same address within this goes in one mail."""
MOST_TOGETHER = 50
WAITS_FOR_DOCUMENT = timedelta(minutes=30)
"""A document that is not made by then does not hold its mail up: the mail goes with a link."""
DOCUMENT_SECONDS = 5
LONGEST_ADDRESS = 254
MOST_CONTACTS = 20
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+\.[^\s@<>,;:\"()\[\]\\.\x00-\x1f\x7f]{2,}")
_LOCAL_LONGEST = 64
_NAMED = re.compile(r"(em_[0-9a-z]{26})\.(cus_[0-9a-z]{13})")


class State(StrEnum):
    """Tell how a mail stands: queued until a server took it; what came back afterwards is told by other servers, providers and people."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.ACCEPTED, State.BOUNCED, State.FAILED}),
    State.ACCEPTED: frozenset({State.DELIVERED, State.BOUNCED, State.COMPLAINED}),
    State.DELIVERED: frozenset({State.BOUNCED, State.COMPLAINED}),
    State.BOUNCED: frozenset({State.QUEUED}),
    State.COMPLAINED: frozenset(),
    State.FAILED: frozenset({State.QUEUED}),
}
TROUBLE = (State.BOUNCED, State.FAILED, State.COMPLAINED)
"""What somebody must look at."""


class Kind(StrEnum):
    """Name what a mail tells."""

    INVOICE_ISSUED = "invoice_issued"
    ORDER_RECEIVED = "order_received"
    ORDER_REJECTED = "order_rejected"
    PAYMENT_RECEIVED = "payment_received"
    BALANCE_LOW = "balance_low"
    CREDIT_LIMIT_REACHED = "credit_limit_reached"
    REMINDER = "reminder"


ALERTS = frozenset({Kind.BALANCE_LOW, Kind.CREDIT_LIMIT_REACHED})
"""What a person may say no to (List-Unsubscribe); invoices, receipts and answers to orders come in any case."""
TOGETHER = frozenset({Kind.INVOICE_ISSUED})
"""What waits a moment for others of its kind."""


class Cause(StrEnum):
    """Tell why a mail was written: something happened, the mail before it came back, or staff sent it to another address."""

    EVENT = "event"
    NEXT_CONTACT = "next_contact"
    RESENT = "resent"


class Role(StrEnum):
    """Tell why just this person is written to; the foot of the mail says it."""

    BILLING_CONTACT = "billing_contact"
    FURTHER = "further"
    ORDER = "order"
    FINANCE = "finance"
    NEXT_CONTACT = "next_contact"
    RESENT = "resent"


class Source(StrEnum):
    """Tell who says how a mail stands: the server that was handed it, a report of non-delivery, a provider."""

    SERVER = "server"
    REPORT = "report"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Contact:
    """Name a person to write to: address, name (may be empty), language, and why."""

    address: str
    name: str
    locale: str
    role: Role


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what a server said to a try: its code (0: none came), its words, and whether trying again is useless."""

    code: int
    text: str
    is_final: bool

    @property
    def is_taken(self) -> bool:
        """Tell whether the server has the mail now."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1


def checked_address(text: str) -> str:
    """Let an address pass that a mail may be sent to. Raises Invalid."""
    cleaned = text.strip()
    if len(cleaned) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(cleaned):
        raise errors.Invalid(texts.marked("Enter one e-mail address."), field="address")
    return cleaned


def is_address(text: str) -> bool:
    """Tell whether a mail may be sent there."""
    try:
        checked_address(text)
    except errors.Invalid:
        return False
    return True


def each_once(contacts: Iterable[Contact], *, but: Iterable[str] = ()) -> list[Contact]:
    """Keep each address once, whatever its letter case, the first way it is named; drop what is no address and what is excluded."""
    seen = {address.lower() for address in but}
    kept: list[Contact] = []
    for contact in contacts:
        if is_address(contact.address) and contact.address.strip().lower() not in seen:
            seen.add(contact.address.strip().lower())
            kept.append(contact)
    return kept[:MOST_CONTACTS]


def next_try(*, attempts: int, first_at: datetime, now: datetime, spread_permille: int) -> datetime | None:
    """Tell when a mail is tried again after so many tries; None where its time is over. The last try is not later than GIVES_UP_AFTER."""
    ends = first_at + GIVES_UP_AFTER
    if attempts > len(PAUSES_SECONDS) or now >= ends:
        return None
    pause = timedelta(milliseconds=PAUSES_SECONDS[attempts - 1] * (1000 + spread_permille))
    return min(now + pause, ends)


def message_id(*, customer_id: int, mail_id: UUID, domain: str) -> str:
    """Name a mail for other machines: the same on every try. It carries both ids, so that what comes back finds its way."""
    return f"<{_named(customer_id, mail_id)}@{domain}>"


def envelope(*, customer_id: int, mail_id: UUID, bounces: str) -> str:
    """Give the address that reports of non-delivery come back to, naming the mail (VERP); as it is where that would be too long."""
    local, _, domain = bounces.partition("@")
    varied = f"{local}+{_named(customer_id, mail_id)}"
    return f"{varied}@{domain}" if len(varied) <= _LOCAL_LONGEST else bounces


def named_in(text: str) -> tuple[int, UUID] | None:
    """Find customer and mail in a Message-ID or an envelope address of ours."""
    found = _NAMED.search(text.lower())
    if found is None:
        return None
    try:
        return ids.parse_integer("cus", found[2]), ids.parse("em", found[1])
    except errors.NotFound:
        return None


def thread(own: str, earlier: Sequence[str]) -> list[str]:
    """List what a mail answers to, oldest first: the earlier mails about the same thing, at most ten of them."""
    return [one for one in dict.fromkeys(earlier) if one and one != own][-10:]


def _named(customer_id: int, mail_id: UUID) -> str:
    return f"{ids.public('em', mail_id)}.{ids.public('cus', customer_id)}"
