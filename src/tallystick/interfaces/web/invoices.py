"""Say what an invoice is in words, and what paying some of it brings."""

from django.utils.translation import gettext as _

from tallystick.domain.invoicing import queries
from tallystick.lib import money


def net_of(row: queries.InvoiceRow, paid_minor: int) -> int:
    """Tell how much of a payment of an open invoice is net, and so comes into the balance; the rest is tax.

    The posting reckons the same split by rate (invoicing.rules.split_over); with one rate both agree to the minor unit.
    """
    return money.split(paid_minor, [row.open_net_minor, row.open_minor - row.open_net_minor])[0]


def origin(row: queries.InvoiceRow) -> str:
    """Say in small letters where an invoice comes from."""
    if row.purchase_order_number:
        text = _("from %(number)s") % {"number": row.purchase_order_number}
    elif row.kind == "amount_owed":
        text = _("amount owed")
    elif row.kind == "correction":
        text = _("correction of a bounced payment")
    else:
        text = _("deposit")
    return _("%(origin)s, formerly %(number)s") % {"origin": text, "number": row.original_number} if row.original_number else text
