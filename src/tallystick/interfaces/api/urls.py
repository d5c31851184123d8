"""Name what Django answers below /api/v1: the routes of charges and holds are the lane's (lane.py)."""

from django.urls import re_path

from tallystick.interfaces.api import views

urlpatterns = [re_path("^api/v1/(?P<rest>.*)$", views.no_route)]
