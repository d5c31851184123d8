"""Map the site: every address of the pages on one screen. The operator's addresses stand in pages/operator_urls.py."""

from allauth.account import views as account
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView

from tallystick.interfaces.web import converters
from tallystick.interfaces.web.pages import (
    audit_log,
    credit_cards,
    deposit,
    design,
    divisions,
    downloads,
    find,
    histories,
    home,
    invoice,
    keys,
    live,
    operator_urls,
    order,
    order_create,
    orders,
    overview,
    pay_invoice,
    payment,
    preferences,
    seat,
    settings,
    sign_in_link,
    statement,
    theme,
    up,
    users,
    webhooks,
)

converters.register()

_SHELL = [
    path("", home.home, name="home"),
    path("find/", find.find, name="find"),
    path("theme/", theme.theme, name="theme"),
    path("seat/", seat.seat, name="seat"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("design/", design.design, name="design"),
    path("live/<str:token>/", live.live, name="live"),
    path("up/", up.up, name="up"),
]
_PERSON = [
    path("person/signup/", TemplateView.as_view(template_name="account/signup_closed.html")),
    # an address is whom an administrator invited: nobody changes the one that signs in by themselves
    path("person/email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("person/", include("allauth.urls")),
    path("sign-in/", account.login, name="sign-in"),
    path("sign-in/link/<str:token>", sign_in_link.sign_in_link, name="sign-in-link"),
]
_FINANCES = [
    path("overview/", overview.start, name="overview"),
    path("overview/<div:division_id>/", overview.overview, name="overview-division"),
    path("deposit/", deposit.start, name="deposit"),
    path("deposit/<div:division_id>/", deposit.deposit, name="deposit-division"),
    path("pay-invoice/", pay_invoice.start, name="pay-invoice"),
    path("pay-invoice/<div:division_id>/", pay_invoice.pay_invoice, name="pay-invoice-division"),
    path("pay-invoice/<div:division_id>/outcome/", pay_invoice.outcome, name="pay-outcome"),
    path("pay-invoice/<div:division_id>/review/", pay_invoice.review, name="pay-review"),
    path("pay-invoice/<div:division_id>/payment/", pay_invoice.pay, name="pay"),
    path("payments/<pay:payment_id>/", payment.payment, name="payment"),
    path("payments/<pay:payment_id>/receipt/", payment.receipt, name="payment-receipt"),
    path("payments/returned/<uuid:key>/", payment.came_back, name="payment-return"),
    path("orders/", orders.summary, name="orders"),
    path("orders/division/", orders.switch, name="orders-switch"),
    path("orders/<div:division_id>/", orders.division, name="orders-division"),
    path("orders/<div:division_id>/download/", downloads.ask, name="download-ask"),
    path("downloads/<dl:export_id>/", downloads.download, name="download"),
    path("downloads/<dl:export_id>/content/", downloads.content, name="download-content"),
    path("purchase-orders/new/", order_create.create, name="order-create"),
    path("purchase-orders/new/outcome/", order_create.outcome, name="order-outcome"),
    path("purchase-orders/<po:purchase_order_id>/", order.order, name="order"),
    path("purchase-orders/<po:purchase_order_id>/document/", order.document, name="order-document"),
    path("purchase-orders/<po:purchase_order_id>/withdrawal/", order.withdraw, name="order-withdraw"),
    path("purchase-orders/<po:purchase_order_id>/correction/", order_create.correct, name="order-correct"),
    path("invoices/<inv:invoice_id>/", invoice.invoice, name="invoice"),
    path("invoices/<inv:invoice_id>/document/", invoice.document, name="invoice-document"),
    path("balance-history/", histories.balance_start, name="balance-history"),
    path("balance-history/<div:division_id>/", histories.balance_history, name="balance-history-division"),
    path("balance-history/<div:division_id>/file/", histories.balance_csv, name="balance-history-csv"),
    path("statement/", statement.start, name="statement"),
    path("statement/<div:division_id>/", statement.statement, name="statement-division"),
    path("statement/<div:division_id>/document/", statement.document, name="statement-document"),
    path("purchase-history/", histories.purchase_start, name="purchase-history"),
    path("purchase-history/<div:division_id>/", histories.purchase_history, name="purchase-history-division"),
    path("purchase-history/<div:division_id>/file/", histories.purchase_csv, name="purchase-history-csv"),
    path("credit-cards/", credit_cards.credit_cards, name="credit-cards"),
    path("settings/", settings.settings, name="settings"),
    path("settings/separate-funds/", settings.separate_funds, name="separate-funds"),
]
_ACCOUNT = [
    path("divisions/", divisions.divisions, name="divisions"),
    path("divisions/<div:division_id>/closing/", divisions.close, name="division-close"),
    path("users/", users.users, name="users"),
    path("users/<usr:person_id>/", users.user, name="user"),
    path("api-keys/", keys.keys, name="keys"),
    path("api-keys/<key:key_id>/rotation/", keys.rotate, name="key-rotate"),
    path("api-keys/<key:key_id>/revocation/", keys.revoke, name="key-revoke"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<wh:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<wh:endpoint_id>/secret/", webhooks.rotate, name="webhook-rotate"),
    path("webhooks/<wh:endpoint_id>/state/", webhooks.switch, name="webhook-switch"),
    path("webhooks/<wh:endpoint_id>/removal/", webhooks.remove, name="webhook-remove"),
    path("webhooks/<wh:endpoint_id>/test/", webhooks.test, name="webhook-test"),
    path("webhooks/<wh:endpoint_id>/replay/", webhooks.replay, name="webhook-replay"),
    path("webhooks/messages/<msg:delivery_id>/resending/", webhooks.resend, name="webhook-resend"),
    path("audit-log/", audit_log.audit_log, name="audit-log"),
]

urlpatterns = [
    *_SHELL,
    *_PERSON,
    path("finances/", include(_FINANCES)),
    path("account/", include(_ACCOUNT)),
    path("operator/", include(operator_urls.urlpatterns)),
]
