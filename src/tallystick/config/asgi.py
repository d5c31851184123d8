"""Compose the one application that the server runs: the fast lanes in front, everything else to Django (ADR 0008)."""

import os

import django
from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler

from tallystick.config import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
django.setup()

from tallystick.interfaces import api, wire  # noqa: E402 - Django's apps must be ready before the domain is loaded
