"""Register the verbs of a resource: scope, unknown parameters, keys of idempotency, preconditions, and what is documented of them."""

import contextlib
import functools
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import ninja
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from tallystick.domain.answers import operations as answers
from tallystick.domain.customers import rules
from tallystick.domain.customers.rules import Right, Viewer
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework import bodies, callers, conditions, parameters, replies
from tallystick.interfaces.api.framework.replies import Told
from tallystick.lib import errors

type Act = Callable[[], Told]
type Reading = Callable[..., Told | HttpResponse]
type Writing = Callable[..., Act]
_NOT_MODIFIED = 304
_OK = 200


class Need(StrEnum):
    """Say whether a header is taken, and whether nothing goes without it."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Terms(TypedDict, total=False):
    """Say what a writing promises beside its answer."""

    status: int
    key: Need
    match: Need
    in_steps: bool
    """That the operation calls a gateway between two transactions."""
    keep_forever: bool
    """That the key is remembered for ever, as where money moves."""
    previews: type[BaseModel]
    """What a dry run answers."""
    body: bodies.Taken
    """What the view reads by itself (`bodies.read`)."""


class Resource:
    """Gather the routes of one resource."""

    def __init__(self, name: str, *, tag: str, prefix: str) -> None:
        """Name the scope, the heading in the documents, and where the routes begin."""
        assert name in rules.RESOURCES, "a scope of this name exists"
        self.name, self.prefix = name, prefix
        self.router = ninja.Router(tags=[tag])

    def reading(self, path: str, *, answers: type[BaseModel] | None, extra: dict[str, Any] | None = None) -> Callable[[Reading], Reading]:
        """Register a GET."""

        def registered(view: Reading) -> Reading:
            @functools.wraps(view)
            def run(request: HttpRequest, **asked: object) -> HttpResponse:
                parameters.check(request, known)
                # files may come from a store far away: no transaction waits for it
                with scope.of(callers.of(request).viewer) if answers else contextlib.nullcontext():
                    told = view(request, **asked)
                return told if isinstance(told, HttpResponse) else _shown(request, told)

            key = callers.Key(self.name, Right.READ)
            self.router.api_operation(["GET"], path, **_registration(view, key, {200: answers}, extra or {}))(run)
            known = self._parameters(path)
            return view

        return registered

    def writing(self, path: str, *, answers: type[BaseModel], **terms: Unpack[Terms]) -> Callable[[Writing], Writing]:
        """Register a POST."""
        status, match, body = terms.get("status", _OK), terms.get("match", Need.NONE), terms.get("body")
        need, previews = terms.get("key", Need.OPTIONAL), terms.get("previews")
        extra = {"x-idempotency-key": need, "x-if-match": match, **(body.document() if body else {})}

        def registered(view: Writing) -> Writing:
            @functools.wraps(view)
            def run(request: HttpRequest, **asked: object) -> HttpResponse:
                parameters.check(request, known)
                if match is Need.REQUIRED:
                    conditions.require_sent(request)
                wanted = _asked(request, need, keep_forever=terms.get("keep_forever", False))
                act = view(request, **asked)
                if asked.get("dry_run"):
                    return replies.response(_dry(callers.of(request).viewer, act).kept(_OK))
                run_it = _in_steps if terms.get("in_steps") else _once
                answered, is_replay = run_it(callers.of(request).viewer, wanted, act, status)
                return replies.response(answered, is_replay=is_replay)

            bearer = callers.Key(self.name, Right.WRITE, takes=body.types if body else ("application/json",))
            promised: dict[int, Any] = {status: answers}
            if previews:
                promised[_OK] = answers | previews if status == _OK else previews
            self.router.api_operation(["POST"], path, **_registration(view, bearer, promised, extra))(run)
            known = self._parameters(path)
            return view

        return registered

    def _parameters(self, path: str) -> dict[str, str]:
        """List the query parameters of the route that was registered last."""
        return parameters.kinds(self.router.path_operations[path].operations[-1].models)


def _registration(view: Callable[..., object], key: callers.Key, response: dict[int, Any], extra: dict[str, Any]) -> dict[str, Any]:
    text = inspect.getdoc(view) or ""
    return {
        "auth": key,
        "response": response,
        "by_alias": True,
        "operation_id": view.__name__,
        "summary": text.partition("\n")[0].partition(":")[0].rstrip("."),
        "description": text,
        "openapi_extra": {"x-scope": f"{key.resource}:{key.right}", **extra},
    }


def _shown(request: HttpRequest, told: Told) -> HttpResponse:
    if told.etag and told.etag in conditions.sent(request, "If-None-Match"):
        return HttpResponse(status=_NOT_MODIFIED, headers={"ETag": told.etag})
    return replies.response(told.kept(_OK))


def _asked(request: HttpRequest, need: Need, *, keep_forever: bool) -> answers.Asked | None:
    """Read the key of idempotency. Raises KeyMissing, KeyMalformed."""
    written = request.headers.get("Idempotency-Key")
    if written is None and need is not Need.REQUIRED:
        return None
    path = request.get_full_path().encode()
    match = request.headers.get("If-Match", "").encode()
    return answers.Asked(words.idempotency_key(written or ""), answers.fingerprint(b"POST", path, match, request.body), keep_forever)


@scope.retrying
def _dry(viewer: Viewer, act: Act) -> Told:
    """Have the effect, word it, and take it back: nothing is written and no key is remembered."""
    with scope.of(viewer):
        told = act()
        scope.undo()
    return told


@scope.retrying
def _once(viewer: Viewer, asked: answers.Asked | None, act: Act, status: int) -> tuple[answers.Kept, bool]:
    """Have the effect and remember its answer in one transaction; a refusal takes both back."""
    with scope.of(viewer):
        before = answers.claim(viewer=viewer, asked=asked, now=datetime.now(UTC)) if asked else None
        if before is not None:
            return before, True
        told = act()
        if asked:
            answers.keep(viewer=viewer, asked=asked, answered=told.remembered(status))
    return told.kept(status), False


def _in_steps(viewer: Viewer, asked: answers.Asked | None, act: Act, status: int) -> tuple[answers.Kept, bool]:
    """Claim, have the effect in transactions of its own, remember: for what calls a gateway in between."""
    if asked is None:
        return act().kept(status), False
    before = _claimed(viewer, asked)
    if before is not None:
        return before, True
    try:
        told = act()
    except errors.Refusal:
        answers.drop(viewer=viewer, asked=asked)
        raise
    answers.keep(viewer=viewer, asked=asked, answered=told.remembered(status))
    return told.kept(status), False


@scope.retrying
def _claimed(viewer: Viewer, asked: answers.Asked) -> answers.Kept | None:
    return answers.claim(viewer=viewer, asked=asked, now=datetime.now(UTC))
