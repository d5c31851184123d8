"""Word an answer: JSON with its headers, kept answers again, and problems."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from tallystick.domain.answers.operations import Kept
from tallystick.interfaces.api import lane, problem
from tallystick.lib import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Hold what a resource answers: its shape, the mark of the state it shows, and further headers.

    `repeated` is what the same request is answered again, where the first answer has a secret that is shown once and kept nowhere.
    """

    content: BaseModel
    etag: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeated: BaseModel | None = None

    def kept(self, status: int) -> Kept:
        """Write the answer down as it will be sent."""
        headers = dict(self.headers)
        if self.etag:
            headers["ETag"] = self.etag
        return Kept(self.status or status, headers, self.content.model_dump_json(by_alias=True))

    def remembered(self, status: int) -> Kept:
        """Write the answer down as repeats of the request get it."""
        return (self if self.repeated is None else replace(self, content=self.repeated)).kept(status)


def response(answered: Kept, *, is_replay: bool = False) -> HttpResponse:
    """Send an answer, now or again."""
    made = HttpResponse(answered.body, status=answered.status, content_type="application/json", headers=answered.headers)
    if is_replay:
        made.headers["Idempotent-Replayed"] = "true"
    return made


def refused(request: HttpRequest, refusal: errors.Refusal) -> HttpResponse:
    """Send a refusal as a problem. Source: RFC 9457, RFC 6750 section 3, RFC 9110 section 10.2.3."""
    status = problem.status(refusal)
    content = {**problem.shown(refusal), "instance": request.path, "request_id": request_id(request)}
    made = HttpResponse(json.dumps(content), status=status, content_type=problem.CONTENT_TYPE)
    if status == problem.UNAUTHENTICATED:
        made.headers["WWW-Authenticate"] = "Bearer"
    if "seconds" in refusal.facts:
        made.headers["Retry-After"] = str(refusal.facts["seconds"])
    elif status == problem.UNAVAILABLE:
        made.headers["Retry-After"] = "1"
    return made


def request_id(request: HttpRequest) -> str:
    """Give the request's own id, the same however often it is asked for."""
    known = request.META.get("tallystick.request_id")
    if known is None:
        known = request.META["tallystick.request_id"] = lane.request_id(request.headers.get("X-Request-Id", ""))
    return str(known)
