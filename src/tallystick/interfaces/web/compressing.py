"""Send pages compressed. What programs read is left as it is: its ETags are strong ones, and a middleware of Django's would weaken them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """Compress HTML for browsers that take it; a random length keeps secrets on a page from being guessed by its size (Heal The Breach)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave everything but HTML alone."""
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
