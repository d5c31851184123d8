"""Read bodies that may come with a file: plain JSON, or a form of a JSON part and a document."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from pydantic import BaseModel

from tallystick.interfaces.api.words import BodyMalformed
from tallystick.lib import errors

type Sent = UploadedFile[Any]
"""A file as it came."""
_JSON, _FORM = "application/json", "multipart/form-data"
_SAID = {"model_type": "Input should be an object", "model_attributes_type": "Input should be an object"}
"""What pydantic says in Python's words."""
_PLACES = {"body": "", "query": "?", "path": "?", "header": "?"}


@dataclass(frozen=True, slots=True)
class Taken:
    """Say what a writing takes: a shape, and the name of the form's part that has it as JSON beside the `document`."""

    shape: type[BaseModel]
    part: str
    types: tuple[str, ...] = (_JSON, _FORM)

    def document(self) -> dict[str, Any]:
        """Describe it for the OpenAPI document; `x-shape` is replaced there by the schemas."""
        return {"x-shape": self.shape, "x-part": self.part}


def read[S: BaseModel](request: HttpRequest, shape: type[S], *, part: str) -> tuple[S, Sent | None]:
    """Read a body and the file that came with it. Raises InvalidFields, Invalid, BodyMalformed."""
    if request.content_type != _FORM:
        return _shaped(request.body, shape), None
    unknown = [name for name in [*request.POST, *request.FILES] if name not in {part, "document"}]
    if unknown:
        raise errors.Invalid(f"There is no part {unknown[0][:60]} here.", field=unknown[0][:60])
    document = request.FILES.get("document")
    written = request.POST.get(part)
    if written is None:
        raise errors.Invalid(f"Send the part {part} as JSON beside the document.", field=part)
    return _shaped(written.encode(errors="surrogatepass"), shape), document


def _shaped[S: BaseModel](written: bytes, shape: type[S]) -> S:
    try:
        return shape.model_validate_json(written or b"{}")
    except pydantic.ValidationError as wrong:
        found = wrong.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise BodyMalformed("The body is not valid JSON in UTF-8.") from None
        raise misshapen([{"loc": ("body", "", *one["loc"]), "msg": one["msg"], "type": one["type"]} for one in found]) from None


def misshapen(found: Sequence[Mapping[str, Any]]) -> errors.InvalidFields:
    """Say of each part what is wrong with its shape, as pydantic found it."""
    return errors.InvalidFields({_pointer(one["loc"]): _SAID.get(one["type"], str(one["msg"])) for one in found})


def _pointer(location: Sequence[str | int]) -> str:
    """Point where pydantic found it: behind the place and the name of the parameter of the view stand the parts of the body."""
    start = _PLACES.get(str(location[0]), "")
    parts = location[1:] if start else location[2:]
    return start + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)


@contextlib.contextmanager
def pointing(pointers: Mapping[str, str]) -> Iterator[None]:
    """Point the refusals of the domain in a block into the body, as `repointed` does."""
    try:
        yield
    except errors.Refusal as refusal:
        raise repointed(refusal, pointers) from refusal


def repointed(refusal: errors.Refusal, pointers: Mapping[str, str]) -> errors.Refusal:
    """Point a refusal of the domain into the body: fields whose names begin like a key of `pointers` are found at its value."""
    if isinstance(refusal, errors.InvalidFields):
        return errors.InvalidFields({pointers.get(field, field): sentence for field, sentence in refusal.fields.items()})
    if refusal.field is not None and refusal.field in pointers:
        refusal.field = pointers[refusal.field]
    return refusal
