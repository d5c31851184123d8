"""Speak a person's language: the chosen one, else what their browser asks for; programs are answered in English."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from tallystick.domain.customers import queries

_OF_PROGRAMS = ("/api/", "/services/", "/hooks/")


def by_browser(further: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Begin each request in the language that the browser asks for, and in UTC; whoever turns out to be signed in is spoken to by `speak`."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        is_program = request.path_info.startswith(_OF_PROGRAMS)
        translation.activate(settings.LANGUAGE_CODE if is_program else translation.get_language_from_request(request))
        with timezone.override(None):  # the seat says whose day it is; threads are used again
            given = further(request)
        if not is_program:
            patch_vary_headers(given, ("Accept-Language",))
        given.headers.setdefault("Content-Language", translation.get_language())
        return given

    return answer


def speak(found: queries.SignedIn) -> None:
    """Go on in the language that the person chose.

    The operator's pages are kept in English: staff who chose nothing read them so, whatever their browser asks for.
    """
    if found.person.locale in dict(settings.LANGUAGES):
        translation.activate(found.person.locale)
    elif found.staff_role:
        translation.activate(settings.LANGUAGE_CODE)
