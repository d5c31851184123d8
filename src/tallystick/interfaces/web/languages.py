"""Speak a person's language: the chosen one, else what their browser asks for; programs are answered in English."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from tallystick.domain.customers import queries

_OF_PROGRAMS = ("/api/", "/services/", "/hooks/")


class ByBrowser(LocaleMiddleware):
    """Begin each request in the language that the browser asks for; whoever turns out to be signed in is spoken to by `speak`."""

    def process_request(self, request: HttpRequest) -> None:
        """Take the browser's first language that there is."""
        if request.path_info.startswith(_OF_PROGRAMS):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            super().process_request(request)


def speak(found: queries.SignedIn) -> None:
    """Go on in the language that the person chose.

    The operator's pages are kept in English: staff who chose nothing read them so, whatever their browser asks for.
    """
    if found.person.locale in dict(settings.LANGUAGES):
        translation.activate(found.person.locale)
    elif found.staff_role:
        translation.activate(settings.LANGUAGE_CODE)
