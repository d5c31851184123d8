"""Name what Django answers below /api/v1: the resources (door.py); the routes of charges and holds are the lane's (lane.py)."""

from django.urls import include, path, re_path

from tallystick.interfaces.api import door, openapi, reference, views

urlpatterns = [
    path("api/v1/", reference.page, name="api-reference"),
    path("api/v1/openapi.json", openapi.served, name="openapi"),
    path("api/v1/", include(door.ROUTES)),
    re_path("^api/v1/(?P<rest>.*)$", views.no_route),
]
