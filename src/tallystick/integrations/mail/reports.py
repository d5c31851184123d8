"""Read reports of delivery as other mail servers send them back: which of our mails, delivered, put off, or not, and in which words.

Source: RFC 3464 (multipart/report with message/delivery-status), RFC 3461 (the original's headers come back), RFC 5965 (complaints).
"""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

LARGEST_BYTES = 20_000_000


class Fate(StrEnum):
    """Tell what became of a mail behind the server that took it."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Hold what a report says: in `named` stand the texts in which our mail's name may be found (envelope address, Message-ID)."""

    fate: Fate
    code: int | None
    words: str
    recipient: str
    named: tuple[str, ...]


_ACTIONS = {"failed": Fate.BOUNCED, "delayed": Fate.DELAYED, "delivered": Fate.DELIVERED, "relayed": Fate.DELIVERED, "expanded": Fate.DELIVERED}


def read(content: bytes) -> Report | None:
    """Read a mail that came back; None for what is no report (an answer of a person, an out-of-office note)."""
    message = email.message_from_bytes(content[:LARGEST_BYTES], policy=email.policy.compat32)
    kind = str(message.get_param("report-type") or "").lower() if message.get_content_type() == "multipart/report" else ""
    named = tuple(_names(message))
    if kind == "feedback-report":
        return Report(fate=Fate.COMPLAINED, code=None, words="The recipient reported this mail as unwanted.", recipient="", named=named)
    fields = _fields(message)
    fate = _ACTIONS.get(fields.get("action", "").lower())
    if fate is None:
        return None
    words = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("status", "")
    recipient = (fields.get("original-recipient") or fields.get("final-recipient", "")).partition(";")[2].strip()
    return Report(fate=fate, code=_code(words, fields.get("status", "")), words=" ".join(words.split())[:1000], recipient=recipient, named=named)


def _fields(message: Message) -> dict[str, str]:
    """Give the fields of the recipient that fared worst: those of one recipient, for we send to one each."""
    parts = [part.get_payload() for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    blocks = [block for part in parts if isinstance(part, list) for block in part if isinstance(block, Message) and block["Action"]]
    found = [{name.lower(): str(value) for name, value in block.items()} for block in blocks]
    rank = {"failed": 0, "delayed": 1}
    return min(found, key=lambda each: rank.get(each["action"].lower(), 2)) if found else {}


def _names(message: Message) -> Iterator[str]:
    """Yield every text in which our mail may be named: to whom the report came, and the headers of the original inside it."""
    for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To"):
        yield from (str(value) for value in message.get_all(name, []))
    for part in message.walk():
        if part is not message and part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            inner = part.get_payload(0) if part.is_multipart() else email.message_from_string(str(part.get_payload()))
            if isinstance(inner, Message):
                yield from (str(inner[name]) for name in ("Message-ID", "Return-Path") if inner[name])
    yield from (str(message[name]) for name in ("In-Reply-To", "References") if message[name])


def _code(words: str, status: str) -> int | None:
    """Find the three digits of SMTP in the server's words, else what the class of the status says."""
    first = words[:3]
    if first.isdecimal() and first[0] in "245":
        return int(first)
    return {"5": 550, "4": 450, "2": 250}.get(status[:1])
