"""Judge one answer more strictly than schemathesis does: what fits the document may be refused for a rule of business, never for its shape."""

import re

import schemathesis
from schemathesis import Case, CheckContext, Response

_OF_SHAPE = re.compile(
    r"(Input |Extra inputs|Field required|String should|List should|Unable to parse|Object |Expected |Unexpected |Write [a-z\[\]_]+ as )"
)
"""How pydantic, msgspec and our own reading of parameters begin to say that a part is of another shape."""
_STRICTER = "Input should be a valid integer"
"""JSON Schema counts 7.0 among the integers; we do not."""
_ALWAYS_OF_SHAPE = {400, 405, 406, 413, 415}


def is_of_shape(status: int, details: list[str]) -> bool:
    """Tell whether a refusal speaks of the shape of the request, and not of what it asks for."""
    return status in _ALWAYS_OF_SHAPE or (status == 422 and any(_OF_SHAPE.match(one) and one != _STRICTER for one in details))


@schemathesis.check
def nothing_that_fits_is_refused_for_its_shape(_context: CheckContext, response: Response, case: Case) -> None:
    """Hold the document to what it promises."""
    if case.meta is None or case.meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return
    if response.status_code < 400 or not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return
    told = response.json()
    details = [told["detail"], *(one["detail"] for one in told.get("errors", []))]
    assert not is_of_shape(response.status_code, details), f"The document allows this request: {response.status_code} {told['code']}: {details[-1]}"
