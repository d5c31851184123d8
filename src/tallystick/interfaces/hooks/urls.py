"""Name the addresses that gateways call."""

from django.urls import path

from tallystick.interfaces.hooks import views

urlpatterns = [path("hooks/<str:provider>", views.receive, name="hook")]
