"""Complete what ninja generates into the OpenAPI 3.1 document: headers, problems, forms with a file, and what each needs."""

import copy
from collections.abc import Iterator
from typing import Any

import ninja
from pydantic import BaseModel

from tallystick.interfaces.api import problem
from tallystick.interfaces.api.framework import shapes
from tallystick.interfaces.api.framework.resource import Need

type Object = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_METHODS = ("get", "post")
_ALWAYS = (401, 403, 404, 422, 429, 500, 503)
_WRITING = (400, 409, 415)
_TAKES_MONEY = ("charges", "holds", "payments", "transfers", "deposits")
_SUCCESS = 300
ABOUT = (
    "Everything that a page does. Send `Authorization: Bearer KEY`; a key has scopes, as each operation names. Send an `Idempotency-Key` with"
    " every POST: the same request again gets the same answer, with `Idempotent-Replayed: true`. Amounts are decimal text beside their currency,"
    " instants are in UTC. Unknown parameters and fields are refused. Every refusal is a problem (RFC 9457) with a `code` that stays the same."
)


def complete(api: ninja.NinjaAPI, others: Object, schemas: Object) -> Object:
    """Make the whole document: the resources of the framework, and other operations by path with the schemas they name."""
    made: Object = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    assert not schemas.keys() & made["components"]["schemas"].keys(), "no two shapes have one name"
    components: Object = {**made["components"]["schemas"], **schemas}
    paths: Object = {path: dict(verbs) for path, verbs in made["paths"].items()}
    for path, verbs in copy.deepcopy(others).items():
        paths.setdefault(path, {}).update(verbs)
    for path, verbs in paths.items():
        for method, operation in verbs.items():
            _operation(path, method, operation, components)
    for shape in (shapes.Problem, shapes.Insufficient, shapes.Wrong):
        _add(shape, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tallystick", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": _untitled(dict(sorted(paths.items()))),
        "components": {
            "schemas": _untitled(dict(sorted(components.items()))),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key, as Settings > API keys shows it once."}},
            "headers": _HEADERS,
        },
    }


def operations(document: Object) -> Iterator[tuple[str, str, Object]]:
    """List path, method and operation."""
    for path, verbs in document["paths"].items():
        for method, operation in verbs.items():
            yield path, method, operation


def _operation(path: str, method: str, operation: Object, components: Object) -> None:
    key, match = operation.pop("x-idempotency-key", Need.NONE), operation.pop("x-if-match", Need.NONE)
    operation["security"] = [{"key": []}]
    operation["description"] = f"{operation['description']} Needs the scope `{operation['x-scope']}`."
    asked = [_parameter(one) for one in operation.get("parameters", [])]
    is_one = method == "get" and path.endswith("}")
    asked += [
        _header("Idempotency-Key", key, {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
        _header("If-Match", match, {"type": "string"}),
        _header("If-None-Match", Need.OPTIONAL if is_one else Need.NONE, {"type": "string"}),
    ]
    operation["parameters"] = [one for one in asked if one]
    shape = operation.pop("x-shape", None)
    if shape is not None:
        _add(shape, components)
        operation["requestBody"] = _form(shape.__name__, operation.pop("x-part"))
    _answers(operation, method, match, media=operation.pop("x-media", []), is_one=is_one)


def _parameter(asked: Object) -> Object:
    """Say what a parameter is when it is sent: one that is left out is no null."""
    found = dict(asked["schema"])
    choices = [one for one in found.pop("anyOf", []) if one.get("type") != "null"]
    return {**asked, "schema": {**found, **(choices[0] if choices else {})}}


def _header(name: str, need: str, schema: Object) -> Object:
    if need == Need.NONE:
        return {}
    return {"in": "header", "name": name, "required": need == Need.REQUIRED, "description": _SENT[name], "schema": schema}


def _form(name: str, part: str) -> Object:
    shape = {"$ref": _REFERENCE.format(model=name)}
    document = {"type": "string", "format": "binary", "description": "PDF, PNG or JPEG, up to 10 MB."}
    form = {"type": "object", "required": [part], "properties": {part: shape, "document": document}, "additionalProperties": False}
    encoding = {part: {"contentType": "application/json"}}
    return {"required": True, "content": {"application/json": {"schema": shape}, "multipart/form-data": {"schema": form, "encoding": encoding}}}


def _answers(operation: Object, method: str, match: str, *, media: list[str], is_one: bool) -> None:
    answers: Object = {str(status): dict(found) for status, found in operation["responses"].items()}
    names = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    names += ["Idempotent-Replayed"] if method == "post" else []
    names += ["ETag"] if is_one or match != Need.NONE else []
    names += ["Link"] if any(one["name"] == "after" for one in operation["parameters"]) else []
    for found in answers.values():
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        if media:
            found["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}
    if is_one:
        answers["304"] = {"description": "It is what If-None-Match names."}
    resource = operation["x-scope"].partition(":")[0]
    refusals = {*_ALWAYS, *(_WRITING if method == "post" else ()), *((412,) if match != Need.NONE else ())}
    refusals |= {428} if match == Need.REQUIRED else set()
    refusals |= {402} if method == "post" and resource in _TAKES_MONEY else set()
    for status in refusals:
        answers[str(status)] = _refusal(status)
    operation["responses"] = dict(sorted(answers.items()))


def _refusal(status: int) -> Object:
    name = "Insufficient" if status == problem.INSUFFICIENT else "Problem"
    content = {problem.CONTENT_TYPE: {"schema": {"$ref": _REFERENCE.format(model=name)}}}
    return {"description": problem.title(status), "content": content, "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}}


def _add(shape: type[BaseModel], components: Object) -> None:
    found = shape.model_json_schema(ref_template=_REFERENCE, by_alias=True)
    components.update(found.pop("$defs", {}))
    components[shape.__name__] = found


def _untitled[T](found: T) -> T:
    """Leave the titles out that pydantic makes of the names of fields: they say nothing more."""
    if isinstance(found, dict):
        return {name: _untitled(value) for name, value in found.items() if not (name == "title" and isinstance(value, str))}  # type: ignore[return-value]  # a dict for a dict
    if isinstance(found, list):
        return [_untitled(value) for value in found]  # type: ignore[return-value]  # a list for a list
    return found


def _described(description: str) -> Object:
    return {"description": description, "schema": {"type": "string"}}


_SENT = {
    "Idempotency-Key": "New for each request, and the same when it is sent again: the effect is had once, and answered alike for 30 days.",
    "If-Match": "The ETag of what was looked at; 412 where it is another by now.",
    "If-None-Match": "The ETag of what is known already; 304 where it is still that.",
}
_HEADERS: Object = {
    "X-Request-Id": _described("The id that was sent, or a new one."),
    "Idempotent-Replayed": _described("true where an earlier request with the same Idempotency-Key had the effect."),
    "ETag": _described("The mark of the state that is shown, for If-Match."),
    "Link": _described("The addresses of the next and the previous page (RFC 8288)."),
    "RateLimit-Policy": _described("How often a key may ask, over all programs that use it."),
    "RateLimit": _described("How often it may still ask, and in how many seconds there is more."),
}
