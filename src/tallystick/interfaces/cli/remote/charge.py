"""Charge a division: to be run again as often as one likes, the order is charged once."""

import argparse
import uuid

from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client

_ORDERS = uuid.UUID("5f0b8d0e-6a0f-5f5e-9a3c-1d1f0f6f6e0a")
"""The name space of the keys that are made of orders. Source: RFC 9562 section 5.5 (UUIDv5)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is charged for."""
    parser.add_argument("--division", required=True, type=wording.division, metavar="DIV", help="div_...")
    wording.add_amount(parser, required=True, meaning="how much")
    parser.add_argument("--order-id", default=None, metavar="ID", help="the order it is for: an order is charged once, whatever happens")
    parser.add_argument("--line-reference", default=None, metavar="TEXT", help="the line of the order, where each is charged by itself")
    parser.add_argument("--note", default=None, metavar="TEXT", help="what the history says of it")
    wording.add_key(parser, "the same for a charge that is run again; without it one is made of --order-id, else a new one")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Charge and print the charge. Raises Problem, Unreachable."""
    amount = wording.amount(options)
    assert amount is not None, "the parser requires it"
    made = tally.charges.create(
        division_id=options.division,
        amount=amount,
        order_id=options.order_id,
        line_reference=options.line_reference,
        note=options.note,
        idempotency_key=options.idempotency_key or _key(options),
    )
    if options.json:
        showing.as_json(made)
        return
    before = ", by an earlier run" if made.replayed else ""
    print(f"{made.id}: {made.amount} charged{before}; balance after it {made.balance_after}")


def _key(options: argparse.Namespace) -> str | None:
    """Make the key of the order, so that whoever runs the command again after a crash need not have kept one."""
    if options.order_id is None:
        return None
    return str(uuid.uuid5(_ORDERS, "\x1f".join([options.division, options.order_id, options.line_reference or ""])))
