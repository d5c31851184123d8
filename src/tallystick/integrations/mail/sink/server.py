"""Speak SMTP on loopback, as much of it as a mail program needs that hands mails in. Source: RFC 5321, RFC 1870, RFC 6152, RFC 6531."""

import re
import socketserver
import threading
from dataclasses import dataclass
from pathlib import Path

from tallystick.integrations.mail.sink import box

_LONGEST_LINE = 4096
_MOST_RECIPIENTS = 100
_IDLE_SECONDS = 60.0
_PATH = re.compile(rb"(?:FROM|TO):\s*<([^<>\s]*)>.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Running:
    """Hold a server that runs."""

    port: int
    server: socketserver.ThreadingTCPServer

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, kept: box.Box) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.kept = kept


def start(*, port: int, folder: Path) -> Running:
    """Take mails in on a port of this machine, 0 for any, in a thread of its own. Raises OSError."""
    server = _Server(port, box.Box(folder))
    threading.Thread(target=server.serve_forever, name="mailbox", daemon=True).start()
    return Running(server.server_address[1], server)


class _Conversation(socketserver.StreamRequestHandler):
    timeout = _IDLE_SECONDS

    def handle(self) -> None:
        """Answer line by line until the other side leaves."""
        self._forget()
        try:
            self._say(220, "mailbox of the demo")
            while line := self.rfile.readline(_LONGEST_LINE):
                if not self._answered(line.rstrip(b"\r\n")):
                    return
        except OSError:
            return  # the other side went away; what was not ended by a dot was never taken

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    def _say(self, code: int, *lines: str) -> None:
        told = lines or ("",)
        self.wfile.write("".join(f"{code}{' ' if place == len(told) - 1 else '-'}{line}\r\n" for place, line in enumerate(told)).encode())

    def _answered(self, line: bytes) -> bool:
        """Answer one command; False when the talk is over."""
        verb, _, rest = line.partition(b" ")
        match verb.upper():
            case b"QUIT":
                self._say(221, "bye")
                return False
            case b"EHLO":
                self._forget()
                self._say(250, "mailbox", f"SIZE {box.LARGEST_BYTES}", "8BITMIME", "SMTPUTF8")
            case b"HELO" | b"RSET":
                self._forget()
                self._say(250, "ok")
            case b"NOOP":
                self._say(250, "ok")
            case b"MAIL" | b"RCPT":
                self._address(verb.upper(), rest)
            case b"DATA":
                return self._take()
            case _:
                self._say(502, "not known here")
        return True

    def _address(self, verb: bytes, rest: bytes) -> None:
        found = _PATH.fullmatch(rest)
        if found is None:
            self._say(501, "this is no address")
            return
        address = found[1].decode(errors="replace")
        if verb == b"MAIL":
            self._forget()
            self._sender = address
        elif self._sender is None or not address or len(self._recipients) >= _MOST_RECIPIENTS:
            self._say(503, "a sender first, then at most a hundred recipients")
            return
        else:
            self._recipients.append(address)
        self._say(250, "ok")

    def _take(self) -> bool:
        """Read a mail to its dot and keep it; too large a one is read and refused."""
        if self._sender is None or not self._recipients:
            self._say(503, "a sender and a recipient first")
            return True
        self._say(354, "end with a dot")
        pieces: list[bytes] = []
        size, is_start = 0, True
        while piece := self.rfile.readline(_LONGEST_LINE):
            if is_start and piece in (b".\r\n", b".\n"):
                break
            size += len(piece)
            if size <= box.LARGEST_BYTES:
                pieces.append(piece[1:] if is_start and piece.startswith(b".") else piece)
            is_start = piece.endswith(b"\n")
        else:
            return False
        if size > box.LARGEST_BYTES:
            self._say(552, "too large")
        else:
            kept = self.server.kept.keep(self._sender, self._recipients, b"".join(pieces))  # type: ignore[attr-defined]  # our own server
            self._say(250, f"kept as {kept}")
        self._forget()
        return True
