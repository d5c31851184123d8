"""Show who did what and when: the customer's events, newest first."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tallystick.domain.customers.rules import Act
from tallystick.domain.events import queries as events
from tallystick.interfaces.web import page
from tallystick.lib import ids

_ROWS = 50
EVENTS: dict[str, str | Promise] = {
    "balance.low": _("Low balance"),
    "credit_limit.reached": _("Credit limit reached"),
    "credit_note.declined": _("Credit note declined"),
    "credit_note.issued": _("Credit note issued"),
    "credit_note.requested": _("Credit note requested"),
    "customer.changed": _("Customer changed"),
    "customer.opened": _("Customer opened"),
    "deposit.lapsed": _("Deposit lapsed"),
    "deposit.requested": _("Deposit requested"),
    "deposit.settled": _("Deposit settled"),
    "division.closed": _("Division closed"),
    "division.opened": _("Division opened"),
    "division.renamed": _("Division renamed"),
    "email.bounced": _("E-mail came back"),
    "export.asked": _("Export asked"),
    "funds.transferred": _("Funds transferred"),
    "hold.lapsed": _("Hold lapsed"),
    "invoice.dispute_settled": _("Invoice dispute settled"),
    "invoice.disputed": _("Invoice disputed"),
    "invoice.issued": _("Invoice issued"),
    "invoice.overdue": _("Overdue"),
    "invoice.paid": _("Invoice paid"),
    "invoice.partially_paid": _("Invoice partially paid"),
    "invoice.reopened": _("Invoice reopened"),
    "invoice.voided": _("Invoice voided"),
    "invoice.write_off_declined": _("Invoice write off declined"),
    "invoice.write_off_requested": _("Invoice write off requested"),
    "invoice.written_off": _("Invoice written off"),
    "key.issued": _("Key issued"),
    "key.narrowed": _("Key narrowed"),
    "key.revoked": _("Key revoked"),
    "key.rotated": _("Key rotated"),
    "membership.set": _("Membership set"),
    "payment.expired": _("Payment expired"),
    "payment.failed": _("Payment failed"),
    "payment.restored": _("Payment restored"),
    "payment.reversed": _("Payment reversed"),
    "payment.settled": _("Payment settled"),
    "payment.started": _("Payment started"),
    "purchase_order.approved": _("Purchase order approved"),
    "purchase_order.rejected": _("Purchase order rejected"),
    "purchase_order.resubmitted": _("Purchase order resubmitted"),
    "purchase_order.submitted": _("Purchase order submitted"),
    "purchase_order.withdrawn": _("Purchase order withdrawn"),
    "refund.approved": _("Refund approved"),
    "refund.declined": _("Refund declined"),
    "refund.failed": _("Refund failed"),
    "refund.requested": _("Refund requested"),
    "refund.settled": _("Refund settled"),
    "reminder.queued": _("Reminder sent"),
    "separate_funds.switched": _("Separate funds switched"),
    "settings.changed": _("Settings changed"),
    "spending_fuse.closed": _("Spending fuse closed"),
    "spending_fuse.opened": _("Spending fuse opened"),
    "spending_fuse.set": _("Spending fuse set"),
    "statement.made": _("Statement made"),
    "terms.approved": _("Terms approved"),
    "terms.declined": _("Terms declined"),
    "terms.requested": _("Terms requested"),
    "webhook_endpoint.added": _("Webhook added"),
    "webhook_endpoint.changed": _("Webhook changed"),
    "webhook_endpoint.removed": _("Webhook removed"),
    "webhook_endpoint.replayed": _("Webhook replayed"),
    "webhook_endpoint.rotated": _("Webhook secret changed"),
    "webhook_endpoint.switched_off": _("Webhook switched off"),
    "webhook_endpoint.switched_on": _("Webhook switched on"),
    "webhook_endpoint.tested": _("Webhook tested"),
}
"""A few words for each kind of event that a customer's log may have."""


@page.page(Act.MANAGE_USERS)
def audit_log(request: page.Seen) -> HttpResponse:
    """Page through the events of the customer."""
    customer_id = request.viewer.customer_id
    assert customer_id is not None, "staff have pages of their own"
    asked = request.GET.get("before", "")
    found = events.log(customer_id=customer_id, before=ids.parse("evt", asked) if asked else None, limit=_ROWS + 1)
    shown = found[:_ROWS]
    context = {
        "events": [(event, _told(event.kind)) for event in shown],
        "older": f"before={ids.public('evt', shown[-1].id)}" if len(found) > _ROWS else "",
        "newest": reverse("audit-log") if asked else "",
    }
    return page.show(request, "web/audit_log.html", lambda: context)


def _told(kind: str) -> str | Promise:
    """Say what happened; a kind that the table does not know is shown by its own name."""
    return EVENTS.get(kind, kind.replace(".", " ").replace("_", " ").capitalize())
