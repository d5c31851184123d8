"""Freeze the exact figures of a document beside its words: what electronic invoices are made of."""

from collections.abc import Sequence
from decimal import Decimal

from tallystick.domain.invoicing import models, rules
from tallystick.integrations.einvoicing.terms import Exact, Zero


def of_invoice(lines: Sequence[rules.Line], totals: rules.Totals, *, zero: Zero, paid_minor: int) -> Exact:
    """Give the figures of an invoice as it is issued; `paid_minor` is what was paid before, as with a deposit."""
    return {
        "lines": [
            {
                "description": line.description,
                "order_reference": line.order_reference,
                "quantity": _plain(line.quantity),
                "unit_price_minor": line.unit_price_minor,
                "net_minor": net_minor,
                "percent": _plain(rules.percent(line.percent_millionths)),
            }
            for line, net_minor in zip(lines, totals.line_nets, strict=True)
        ],
        "rates": [
            {"percent": _plain(rules.percent(one.percent_millionths)), "net_minor": one.net_minor, "tax_minor": one.tax_minor} for one in totals.rates
        ],
        "net_minor": totals.net_minor,
        "tax_minor": totals.tax_minor,
        "gross_minor": totals.gross_minor,
        "paid_minor": paid_minor,
        "zero": zero,
    }


def of_credit_note(note: models.CreditNote, sums: Sequence[rules.RateSum], *, zero: Zero) -> Exact:
    """Give the figures of a credit note: a line for each rate, in amounts above zero, as the document type 381 wants them."""
    rates = [(_plain(rules.percent(one.percent_millionths)), one) for one in sums]
    return {
        "lines": [
            {
                "description": note.reason,
                "order_reference": "",
                "quantity": "1",
                "unit_price_minor": one.net_minor,
                "net_minor": one.net_minor,
                "percent": percent,
            }
            for percent, one in rates
        ],
        "rates": [{"percent": percent, "net_minor": one.net_minor, "tax_minor": one.tax_minor} for percent, one in rates],
        "net_minor": note.net_minor,
        "tax_minor": note.tax_minor,
        "gross_minor": note.gross_minor,
        "paid_minor": 0,
        "zero": zero,
    }


def _plain(value: Decimal) -> str:
    """Write a decimal without idle zeros and without an exponent."""
    return f"{value.normalize():f}"
