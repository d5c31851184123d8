"""Send pages compressed. What programs read is left as it is: its ETags are strong ones, and a middleware of Django's would weaken them."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


def pages(further: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Compress HTML for browsers that take it; a random length keeps secrets on a page from being guessed by its size (Heal The Breach)."""
    compress = GZipMiddleware(further).process_response

    def answer(request: HttpRequest) -> HttpResponseBase:
        given = further(request)
        is_page = given.headers.get("Content-Type", "").startswith("text/html")
        return compress(request, given) if is_page else given

    return answer
