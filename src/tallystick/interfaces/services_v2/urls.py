"""Name the routes of this face; what is not listed answers 404 not_found|route."""

from django.urls import path, re_path

from tallystick.interfaces.services_v2 import views

urlpatterns = [
    path("services/v2/finance/balance", views.balance, name="services-balance"),
    re_path("^services/v2/(?P<rest>.*)$", views.no_route),
]
