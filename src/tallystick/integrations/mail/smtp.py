"""Send one message to one recipient by SMTP and tell what the server answered.

Blocks for at most the time-out; called by the worker, never inside a transaction. A message may arrive twice when the answer is lost:
its Message-ID stays the same on every try.
"""

import contextlib
import email.policy
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

Security = Literal["none", "starttls", "tls"]
_REFUSED = 400  # RFC 5321 section 4.2.1
_HERE = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Name the mail server; "starttls" and "tls" check its certificate, and a password is never sent in the clear to another machine."""

    host: str
    port: int
    security: Security = "none"
    user: str = ""
    password: str = ""
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Hold the server's answer: 250 took it on, 4xx asks to try later, 5xx refuses for good, 0 is no answer at all.

    `about_us` marks a refusal that came before the recipient was named: of our sign-in or sender, so of every mail alike.
    """

    code: int
    text: str
    about_us: bool = False

    @property
    def taken(self) -> bool:
        """Tell whether the server has the message now."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def final(self) -> bool:
        """Tell whether trying again is useless; a wrong password or sender of ours is mended, and loses no mail."""
        return 500 <= self.code < 600 and not self.about_us  # noqa: PLR2004 - RFC 5321 section 4.2.1


def send(server: Server, message: EmailMessage, *, sender: str, recipient: str) -> Reply:
    """Send a message; every failure is a Reply, so that the worker decides about another try.

    Raises ValueError for an address or header with a line break: a fault of ours, never sent.
    """
    if any(sign in address for address in (sender, recipient) for sign in "\r\n\0") or not recipient:
        raise ValueError("An address must be one line.")
    if not recipient.isascii():
        return Reply(code=553, text="The address has letters that mail servers take only with SMTPUTF8.")
    try:
        connection = _connected(server)
        try:
            return _sent(connection, message, sender=sender, recipient=recipient)
        finally:
            _leave(connection)
    except smtplib.SMTPResponseException as refused:
        return Reply(code=refused.smtp_code, text=_text(refused.smtp_error), about_us=True)
    except (OSError, smtplib.SMTPException) as broken:
        return Reply(code=0, text=f"{type(broken).__name__}: {broken}")


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.user and server.security == "none" and server.host not in _HERE:
        raise smtplib.SMTPNotSupportedError("A password is sent to another machine only through TLS.")
    connection = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_seconds, context=context)
        if server.security == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    )
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; what the server says to that changes nothing."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


def _sent(connection: smtplib.SMTP, message: EmailMessage, *, sender: str, recipient: str) -> Reply:
    """Speak MAIL, RCPT and DATA one by one, because the library's own sending hides the server's last answer."""
    connection.ehlo_or_helo_if_needed()
    code, text = connection.mail(sender)
    if code >= _REFUSED:
        return Reply(code=code, text=_text(text), about_us=True)
    code, text = connection.rcpt(recipient)
    if code >= _REFUSED:
        return Reply(code=code, text=_text(text))
    try:
        code, text = connection.data(message.as_bytes(policy=email.policy.SMTP))
    except smtplib.SMTPDataError as refused:  # DATA itself was not wanted
        return Reply(code=refused.smtp_code, text=_text(refused.smtp_error))
    return Reply(code=code, text=_text(text))


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
