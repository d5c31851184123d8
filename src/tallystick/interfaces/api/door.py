"""Put the resources of /api/v1 together: routes, refusals in every case, and the headers that every answer has."""

import functools
import logging
from collections.abc import Callable, Sequence

import ninja
import ninja.errors
import psycopg
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern

from tallystick.interfaces.api import lane, problem, views
from tallystick.interfaces.api.framework import bodies, callers, replies
from tallystick.interfaces.api.framework.resource import Resource
from tallystick.interfaces.api.resources import (
    balance_history,
    balances,
    customers,
    deposits,
    divisions,
    events,
    invoices,
    keys,
    open_invoices,
    payments,
    purchase_orders,
    recording,
    refunds,
    statements,
    transfers,
    users,
    webhooks,
)
from tallystick.lib import errors

_WRONG_METHOD = 405
_RESOURCES: Sequence[Resource] = (
    *balances.RESOURCES,
    *balance_history.RESOURCES,
    *transfers.RESOURCES,
    *divisions.RESOURCES,
    *statements.RESOURCES,
    *open_invoices.RESOURCES,
    *purchase_orders.RESOURCES,
    *invoices.RESOURCES,
    *recording.RESOURCES,  # in front of payments: /payments/record is no payment
    *payments.RESOURCES,
    *webhooks.RESOURCES,
    *events.RESOURCES,
    *keys.RESOURCES,
    *users.RESOURCES,
    *customers.RESOURCES,
    *deposits.RESOURCES,
    *refunds.RESOURCES,
)
_log = logging.getLogger(__name__)

api = ninja.NinjaAPI(title="Tallystick", version="1", docs_url=None, openapi_url=None, urls_namespace="api-1")
for _resource in _RESOURCES:
    api.add_router(_resource.prefix, _resource.router)


@api.exception_handler(errors.Refusal)
def _refused(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    return replies.refused(request, refusal)


@api.exception_handler(ninja.errors.ValidationError)
def _misshapen(request: HttpRequest, wrong: ninja.errors.ValidationError) -> HttpResponse:
    return replies.refused(request, bodies.misshapen(wrong.errors))


@api.exception_handler(ninja.errors.HttpError)
def _unreadable(request: HttpRequest, _wrong: ninja.errors.HttpError) -> HttpResponse:
    return replies.refused(request, errors.Invalid("The body is not valid JSON in UTF-8.", code="body_malformed"))


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, _wrong: RequestDataTooBig) -> HttpResponse:
    return replies.refused(request, errors.Invalid("The body is larger than what is taken.", code="body_too_large"))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(TooManyFieldsSent)
@api.exception_handler(TooManyFilesSent)
@api.exception_handler(UnreadablePostError)
def _no_form(request: HttpRequest, _wrong: Exception) -> HttpResponse:
    return replies.refused(request, errors.Invalid("The form cannot be read.", code="body_malformed"))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _wrong: Http404) -> HttpResponse:
    return replies.refused(request, errors.NotFound("There is no such route.", code="route_not_found"))


@api.exception_handler(OperationalError)
@api.exception_handler(psycopg.OperationalError)
def _away(request: HttpRequest, _wrong: Exception) -> HttpResponse:
    return replies.refused(request, problem.Unavailable("The database does not answer for the moment. Send this again, with the same key."))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, wrong: Exception) -> HttpResponse:
    _log.error("%s %s failed, request %s", request.method, request.path, replies.request_id(request), exc_info=wrong)
    return replies.refused(request, lane.BROKEN)


def _finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give every answer what all answers have, also the one to a method that a route does not take. HEAD is a GET whose body the server leaves out."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
        answer = view(request, *args, **named)
        if answer.status_code == _WRONG_METHOD:
            answer = views.wrong_method(request, answer.headers.get("Allow", "").split(", "))
        for name, value in request.META.get(callers.LIMITS, {}).items():
            answer.headers[name] = value
        answer.headers["X-Request-Id"] = replies.request_id(request)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    run.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own mark: keys, not cookies, say who asks
    return run


def _routes() -> list[URLPattern]:
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = _finished(pattern.callback)
    return found


ROUTES = _routes()
"""The routes of all resources, below /api/v1/."""
