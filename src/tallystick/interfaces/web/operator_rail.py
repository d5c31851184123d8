"""List the operator's rail: entries whose route does not exist yet are left out of the page."""

from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web.entries import Entry

GROUPS = (
    (
        _("Receivables"),
        "receivables",
        (
            Entry("queue", _("Work queue"), "inbox", also=("review",), act=Act.SEE_ALL, short=_("Queue")),
            Entry("operator-orders", _("Purchase orders"), "orders", act=Act.SEE_ALL, short=_("Orders")),
            Entry("operator-invoices", _("Invoices"), "pay", also=("operator-invoice",), act=Act.SEE_ALL, short=_("Invoices")),
            Entry(
                "operator-payments",
                _("Payments"),
                "card",
                also=("record-payment", "operator-payment", "operator-announced"),
                act=Act.SEE_ALL,
                short=_("Payments"),
            ),
            Entry("operator-statements", _("Bank statements"), "bank", act=Act.SEE_ALL),
            Entry("operator-refunds", _("Credit notes and refunds"), "refund", act=Act.SEE_ALL),
            Entry("operator-customers", _("Customers"), "users", also=("operator-customer",), act=Act.SEE_ALL),
        ),
    ),
    (
        _("Running it"),
        "running",
        (
            Entry("operator-reports", _("Reports"), "report", act=Act.SEE_ALL),
            Entry("operator-mails", _("E-mails"), "mail", act=Act.SEE_ALL),
            Entry("operator-migration", _("Migration"), "swap", act=Act.ADMINISTER),
            Entry("operator-settings", _("Settings"), "settings", act=Act.ADMINISTER),
            Entry("operator-health", _("Health"), "pulse", act=Act.SEE_ALL),
        ),
    ),
)
