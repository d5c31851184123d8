"""Keep pages with money out of caches, so that the back button after paying or signing out shows nothing stale."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class NoStore:
    """Mark every answer to a signed-in person as not to be stored, unless the page said otherwise."""

    def __init__(self, next_layer: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the next layer; stands below the authentication middleware."""
        self.next_layer = next_layer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and mark the answer."""
        answer = self.next_layer(request)
        if request.user.is_authenticated and not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "private, no-store"
        return answer
