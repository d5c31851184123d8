"""Map the operator's addresses below /operator/: every one of them on one screen."""

from django.urls import URLPattern, path

from tallystick.interfaces.web.pages import (
    first_run,
    fuse,
    operator_ageing,
    operator_announced,
    operator_credit,
    operator_customers,
    operator_divisions,
    operator_health,
    operator_invoices,
    operator_keys,
    operator_master,
    operator_orders,
    operator_payments,
    operator_people,
    operator_refunds,
    operator_scheduled,
    operator_settings,
    operator_write_offs,
    queue,
    record_payment,
    review,
)

_ORDERS = [
    path("", queue.queue, name="queue"),
    path("purchase-orders/", operator_orders.orders, name="operator-orders"),
    path("purchase-orders/new/", operator_orders.choose_customer, name="operator-order-new"),
    path("purchase-orders/<po:purchase_order_id>/", review.review, name="review"),
    path("purchase-orders/<po:purchase_order_id>/document/", review.document, name="review-document"),
    path("purchase-orders/<po:purchase_order_id>/approval/", review.approve, name="review-approve"),
    path("purchase-orders/<po:purchase_order_id>/rejection/", review.reject, name="review-reject"),
    path("scheduled/", operator_scheduled.scheduled, name="operator-scheduled"),
    path("scheduled/<uuid:scheduled_id>/cancellation/", operator_scheduled.undo, name="review-undo"),
]
_INVOICES = [
    path("invoices/", operator_invoices.invoices, name="operator-invoices"),
    path("ageing/", operator_ageing.ageing, name="operator-ageing"),
    path("invoices/<inv:invoice_id>/", operator_invoices.invoice, name="operator-invoice"),
    path("invoices/<inv:invoice_id>/document/", operator_invoices.document, name="operator-invoice-document"),
    path("invoices/<inv:invoice_id>/credit-notes/new/", operator_invoices.request_credit, name="operator-invoice-credit"),
    path("invoices/<inv:invoice_id>/dispute/", operator_invoices.dispute, name="operator-invoice-dispute"),
    path("invoices/<inv:invoice_id>/voiding/", operator_invoices.void, name="operator-invoice-void"),
    path("invoices/<inv:invoice_id>/write-off/", operator_invoices.write_off, name="operator-invoice-write-off"),
]
_PAYMENTS = [
    path("payments/", operator_payments.payments, name="operator-payments"),
    path("payments/new/", record_payment.choose_payer, name="record-payment"),
    path("payments/announced/", operator_announced.announced, name="operator-announced"),
    path("payments/<pay:payment_id>/arrival/", operator_announced.record, name="operator-announced-record"),
    path("payments/<pay:payment_id>/withdrawal/", operator_announced.withdraw, name="operator-announced-withdraw"),
    path("payments/<pay:payment_id>/", operator_payments.payment, name="operator-payment"),
    path("payments/<pay:payment_id>/reversal/", operator_payments.reverse_payment, name="operator-payment-reverse"),
]
_REFUNDS = [
    path("refunds/", operator_refunds.refunds, name="operator-refunds"),
    path("credit-notes/<cn:credit_note_id>/approval/", operator_refunds.approve_credit_note, name="operator-credit-approve"),
    path("credit-notes/<cn:credit_note_id>/refusal/", operator_refunds.decline_credit_note, name="operator-credit-decline"),
    path("write-offs/<uuid:write_off_id>/approval/", operator_write_offs.approve, name="operator-write-off-approve"),
    path("write-offs/<uuid:write_off_id>/refusal/", operator_write_offs.decline, name="operator-write-off-decline"),
    path("refunds/<cus:customer_id>/<div:division_id>/new/", operator_refunds.request_refund, name="operator-refund-request"),
    path("refunds/<cus:customer_id>/<div:division_id>/use/", operator_refunds.use_credit, name="operator-use-credit"),
    path("refunds/<cus:customer_id>/<uuid:refund_id>/approval/", operator_refunds.approve_refund, name="operator-refund-approve"),
    path("refunds/<cus:customer_id>/<uuid:refund_id>/refusal/", operator_refunds.decline_refund, name="operator-refund-decline"),
    path("refunds/<cus:customer_id>/<uuid:refund_id>/arrival/", operator_refunds.settle_refund, name="operator-refund-settle"),
    path("refunds/<cus:customer_id>/<uuid:refund_id>/return/", operator_refunds.fail_refund, name="operator-refund-fail"),
]
_CUSTOMERS = [
    path("customers/", operator_customers.customers, name="operator-customers"),
    path("customers/new/", operator_customers.create_customer, name="operator-customer-create"),
    path("customers/<cus:customer_id>/", operator_customers.customer, name="operator-customer"),
    path("customers/<cus:customer_id>/record/", operator_master.change_customer, name="operator-customer-change"),
    path("customers/<cus:customer_id>/purchase-orders/new/", operator_orders.enter, name="operator-order-enter"),
    path("customers/<cus:customer_id>/payments/new/", record_payment.record_payment, name="record-payment-of"),
    path("customers/<cus:customer_id>/payments/outcome/", record_payment.outcome, name="record-payment-outcome"),
    path("customers/<cus:customer_id>/credit-terms/new/", operator_credit.request_credit_terms, name="operator-credit-terms"),
    path(
        "customers/<cus:customer_id>/credit-terms/<uuid:terms_id>/approval/",
        operator_credit.approve_credit_terms,
        name="operator-credit-terms-approve",
    ),
    path(
        "customers/<cus:customer_id>/credit-terms/<uuid:terms_id>/refusal/",
        operator_credit.decline_credit_terms,
        name="operator-credit-terms-decline",
    ),
    path("customers/<cus:customer_id>/divisions/new/", operator_divisions.create_division, name="operator-division-create"),
    path("customers/<cus:customer_id>/divisions/<div:division_id>/closing/", operator_divisions.close_division, name="operator-division-close"),
    path("customers/<cus:customer_id>/divisions/<div:division_id>/name/", operator_divisions.rename_division, name="operator-division-rename"),
    path("customers/<cus:customer_id>/separate-funds/", operator_divisions.separate_funds, name="operator-separate-funds"),
    path("customers/<cus:customer_id>/users/new/", operator_people.invite_user, name="operator-user-invite"),
    path("customers/<cus:customer_id>/users/<usr:person_id>/", operator_people.user, name="operator-user"),
]
_RUNNING = [
    path("settings/", operator_settings.settings, name="operator-settings"),
    path("settings/legal-entities/new/", operator_settings.create_entity, name="operator-entity-create"),
    path("settings/legal-entities/<int:legal_entity_id>/tax-rates/new/", operator_settings.create_rate, name="operator-rate-create"),
    path("settings/legal-entities/<int:legal_entity_id>/bank-accounts/new/", operator_settings.create_account, name="operator-account-create"),
    path("settings/legal-entities/<int:legal_entity_id>/series/<slug:kind>/", operator_settings.set_series, name="operator-series"),
    path("settings/api-keys/", operator_keys.keys, name="operator-keys"),
    path("settings/api-keys/<key:key_id>/rotation/", operator_keys.rotate, name="operator-key-rotate"),
    path("settings/api-keys/<key:key_id>/revocation/", operator_keys.revoke, name="operator-key-revoke"),
    path("settings/staff/new/", operator_people.invite_staff, name="operator-staff-invite"),
    path("settings/write-offs/<str:currency>/", operator_write_offs.tolerance, name="operator-write-off-tolerance"),
    path("settings/four-eyes/", operator_settings.four_eyes, name="operator-four-eyes"),
    path("settings/webhooks/", operator_settings.private_targets, name="operator-private-targets"),
    path("fuses/<cus:customer_id>/<div:division_id>/closing/", fuse.close_for_customer, name="operator-fuse-close"),
    path("health/", operator_health.health, name="operator-health"),
    path("health/proof/", operator_health.prove, name="operator-prove"),
    path("health/proof/progress/", operator_health.progress, name="operator-prove-progress"),
    path("health/jobs/<int:job_id>/resumption/", operator_health.resume, name="operator-job-resume"),
    path("first-run/<str:token>/", first_run.first_run, name="first-run"),
]

urlpatterns: list[URLPattern] = [*_ORDERS, *_INVOICES, *_PAYMENTS, *_REFUNDS, *_CUSTOMERS, *_RUNNING]
