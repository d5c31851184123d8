"""Send a purchase order: from a file in the API's own form, from options, or from both."""

import argparse
import json
import sys
from pathlib import Path

from tallystick.interfaces.cli import speaking
from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client, requests
from tallystick_client.ordering import PurchaseOrder

_PLAIN = ("number", "division_id", "note", "vat_number", "terms_days")
_BILL_TO = ("name", "street", "city", "country")
_CONTACT = ("name", "mail")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the order."""
    parsers = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    making = parsers.add_parser(
        "create", help="Send an order to be reviewed", description="Send an order to be reviewed; an option is stronger than the file."
    )
    making.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    making.add_argument("--remote", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=argparse.SUPPRESS)
    making.add_argument(
        "--order", default=None, metavar="FILE", help="the order as JSON, as POST /api/v1/purchase-orders takes it; - is standard input"
    )
    making.add_argument("--number", default=None, help="your number of the order")
    making.add_argument("--division", dest="division_id", default=None, type=wording.division, metavar="DIV", help="div_...")
    wording.add_amount(making, required=False, meaning="the net amount, where there are no lines")
    making.add_argument("--terms-days", default=None, type=int, metavar="DAYS", help="days until the invoice is due (default 30)")
    for name in _BILL_TO:
        making.add_argument(f"--bill-{name}", default=None, help=f"{name} of the company to bill")
    for name in _CONTACT:
        making.add_argument(f"--contact-{name}", default=None, help=f"{name} of the person who processes the invoice")
    making.add_argument("--vat-number", default=None)
    making.add_argument("--note", default=None)
    making.add_argument("--recipient", action="append", default=None, metavar="MAIL", help="a further address that gets the invoice; may be repeated")
    making.add_argument("--signed", action="store_true", help="the order is signed where its form has a place for it")
    making.add_argument("--document", default=None, type=Path, metavar="FILE", help="the order itself: PDF, PNG or JPEG")
    wording.add_key(making, "the same for an order that is sent again")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Send the order and print it. Raises Problem, Unreachable, Unusable."""
    document = wording.document(options.document)
    path = requests.at("purchase-orders")
    made = tally.send(requests.sent(path, PurchaseOrder, _order(options), document=document, idempotency_key=options.idempotency_key))
    if options.json:
        showing.as_json(made)
        return
    before = ", by an earlier run" if made.replayed else ""
    print(f"{made.id}: {made.number} over {made.gross} is {made.state}{before}")


def _order(options: argparse.Namespace) -> dict[str, object]:
    order = _read(options.order)
    order |= {name: value for name in _PLAIN if (value := getattr(options, name)) is not None}
    for part, start, names in (("bill_to", "bill", _BILL_TO), ("contact", "contact", _CONTACT)):
        named = {name: value for name in names if (value := getattr(options, f"{start}_{name}")) is not None}
        kept = order.get(part)
        if named:
            order[part] = {**kept, **named} if isinstance(kept, dict) else named
    amount = wording.amount(options)
    if amount is not None:
        order["amount"] = amount.written()
    if options.recipient:
        order["recipients"] = options.recipient
    if options.signed or "signed" not in order:
        order["signed"] = options.signed
    return order


def _read(file: str | None) -> dict[str, object]:
    if file is None:
        return {}
    written = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    try:
        found = json.loads(written)
    except ValueError as wrong:
        raise speaking.Unusable(f"{'Standard input' if file == '-' else file} is no JSON: {wrong}.") from wrong
    if not isinstance(found, dict):
        raise speaking.Unusable("An order is a JSON object.")
    return found
