"""Give the site map the operator's addresses."""

from django.urls import URLResolver
from django.urls.resolvers import RoutePattern

# read when the first address is looked up: its routes use the converters that the site map registers after its imports
urlpatterns: list[URLResolver] = [URLResolver(RoutePattern(""), "tallystick.interfaces.web.urls_operator")]
