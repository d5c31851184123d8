"""List invoices, and fetch their PDFs."""

import argparse
import itertools
from pathlib import Path

from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client
from tallystick_client.invoicing import Invoice, InvoicesNarrowed

_LARGEST_PAGE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe which."""
    parser.add_argument("--status", default=None, choices=["unpaid", "part_paid", "overdue", "disputed", "paid", "voided"])
    parser.add_argument("--division", default=None, type=wording.division, metavar="DIV", help="div_...")
    parser.add_argument("--due-before", default=None, type=wording.day, metavar="DAY", help="due before this day, as 2026-11-23")
    parser.add_argument("--search", default=None, metavar="TEXT", help="a part of the number, or of its purchase order's")
    parser.add_argument("--most", default=100, type=int, metavar="N", help="how many at most (default 100; 0 is all)")
    parser.add_argument("--pdfs", default=None, type=Path, metavar="DIR", help="save the PDF of each into this folder")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Print them, newest first. Raises Problem, Unreachable."""
    narrowed: InvoicesNarrowed = {"limit": min(options.most or _LARGEST_PAGE, _LARGEST_PAGE)}
    if options.status:
        narrowed["status"] = options.status
    if options.division:
        narrowed["division"] = options.division
    if options.due_before:
        narrowed["due_before"] = options.due_before
    if options.search:
        narrowed["q"] = options.search
    found = list(itertools.islice(tally.invoices.list(**narrowed), options.most or None))
    if options.json:
        showing.as_json(found)
    else:
        showing.as_table([[one.number, one.state, f"due {one.due_date}", f"{one.gross}", f"open {one.open}", one.id] for one in found])
    if options.pdfs is not None:
        _save(tally, found, options.pdfs)


def _save(tally: Client, found: list[Invoice], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        if one.has_document:
            (folder / f"{one.number.replace('/', '_')}.pdf").write_bytes(tally.invoices.pdf(one.id))
