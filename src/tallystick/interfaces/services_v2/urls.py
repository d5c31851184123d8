"""Name the routes of this face; what is not listed answers 404 not_found|route."""

from django.urls import path, re_path

from tallystick.interfaces.services_v2 import accounts, document, histories, receipts, transfers, views

urlpatterns = [
    path("services/v2/", document.page, name="services-reference"),
    path("services/v2/openapi.json", document.served, name="services-openapi"),
    path("services/v2/finance/balance", views.balance, name="services-balance"),
    path("services/v2/finance/balance-history", histories.balance_history, name="services-balance-history"),
    path("services/v2/finance/adjustment/<str:written>", histories.adjustment, name="services-adjustment"),
    path("services/v2/finance/purchase-history", histories.purchase_history, name="services-purchase-history"),
    path("services/v2/finance/receipt/<str:written>", receipts.receipt, name="services-receipt"),
    path("services/v2/finance/payment-profile", receipts.payment_profile, name="services-payment-profile"),
    path("services/v2/finance/transfer", transfers.transfer, name="services-transfer"),
    path("services/v2/account", accounts.account, name="services-account"),
    path("services/v2/container", accounts.containers, name="services-containers"),
    path("services/v2/container/<str:written>", accounts.container, name="services-container"),
    path("services/v2/user/me", accounts.user_me, name="services-user-me"),
    re_path("^services/v2/(?P<rest>.*)$", views.no_route),
]
