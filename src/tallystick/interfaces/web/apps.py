"""Register the pages as a Django app, for its templates, static files and template tags."""

from django.apps import AppConfig

from tallystick.interfaces.web import catalogs


class Web(AppConfig):
    """Name the app `web`; it has no tables."""

    name = "tallystick.interfaces.web"
    label = "web"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Compile the languages whose texts have changed, before any page is shown."""
        catalogs.compile_stale()
