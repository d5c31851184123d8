"""Hold every answer of /services/v2 that a test gets against what the document of that face promises."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from openapi_schema_validator import OAS31Validator

from tallystick.interfaces.services_v2 import document

_ERROR = 400
_NO_CONTENT = 204


@cache
def _validator(shape: str) -> OAS31Validator:
    return OAS31Validator({"$ref": f"#/components/schemas/{shape}", "components": document.complete()["components"]})


@cache
def _operation(method: str, path: str) -> dict[str, Any] | None:
    return document.promised("get" if method == "HEAD" else method, path)


def hold(method: str, at: str, answer: httpx.Response) -> None:
    """Fail where an answer is none that is promised: its status, its media type, or any type in it."""
    path = urlsplit(at).path
    if not path.startswith(document.START) or path in {document.START, f"{document.START}openapi.json"}:
        return
    operation = _operation(method, path)
    if answer.status_code >= _ERROR:
        assert operation is None or str(answer.status_code) in operation["responses"], answer.status_code
        if method != "HEAD":
            _validator("Errors").validate(answer.json())
        return
    assert operation is not None, f"{method} {path} is answered and not described"
    promised = operation["responses"][str(answer.status_code)]
    if answer.status_code == _NO_CONTENT or method == "HEAD":
        return
    media = promised["content"][answer.headers["content-type"].partition(";")[0]]
    if "$ref" in media["schema"]:
        _validator(media["schema"]["$ref"].rpartition("/")[2]).validate(answer.json())
