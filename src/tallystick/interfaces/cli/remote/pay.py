"""Pay invoices: by a transfer that is announced, from unapplied credit, from the balance, or by card on the gateway's page."""

import argparse

from tallystick.interfaces.cli import speaking
from tallystick.interfaces.cli.remote import showing, wording
from tallystick_client import Client, PartDraft
from tallystick_client.paying import Payment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is paid, and how."""
    parser.add_argument("invoices", nargs="+", metavar="INVOICE", help="inv_... of each, all that is open of it")
    methods = ["bank_transfer", "unapplied_credit", "balance", "card"]
    parser.add_argument("--method", required=True, choices=methods, help="how; a transfer is announced here and made at your bank")
    wording.add_amount(parser, required=False, meaning="how much of one invoice")
    parser.add_argument("--division", default=None, type=wording.division, metavar="DIV", help="whose unapplied credit pays")
    parser.add_argument("--return-url", default="", metavar="URL", help="by card: where the person is led after paying")
    wording.add_key(parser, "the same for a payment that is started again, with the same --amount")


def run(tally: Client, options: argparse.Namespace) -> None:
    """Start the payment and print what is to be done. Raises Problem, Unreachable, Unusable."""
    amount = wording.amount(options)
    if amount is not None and len(options.invoices) > 1:
        raise speaking.Unusable("An amount is of one invoice; name one, or leave --amount out.")
    parts = [PartDraft(invoice_id=each, amount=tally.invoices.get(each).open if amount is None else amount) for each in options.invoices]
    started = tally.payments.start(
        invoices=parts, method=options.method, division_id=options.division, return_url=options.return_url, idempotency_key=options.idempotency_key
    )
    if options.json:
        showing.as_json(started)
    else:
        print(f"{started.id}: {started.amount} {_next(started)}{', by an earlier run' if started.replayed else ''}")


def _next(started: Payment) -> str:
    if started.redirect_url:
        return f"is to be paid at {started.redirect_url}"
    if started.state == "started":
        return f"is to be transferred with the reference {started.reference}"
    return f"is {started.state}"
