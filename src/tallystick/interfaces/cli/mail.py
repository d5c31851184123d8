"""`tallystick mail bounce`: take up reports of mail that could not be delivered, from a mail server's pipe, a file, or a folder of a mailbox."""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tallystick.domain.mail import operations, rules
from tallystick.integrations.mail import reports
from tallystick.interfaces.cli import place

_STATES = {
    reports.Fate.DELIVERED: rules.State.DELIVERED,
    reports.Fate.DELAYED: rules.State.QUEUED,
    reports.Fate.BOUNCED: rules.State.BOUNCED,
    reports.Fate.COMPLAINED: rules.State.COMPLAINED,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own options."""
    parser.add_argument("act", choices=["bounce"], help="bounce: take up reports of mail that came back")
    parser.add_argument("files", nargs="*", type=Path, help="reports as files, or folders of them (a Maildir's new/); none: one from standard input")


def run(options: argparse.Namespace) -> int:
    """Say of each report what came of it. What is no report, or of no mail of ours, is said and no fault: a mailbox may hold anything."""
    for name, content in _sources(options.files):
        print(f"{name}: {take_up(content, now=datetime.now(UTC))}")
    return 0


def take_up(content: bytes, *, now: datetime) -> str:
    """Note one report on its mail, and say in a few words what it was."""
    report = reports.read(content)
    if report is None:
        return "no report of delivery; left as it is"
    found = next((known for text in report.named if (known := rules.named_in(text))), None)
    if found is None:
        return "a report of a mail that is not ours"
    customer_id, mail_id = found
    state = _STATES[report.fate]
    changed = operations.report(
        customer_id=customer_id, mail_id=mail_id, state=state, answer=report.words, source=rules.Source.REPORT, code=report.code, now=now
    )
    return f"{report.fate}{'' if changed else ', which changes nothing'}: {report.recipient or 'its recipient'}"


def _sources(files: list[Path]) -> Iterator[tuple[str, bytes]]:
    if not files:
        yield "standard input", sys.stdin.buffer.read(reports.LARGEST_BYTES)
    for file in files:
        try:
            for one in sorted(file.iterdir()) if file.is_dir() else [file]:
                if one.is_file():
                    yield str(one), one.read_bytes()
        except OSError as problem:
            raise place.Unusable(f"{file} can not be read: {problem.strerror}.") from problem
