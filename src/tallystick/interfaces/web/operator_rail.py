"""List the operator's rail: entries whose route does not exist yet are left out of the page."""

from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import Act
from tallystick.interfaces.web.entries import Entry

_ORDERS = ("operator-order-new", "operator-order-enter")
_INVOICES = (
    "operator-invoice",
    "operator-invoice-credit",
    "operator-invoice-dispute",
    "operator-invoice-void",
    "operator-invoice-write-off",
    "operator-invoice-pause",
)
_PAYMENTS = ("record-payment", "record-payment-of", "operator-payment", "operator-payment-reverse", "operator-announced", "operator-announced-record")
_REFUNDS = ("operator-refund-request", "operator-refund-decline", "operator-refund-fail", "operator-credit-decline", "operator-write-off-decline")
_REMINDERS = (
    "operator-reminders-customer",
    "operator-reminders-group",
    "operator-reminders-pause",
    "operator-reminder-groups",
    "operator-reminder-group-create",
    "operator-reminder-group",
)
_CUSTOMERS = (
    "operator-customer",
    "operator-customer-change",
    "operator-customer-create",
    "operator-credit-terms",
    "operator-division-create",
    "operator-division-rename",
    "operator-division-close",
    "operator-user",
    "operator-user-invite",
)
_SETTINGS = ("operator-entity-create", "operator-rate-create", "operator-account-create", "operator-series", "operator-staff-invite", "operator-keys")

GROUPS = (
    (
        _("Receivables"),
        "receivables",
        (
            Entry("queue", _("Work queue"), "inbox", also=("review",), act=Act.SEE_ALL, short=_("Queue")),
            Entry("operator-orders", _("Purchase orders"), "orders", also=_ORDERS, act=Act.SEE_ALL, short=_("Orders")),
            Entry("operator-invoices", _("Invoices"), "pay", also=_INVOICES, act=Act.SEE_ALL, short=_("Invoices")),
            Entry(
                "operator-payments",
                _("Payments"),
                "card",
                also=_PAYMENTS,
                act=Act.SEE_ALL,
                short=_("Payments"),
            ),
            Entry("operator-statements", _("Bank statements"), "bank", act=Act.SEE_ALL),
            Entry("operator-refunds", _("Credit notes and refunds"), "refund", also=_REFUNDS, act=Act.SEE_ALL),
            Entry("operator-reminders", _("Reminders"), "clock", also=_REMINDERS, act=Act.SEE_ALL),
            Entry("operator-customers", _("Customers"), "users", also=_CUSTOMERS, act=Act.SEE_ALL),
        ),
    ),
    (
        _("Running it"),
        "running",
        (
            Entry("operator-ageing", _("Ageing"), "report", act=Act.SEE_ALL),
            Entry("operator-reports", _("Reports"), "report", act=Act.SEE_ALL),
            Entry("operator-mails", _("E-mails"), "mail", also=("operator-mail", "operator-mail-resend"), act=Act.SEE_ALL),
            Entry("operator-migration", _("Migration"), "swap", act=Act.ADMINISTER),
            Entry("operator-settings", _("Settings"), "settings", also=_SETTINGS, act=Act.ADMINISTER),
            Entry("operator-health", _("Health"), "pulse", act=Act.SEE_ALL),
        ),
    ),
)
