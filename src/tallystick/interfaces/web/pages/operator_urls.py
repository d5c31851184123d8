"""Map the operator's addresses below /operator/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
