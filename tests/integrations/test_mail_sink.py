"""Hand mails in to the demo's own server as any program does, and read them as they look."""

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tallystick.integrations.mail.sink import box, server

DANA = "dana@northwind.example"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[server.Running]:
    """Run one on a free port."""
    made = server.start(port=0, folder=tmp_path / "mailbox")
    yield made
    made.close()


@pytest.fixture
def kept(tmp_path: Path) -> box.Box:
    """Read what came in."""
    return box.Box(tmp_path / "mailbox")


def written() -> EmailMessage:
    """Write a mail with everything: two forms, a picture in it, an attachment, a subject beyond ASCII."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Lanternfield <billing@lanternfield.example>", DANA, "Rechnung 2026-7: 1.190,00 €"
    message["Message-ID"] = "<7@lanternfield.example>"
    message.set_content("Guten Tag,\n.\n.. zwei Punkte am Anfang\n")
    message.add_alternative('<p>Guten Tag</p><img src="cid:logo"><script>alert(1)</script>', subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>")  # type: ignore[union-attr, index]  # the HTML part
    message.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="INV-2026-7.pdf")
    return message


def sent(running: server.Running, message: EmailMessage, *recipients: str) -> None:
    """Send it."""
    with smtplib.SMTP("127.0.0.1", running.port, timeout=10) as session:
        session.send_message(message, to_addrs=list(recipients))


def test_a_mail_is_kept_as_it_was_sent(running: server.Running, kept: box.Box) -> None:
    """Its recipients are those of the envelope, also those that no header names; dots at the start of a line survive."""
    sent(running, written(), DANA, "archive@northwind.example")
    (listed,) = kept.mails()
    mail = kept.mail(listed.id)
    assert mail is not None
    assert (listed.subject, [one.name for one in listed.attachments]) == (mail.subject, ["INV-2026-7.pdf"])
    assert mail.recipients == (DANA, "archive@northwind.example")
    assert mail.subject == "Rechnung 2026-7: 1.190,00 €"
    assert mail.text.splitlines() == ["Guten Tag,", ".", ".. zwei Punkte am Anfang"]
    assert 'src="data:image/png;base64,' in mail.html
    assert [(one.name, one.media_type, one.content) for one in mail.attachments] == [("INV-2026-7.pdf", "application/pdf", b"%PDF-1.7 x")]
    assert dict(mail.headers)["Message-ID"] == "<7@lanternfield.example>"
    assert not any(name.startswith("X-Envelope") for name, _ in mail.headers)


def test_mails_are_found_by_recipient_newest_first(running: server.Running, kept: box.Box) -> None:
    """And counted."""
    for subject in ("first", "second"):
        message = EmailMessage()
        message["Subject"] = subject
        sent(running, message, DANA)
    sent(running, written(), "oskar@lanternfield.example")
    assert [mail.subject for mail in kept.mails(recipient=DANA)] == ["second", "first"]
    assert kept.recipients() == [(DANA, 2), ("oskar@lanternfield.example", 1)]
    assert kept.mail("../../etc/passwd") is None


def test_the_oldest_go(kept: box.Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that runs for months fills no disk."""
    monkeypatch.setattr(box, "MOST", 3)
    for number in range(5):
        kept.keep("a@example", ["b@example"], f"Subject: {number}\r\n\r\nx".encode())
    assert [mail.subject for mail in kept.mails()] == ["4", "3", "2"]


def test_a_line_that_breaks_off_leaves_nothing(running: server.Running, kept: box.Box) -> None:
    """A mail counts from its last dot on; before it there is none."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line:
        line.sendall(b"EHLO x\r\nMAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\nDATA\r\nSubject: half\r\n")
    sent(running, written(), DANA)
    assert [mail.recipients for mail in kept.mails()] == [(DANA,)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"RCPT TO:<b@example>", b"503"),
        (b"DATA", b"503"),
        (b"MAIL FROM:nobody", b"501"),
        (b"VRFY dana", b"502"),
        (b"x" * 9000, b"502"),
        (b"NOOP", b"250"),
    ],
)
def test_wrong_words_are_answered(running: server.Running, said: bytes, code: bytes) -> None:
    """With their codes, and the talk goes on."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line, line.makefile("rb") as answers:
        assert answers.readline().startswith(b"220")
        line.sendall(said + b"\r\n")
        assert answers.readline().startswith(code)


def test_a_mail_that_is_too_large_is_refused(running: server.Running, kept: box.Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """After it was read, with 552."""
    monkeypatch.setattr(box, "LARGEST_BYTES", 1000)
    with smtplib.SMTP("127.0.0.1", running.port, timeout=10) as session, pytest.raises(smtplib.SMTPDataError, match="552"):
        session.sendmail("a@example", ["b@example"], b"Subject: x\r\n\r\n" + b"y" * 2000)
    assert kept.mails() == []
