"""Keep mails in a folder, a file each, the newest few hundred; and read them as a mail program does."""

import base64
import contextlib
import email
import email.policy
import functools
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from pathlib import Path

MOST = 500
LARGEST_BYTES = 12 * 1024 * 1024
_NAME = re.compile(r"[0-9]{19}-[0-9a-f]{8}")
_FROM, _TO = "X-Envelope-From", "X-Envelope-To"
_CID = re.compile(r"cid:([^\s\"'>)]+)")


@dataclass(frozen=True, slots=True)
class Attached:
    """Show one attachment."""

    place: int
    name: str
    media_type: str
    size: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """Show one mail: to whom the server was told to bring it, and what it says."""

    id: str
    received_at: datetime
    recipients: tuple[str, ...]
    subject: str
    sender: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attached, ...]


class Box:
    """Stand for the folder."""

    def __init__(self, folder: Path) -> None:
        """Name it; it is made with the first mail."""
        self._folder = folder

    def keep(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """Keep a mail, whole or not at all, and let the oldest go; gives its id."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        envelope = "".join(f"{header}: {_line(value)}\r\n" for header, value in [(_FROM, sender), *((_TO, one) for one in recipients)])
        making = self._folder / f"{name}.making"
        making.write_bytes(envelope.encode() + content)
        making.replace(self._folder / f"{name}.eml")
        for old in self._names()[MOST:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)
        return name

    def mails(self, *, recipient: str = "", limit: int = 100) -> list[Mail]:
        """List the newest first, of one recipient or of all, without what they say; one that went while it was read is left out."""
        found: list[Mail] = []
        for name in self._names():
            with contextlib.suppress(OSError):
                read = _headed(self._folder / f"{name}.eml")
                if not recipient or recipient in read.recipients:
                    found.append(read)
            if len(found) == limit:
                break
        return found

    def recipients(self) -> list[tuple[str, int]]:
        """Count the mails of each recipient."""
        counts: dict[str, int] = {}
        for name in self._names():
            for one in self._envelope(name):
                counts[one] = counts.get(one, 0) + 1
        return sorted(counts.items())

    def mail(self, name: str) -> Mail | None:
        """Read one; None where there is none of this id."""
        if not _NAME.fullmatch(name):
            return None
        try:
            content = (self._folder / f"{name}.eml").read_bytes()
        except OSError:
            return None
        return _read(name, email.message_from_bytes(content, policy=email.policy.default))

    def _names(self) -> list[str]:
        try:
            found = [entry.stem for entry in self._folder.iterdir() if entry.suffix == ".eml"]
        except OSError:
            return []
        return sorted((name for name in found if _NAME.fullmatch(name)), reverse=True)

    def _envelope(self, name: str) -> list[str]:
        """Read to whom a mail was brought without reading all of it."""
        start = f"{_TO}: "
        with contextlib.suppress(OSError), (self._folder / f"{name}.eml").open("rb") as opened:
            lines = [line.decode(errors="replace").rstrip("\r\n") for line in opened.readlines(8192)]
            return [line.removeprefix(start) for line in lines if line.startswith(start)]
        return []


def _line(value: str) -> str:
    return " ".join(value.split())[:320]


@functools.lru_cache(maxsize=MOST)
def _headed(file: Path) -> Mail:
    """Read what a list shows of a mail, once: a mail that is kept is never another."""
    read = _read(file.stem, email.message_from_bytes(file.read_bytes(), policy=email.policy.default))
    return replace(read, text="", html="", attachments=tuple(replace(one, content=b"") for one in read.attachments))


def _read(name: str, message: EmailMessage) -> Mail:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    headers = tuple((header, _shown(value)) for header, value in message.items() if header not in {_FROM, _TO})
    return Mail(
        id=name,
        received_at=datetime.fromtimestamp(int(name[:19]) // 1_000_000_000, tz=UTC),
        recipients=tuple(str(value) for value in message.get_all(_TO, [])),
        subject=_shown(message.get("Subject", "")),
        sender=_shown(message.get("From", "")),
        headers=headers,
        text=_content(plain) if plain else "",
        html=_with_pictures(_content(rich), message) if rich else "",
        attachments=tuple(_attachments(message)),
    )


def _shown(value: object) -> str:
    return " ".join(str(value).split())


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        return ""


def _attachments(message: EmailMessage) -> Iterator[Attached]:
    for place, part in enumerate(message.iter_attachments()):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            name = part.get_filename() or f"attachment-{place + 1}"
            yield Attached(place, name, part.get_content_type(), len(content), content)


def _with_pictures(html: str, message: EmailMessage) -> str:
    """Put the pictures that a mail brings along where it names them, so that the frame has to fetch nothing."""
    pictures: dict[str, str] = {}
    for part in message.walk():
        content, called = part.get_payload(decode=True), str(part.get("Content-ID", "")).strip("<> ")
        if called and isinstance(content, bytes) and part.get_content_maintype() == "image":
            pictures[called] = f"data:{part.get_content_type()};base64,{base64.b64encode(content).decode()}"
    return _CID.sub(lambda found: pictures.get(found[1], found[0]), html)
