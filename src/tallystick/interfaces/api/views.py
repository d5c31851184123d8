"""Answer in Django the paths below /api/v1 that the lane does not take."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tallystick.interfaces.api import lane, problem
from tallystick.lib import errors


@csrf_exempt
def no_route(request: HttpRequest, **_path: str) -> JsonResponse:
    """Say that there is no such route, or that it takes POST only."""
    known = lane.find(request.path) is not None
    sentence = "This route takes POST only." if known else "There is no such route."
    refusal = errors.Refusal(sentence, code="method_not_allowed") if known else errors.NotFound(sentence, code="route_not_found")
    status = problem.status(refusal)
    request_id = lane.request_id(request.headers.get("X-Request-Id", ""))
    content = {**problem.shown(refusal), "instance": request.path, "request_id": request_id}
    headers = {"X-Request-Id": request_id, **({"Allow": "POST"} if known else {})}
    return JsonResponse(content, status=status, content_type=problem.CONTENT_TYPE, headers=headers)
