"""Send mail to a real SMTP server on loopback and read its answers."""

import socket
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd import controller
from aiosmtpd import smtp as smtpd

from tallystick.integrations.mail import smtp


class Mailbox:
    """Take mail as `answers` say."""

    def __init__(self) -> None:
        self.taken: list[smtpd.Envelope] = []
        self.recipient = "250 Recipient is fine"
        self.content = "250 Taken as 4711"

    async def handle_RCPT(self, _server: object, _session: object, envelope: smtpd.Envelope, address: str, _options: list[str]) -> str:  # noqa: N802 - the name is the library's
        """Answer to the recipient."""
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: object, _session: object, envelope: smtpd.Envelope) -> str:  # noqa: N802 - the name is the library's
        """Answer to the message."""
        self.taken.append(envelope)
        return self.content


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, smtp.Server]]:
    """Run a mail server on a free port."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = controller.Controller(box, hostname="127.0.0.1", port=port)
    running.start()
    yield box, smtp.Server(host="127.0.0.1", port=port, timeout_seconds=5)
    running.stop()


def message() -> EmailMessage:
    """Write the usual message."""
    written = EmailMessage()
    written["Subject"] = "Invoice INV-2026-01184"
    written["From"] = "billing@lanternfield.example"
    written["To"] = "ap@northwind.example"
    written.set_content("1,190.00 USD is due on 20 December 2026.\n.\nA line with one dot stands above.")
    return written


def send(server: smtp.Server) -> smtp.Reply:
    """Send the usual message."""
    return smtp.send(server, message(), sender="billing@lanternfield.example", recipient="ap@northwind.example")


def test_a_message_is_taken_and_the_answer_kept(mailbox: tuple[Mailbox, smtp.Server]) -> None:
    box, server = mailbox
    assert send(server) == smtp.Reply(code=250, text="Taken as 4711")
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["ap@northwind.example"]
    assert b"\r\n.\r\nA line with one dot" in (envelope.original_content or b"")


@pytest.mark.parametrize(
    ("recipient", "content", "code", "taken", "final"),
    [
        ("550 No such person", "250 Taken", 550, False, True),
        ("450 Mailbox is busy", "250 Taken", 450, False, False),
        ("250 Fine", "554 Not wanted", 554, False, True),
        ("250 Fine", "451 Later", 451, False, False),
        ("250 Fine", "250 Taken", 250, True, False),
    ],
)
def test_the_servers_answer_says_what_to_do(
    mailbox: tuple[Mailbox, smtp.Server], recipient: str, content: str, code: int, taken: bool, final: bool
) -> None:
    box, server = mailbox
    box.recipient, box.content = recipient, content
    reply = send(server)
    assert (reply.code, reply.taken, reply.final) == (code, taken, final)


def test_no_server_is_an_answer_of_zero() -> None:
    reply = send(smtp.Server(host="127.0.0.1", port=1, timeout_seconds=1))
    assert (reply.code, reply.taken, reply.final) == (0, False, False)


def test_a_password_never_goes_in_the_clear_to_another_machine() -> None:
    reply = send(smtp.Server(host="192.0.2.1", port=25, user="u", password="p", timeout_seconds=1))
    assert reply.code == 0
    assert "TLS" in reply.text


def test_an_address_with_a_line_break_is_never_sent() -> None:
    with pytest.raises(ValueError, match="one line"):
        smtp.send(smtp.Server(host="127.0.0.1", port=1), message(), sender="a@b.example", recipient="x@y.example>\r\nRCPT TO:<z@y.example")
