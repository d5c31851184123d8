"""View the balance of a division."""

import argparse

from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe whose."""
    parser.add_argument("--division", default=None, type=wording.division, metavar="DIV", help="div_...; may be left out where there is one only")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Print the figures. Raises Problem, Unreachable."""
    figures = tally.balance.view(options.division)
    if options.json:
        showing.as_json(figures)
        return
    showing.as_table(
        [
            ["Balance", str(figures.balance)],
            ["Unpaid invoices", str(figures.unpaid_invoices)],
            ["Credit limit", "none" if figures.limit is None else str(figures.limit)],
            ["Used by other divisions", str(figures.used_by_other_divisions)],
            ["Available", "without limit" if figures.available is None else str(figures.available)],
        ]
    )
