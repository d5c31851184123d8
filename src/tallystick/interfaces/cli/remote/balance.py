"""Read the balance of a division, or of all of them."""

import argparse

from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client
from tallystick_client.funds import Balance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe whose."""
    parser.add_argument("--division", default=None, type=wording.division, metavar="DIV", help="div_...; without it all that the key sees")
    parser.add_argument("--as-of", default=None, type=wording.instant, metavar="INSTANT", help="as it was just before then, as 2026-11-23T08:00:00Z")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Print the figures. Raises Problem, Unreachable."""
    if options.division is None:
        found = list(tally.balance.list(as_of=options.as_of))
        if options.json:
            showing.as_json(found)
        elif len(found) == 1:
            _show(found[0])
        else:
            showing.as_table([[one.division_id, str(one.balance), f"available {_available(one)}"] for one in found])
        return
    figures = tally.balance.get(options.division, as_of=options.as_of)
    if options.json:
        showing.as_json(figures)
    else:
        _show(figures)


def _show(figures: Balance) -> None:
    showing.as_table(
        [
            ["Balance", str(figures.balance)],
            ["Open holds", str(figures.held)],
            ["Unpaid invoices", str(figures.unpaid_invoices)],
            ["Credit limit", "none" if figures.limit is None else str(figures.limit)],
            ["Used by other divisions", str(figures.used_by_other_divisions)],
            ["Available", _available(figures)],
        ]
    )


def _available(figures: Balance) -> str:
    return "without limit" if figures.available is None else str(figures.available)
