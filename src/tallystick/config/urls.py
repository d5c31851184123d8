"""Compose the site map from the doors' own."""

from django.urls import include, path

from tallystick.config import faults

urlpatterns = [
    path("", include("tallystick.interfaces.web.urls")),
    path("", include("tallystick.interfaces.hooks.urls")),
    path("", include("tallystick.interfaces.services_v2.urls")),
    path("", include("tallystick.interfaces.api.urls")),
]

handler400 = faults.unreadable
handler500 = faults.broken
