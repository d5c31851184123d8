"""Read amounts, days and documents from the words of a command."""

import argparse
import mimetypes
import re
from datetime import date, datetime
from pathlib import Path

from tallystick.interfaces.cli import speaking
from tallystick_client import Money, Upload


def add_amount(parser: argparse.ArgumentParser, *, required: bool, meaning: str) -> None:
    """Describe an amount and its currency."""
    parser.add_argument("--amount", required=required, metavar="AMOUNT", help=f"{meaning}, as 12.50")
    parser.add_argument("--currency", required=required, metavar="CODE", help="its currency, as USD")


def add_key(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Describe the key that makes it safe to run the command again."""
    parser.add_argument("--idempotency-key", default=None, type=_key, metavar="KEY", help=meaning)


def amount(options: argparse.Namespace) -> Money | None:
    """Read the amount, None where none is named. Raises Unusable."""
    if options.amount is None and options.currency is None:
        return None
    if options.amount is None or options.currency is None:
        raise speaking.Unusable("Name --amount and --currency, both.")
    try:
        return Money(options.amount, options.currency)
    except ValueError as wrong:
        raise speaking.Unusable(f"{options.amount} is no amount; write it as 12.50.") from wrong


def day(written: str) -> date:
    """Read a day. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(written)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{written} is no day; write it as 2026-11-23") from wrong


def instant(written: str) -> datetime:
    """Read an instant with its zone. Raises ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"{written} is no instant; write it as 2026-11-23T08:00:00Z") from wrong
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{written} has no time zone; write it as 2026-11-23T08:00:00Z")
    return found


def division(written: str) -> str:
    """Read a division's id. Raises ArgumentTypeError."""
    if not re.fullmatch(r"div_[0-9a-z]{13}", written):
        raise argparse.ArgumentTypeError(f"{written} is no division's id, such as div_0000000000001")
    return written


def _key(written: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", written):
        raise argparse.ArgumentTypeError("a key has 1 to 255 visible ASCII characters")
    return written


def document(file: Path | None) -> Upload | None:
    """Read a document to send along."""
    if file is None:
        return None
    return Upload(file.name, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")
