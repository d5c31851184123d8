"""Let a key's request in: one look-up, one rate, one viewer; and give every refusal the words of this face."""

import functools
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.domain.customers.rules import Act, Right, Viewer, comes_from, key_permits, permits
from tallystick.domain.funds import keyed
from tallystick.integrations.postgres import lanes
from tallystick.interfaces import callers
from tallystick.interfaces.services_v2 import answers, gate
from tallystick.lib import errors

_log = logging.getLogger(__name__)
_BAD_REQUEST = 400
_SMALLEST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Caller:
    """Hold who asks, and the request."""

    request: HttpRequest
    viewer: Viewer
    customer_id: int
    key_id: str
    currency: str

    @property
    def wants_csv(self) -> bool:
        """Tell whether a list is asked for as a table."""
        return "text/csv" in self.request.headers.get("Accept", "").lower()


class Malformed(errors.Invalid):
    """Say what of the request cannot be read."""

    code = "bad_request_format"


class ParameterMissing(errors.Invalid):
    """Say that the container must be named."""

    code = "missing_required_parameter|container_id"


type View = Callable[..., answers.Answer]


def response(answer: answers.Answer) -> HttpResponse:
    """Put an answer into Django's words."""
    made = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type, headers=dict(answer.headers))
    made.headers["Cache-Control"] = "no-store"
    return made


def of_address(request: HttpRequest) -> str:
    """Tell who asks over Django."""
    return callers.address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def opened(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Let requests of these methods in that bear a live key. HEAD is a GET whose body the server leaves out."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @functools.wraps(view)
        def run(request: HttpRequest, **named: str) -> HttpResponse:
            if ("GET" if request.method == "HEAD" else request.method) not in methods:
                return response(answers.wrong_method(methods[0]))
            return response(_answer(request, view, named))

        return run

    return wrap


def finance(resource: str, right: Right = Right.READ, act: Act = Act.SEE_FINANCES) -> Callable[[View], View]:
    """Ask of the key a scope and of its person a role."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(caller: Caller, **named: str) -> answers.Answer:
            if not (key_permits(caller.viewer, resource, right) and permits(caller.viewer, act)):
                return answers.MISSING_PERMISSION
            return view(caller, **named)

        return run

    return wrap


def _answer(request: HttpRequest, view: View, named: dict[str, str]) -> answers.Answer:
    try:
        caller = _enter(request)
        return caller if isinstance(caller, answers.Answer) else view(caller, **named)
    except errors.NotFound:
        return answers.NOT_FOUND
    except errors.NotAllowed:
        return answers.MISSING_PERMISSION
    except errors.Refusal as refusal:
        return answers.error(_BAD_REQUEST, code_of(refusal), str(refusal.sentence))
    except (OperationalError, psycopg.OperationalError):
        _log.exception("the database did not answer")
        return answers.UNAVAILABLE


def code_of(refusal: errors.Refusal) -> str:
    """Keep the codes that say which rule was met; what is only badly written has the face's own code for that."""
    kept = not isinstance(refusal, errors.Invalid) or isinstance(refusal, ParameterMissing) or refusal.code == "idempotency_key_reused"
    return refusal.code if kept else Malformed.code


def _enter(request: HttpRequest) -> Caller | answers.Answer:
    secret = request.headers.get("X-DC-DEVKEY", "")
    if not secret:
        return answers.MISSING_KEY
    sha256 = hashlib.sha256(secret.encode("latin-1", "replace")).digest()
    found = keyed.key(ask=lanes.of_thread("keyed", keyed.STATEMENTS).ask, sha256=sha256)
    if found is None or not found.customer_id or (found.networks and not comes_from(of_address(request), found.networks)):
        return answers.INVALID_KEY
    wait_seconds = gate.admit(found.key_id)
    if wait_seconds:
        return answers.limited(wait_seconds)
    callers.note(found.key_id)
    return Caller(request, found.viewer, found.customer_id, found.key_id, found.currency)
