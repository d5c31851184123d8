"""Register the pages as a Django app, for its templates, static files and template tags."""

from django.apps import AppConfig


class Web(AppConfig):
    """Name the app `web`; it has no tables."""

    name = "tallystick.interfaces.web"
    label = "web"
    verbose_name = "Pages"
