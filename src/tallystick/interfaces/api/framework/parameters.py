"""Read the parameters of a request strictly: an unknown one, one sent twice, and one that is written as another type are refused, never guessed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from tallystick.lib import errors

_WRITTEN = {
    "integer": (re.compile(r"-?[0-9]+"), "a whole number"),
    "boolean": (re.compile(r"true|false"), "true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a day, YYYY-MM-DD"),
    "date-time": (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})"),
        "an instant with its zone, as 2026-11-22T09:30:00Z",
    ),
}
"""What may be sent for each type or format of a schema: pydantic alone takes 1.0 for 1, and a plain number for a day. Source: RFC 3339."""


class UnknownParameter(errors.Invalid):
    """Say that a parameter is none of this route."""

    code = "unknown_parameter"


def kinds(models: Sequence[Any]) -> dict[str, str]:
    """List the parameters of an operation, each with the type that it is written as; `models` are what ninja made of its signature."""
    found: dict[str, str] = {}
    for model in models:
        if model.__ninja_param_source__ == "query":
            schema = model.model_json_schema(by_alias=True)
            found |= {name: _kind(schema, path) for name, path in model.__ninja_flatten_map__.items()}
    return found


def _kind(schema: Mapping[str, Any], path: Sequence[str]) -> str:
    part: Mapping[str, Any] = schema
    for name in path:
        part = part["properties"][name]
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    part = next((one for one in part.get("anyOf", [part]) if one.get("type") != "null"), part)
    return str(part.get("format") or part.get("type", ""))


def check(request: HttpRequest, known: Mapping[str, str]) -> None:
    """Let a request pass whose parameters are all known, sent once, and written as their type. Raises UnknownParameter, Invalid."""
    for name in request.GET:
        if name not in known:
            raise UnknownParameter(f"There is no parameter {name[:60]} here.", field=f"?{name[:60]}")
        if len(request.GET.getlist(name)) > 1:
            raise UnknownParameter(f"The parameter {name[:60]} is sent twice.", code="parameter_twice", field=f"?{name[:60]}")
        written = _WRITTEN.get(known[name])
        if written and not written[0].fullmatch(request.GET[name]):
            raise errors.Invalid(f"Write {name} as {written[1]}.", field=f"?{name}")
