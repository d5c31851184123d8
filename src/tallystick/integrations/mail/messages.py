"""Put a mail together as servers take it: both forms, what is enclosed, and the headers that tell machines what it is.

Source: RFC 5322 (Message-ID, In-Reply-To, References), RFC 3834 (Auto-Submitted), RFC 2369 and RFC 8058 (List-Unsubscribe, with one click).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Hold a file that goes along."""

    name: str
    media_type: str
    content: bytes


def message(
    *, sender: str, recipient: str, subject: str, bodies: tuple[str, str], headers: Mapping[str, str], enclosed: Sequence[Enclosure] = ()
) -> EmailMessage:
    """Build a mail of its plain text and HTML (`bodies`). `sender` and `recipient` are written as `address(...)` gives them."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = recipient
    made["Subject"] = one_line(subject)
    for name, value in headers.items():
        made[name] = one_line(value)
    plain, html = bodies
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    for one in enclosed:
        main, _, sub = one.media_type.partition("/")
        made.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return made


def headers(*, message_id: str, date: str, earlier: Sequence[str], reply_to: str, stop: str = "") -> dict[str, str]:
    """Name a mail, what it answers to, that a machine wrote it, and where its reader says no (alerts only)."""
    made = {"Message-ID": message_id, "Date": date, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
    if reply_to:
        made["Reply-To"] = reply_to
    if earlier:
        made |= {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}
    if stop:
        made |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return made


def address(written: str, name: str = "") -> str:
    """Write an address with its name for a header; a domain of other letters as its ASCII form."""
    local, _, domain = plain(written).rpartition("@")
    return str(Address(display_name=one_line(name), username=local, domain=domain))


def plain(written: str) -> str:
    """Give an address as the envelope has it: a domain of other letters as its ASCII form (RFC 5891)."""
    local, _, domain = written.strip().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return written.strip()


def one_line(written: str) -> str:
    """Put a text on one line, so that no text of a person becomes a header of its own."""
    return " ".join(written.split())
