"""Word an OpenAPI document as a page that people read: made of the document alone, without script, and so without a network."""

import json
from dataclasses import dataclass
from typing import Any

from django.template import loader

type Object = dict[str, Any]
_REFUSED = 400
LABELS = {
    "contents": "Contents",
    "scope": "Scope",
    "part": "Part",
    "kind": "Type",
    "meaning": "Meaning",
    "parameters": "Parameters and headers",
    "body": "Body",
    "example": "Example",
    "answers": "Answers",
    "status": "Status",
    "shapes": "Shapes",
    "needed": "required",
    "document": "openapi.json",
}
"""The words of the page; programs are spoken to in English, and so are those who write them."""
PAGES = {"api-reference": "The native API, /api/v1", "services-reference": "For clients of CertCentral, /services/v2"}
"""Every document that is served, by the name of its page's address."""


@dataclass(frozen=True, slots=True)
class Part:
    """Show one parameter, header or field."""

    name: str
    kind: str
    shape: str
    is_needed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Show one answer by its status."""

    status: str
    is_refusal: bool
    meaning: str
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Show one operation."""

    id: str
    method: str
    path: str
    summary: str
    meaning: str
    scope: str
    parts: list[Part]
    body: str
    example: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Shape:
    """Show one shape with its fields."""

    name: str
    meaning: str
    parts: list[Part]


def worded(text: str, *, title: str, document_name: str) -> str:
    """Word an OpenAPI document as a page; `document_name` is that of the address at which it is served."""
    found = json.loads(text)
    groups: dict[str, list[Operation]] = {}
    for path, verbs in found["paths"].items():
        for method, operation in verbs.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, found["components"]["schemas"]))
    shapes = [Shape(name, shape.get("description", ""), _fields(shape)) for name, shape in found["components"]["schemas"].items()]
    content = {
        "title": title,
        "about": found["info"]["description"].replace("`", ""),
        "document": document_name,
        "groups": sorted(groups.items()),
        "shapes": shapes,
        "label": LABELS,
        "pages": PAGES,
    }
    return loader.render_to_string("api/reference.html", content)


def _operation(path: str, method: str, operation: Object, shapes: Object) -> Operation:
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _reference(media.get("schema", {}))
    examples = [media["example"]] if "example" in media else shapes.get(body, {}).get("examples", [])
    parts = [
        Part(one["name"], f"{one['in']}: {_kind(one['schema'])}", "", one["required"], one.get("description", "")) for one in operation["parameters"]
    ]
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        meaning=operation["description"].replace("`", ""),
        scope=operation.get("x-scope", ""),
        parts=parts,
        body=body,
        example=json.dumps(examples[0], indent=2) if examples else "",
        answers=[
            Answer(status, int(status) >= _REFUSED, answer["description"], _answered(answer)) for status, answer in operation["responses"].items()
        ],
    )


def _answered(answer: Object) -> str:
    return next((_reference(media["schema"]) for media in answer.get("content", {}).values()), "")


def _fields(shape: Object) -> list[Part]:
    needed = shape.get("required", [])
    parts = shape.get("properties", {})
    return [Part(name, _kind(part), _named(part), name in needed, part.get("description", "")) for name, part in parts.items()]


def _reference(schema: Object) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _named(schema: Object) -> str:
    """Name the shape that a field has, or that each of its elements has."""
    choices = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
    return next((_reference(one) for one in choices if "$ref" in one), "")


def _kind(schema: Object) -> str:
    """Say in a word or two of what type something is."""
    if "$ref" in schema:
        return _reference(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else f"{kind}, {schema['format']}" if "format" in schema else str(kind)
