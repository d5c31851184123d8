"""Make the OpenAPI 3.1 document of this face from its routes, its orders and its errors, and show it as a page."""

import functools
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tallystick.interfaces import reference
from tallystick.interfaces.services_v2 import accounts, answers, asked, door, histories
from tallystick.interfaces.services_v2 import document_shapes as shapes

type Object = dict[str, Any]
START = "/services/v2/"
ABOUT = (
    "The finance API that programs written for CertCentral speak: they get another address and another key, and nothing else."
    " Send `X-DC-DEVKEY: KEY`. Amounts are texts, and so are the ids of rows; times are in UTC. Unknown fields of a query are ignored."
    " This face is frozen: what is new comes to /api/v1."
)
_MOMENT = "[1-9][0-9]{3}-(0?[1-9]|1[0-2])-(0?[1-9]|1[0-9]|2[0-8])( ([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9])?)?"
_DATES = {
    "type": "string",
    "description": "A day or a second, from...to, <date or >date. A pattern of safe days; real ones of 29 to 31 are taken too.",
    "pattern": f"^([<>]?{_MOMENT}|{_MOMENT}\\.\\.\\.{_MOMENT})$",
}
_FILTER = {
    "type": "string",
    "description": "Behind a percent sign: what contains it. Several as filters[name][0], filters[name][1].",
    "maxLength": 255,
}
_CONTAINER = {"type": "integer", "minimum": 0, "description": "Needed where there are several containers; filters[container_id] will do too."}
_STATUSES: Mapping[int, str] = {
    400: "Something of the request cannot be read, or is refused by a rule",
    401: "No key came with the request",
    403: "The key is not valid, or it may not do this",
    404: "There is no such thing, or no such route",
    405: "The method is not allowed here",
    413: "The body is larger than what is taken",
    429: "This key asked too often",
    500: "Something went wrong on our side",
    503: "Not available for the moment",
}


def _sorted(fields: Collection[str]) -> Object:
    either = "|".join(sorted(fields))
    return {"type": "string", "description": "Fields, with a minus sign for falling.", "pattern": f"^(-?({either})(,-?({either}))*)?$"}


def _paged(most: int = asked.MOST_ROWS) -> Object:
    return {
        "limit": {"type": "integer", "minimum": 1, "default": most, "description": "At most 1000 are given."},
        "offset": {"type": "integer", "minimum": 0},
    }


def _list(fields: Collection[str], **filters: Object) -> Object:
    return {**{f"filters[{name}]": kind for name, kind in filters.items()}, "sort": _sorted(fields), **_paged()}


def _operation(name: str, said: str, shape: str, *, query: Object | None = None, subject: str = "", table: bool = False) -> Object:
    parts = [{"in": "path", "name": subject, "required": True, "schema": shapes.TEXT}] if subject else []
    parts += [
        {"in": "query", "name": name, "required": False, "description": kind.get("description", ""), "schema": kind}
        for name, kind in (query or {}).items()
    ]
    content: Object = {"application/json": {"schema": shapes.named(shape)}}
    if table:
        content["text/csv"] = {"schema": shapes.TEXT}
    return {
        "operationId": name,
        "summary": said.partition(":")[0],
        "description": f"{said}.",
        "tags": ["Finance" if name not in {"account", "containers", "container", "user_me"} else "Account"],
        "parameters": parts,
        "responses": {"200": {"description": "Done", "content": content}},
    }


_TRANSFER: Object = {
    **_operation("transfer", "Move own and free funds: only with separate funds, and once for the same three values within ten seconds", "Errors"),
    "requestBody": {"required": True, "content": {"application/json": {"schema": shapes.named("Transfer")}}},
    "responses": {"204": {"description": "Done"}},
}
_TRANSFER["parameters"] = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "description": "With one, the same request is done once for ever.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    }
]
_AT = {"container_id": _CONTAINER}
_OPERATIONS: Mapping[str, Object] = {
    "finance/balance": {
        "get": _operation("balance", "Show the figures of one container", "Balance", query={**_AT, "filters[container_id]": _CONTAINER})
    },
    "finance/balance-history": {
        "get": _operation(
            "balance_history",
            "List what moved a balance: newest first",
            "BalanceHistory",
            query={
                **_AT,
                **_list(histories.ADJUSTED, container_id=_CONTAINER, adjust_type=_FILTER, transaction_date=_DATES, expiration_date=_DATES),
            },
            table=True,
        )
    },
    "finance/adjustment/{id}": {"get": _operation("adjustment", "Show one row of the balance history", "Adjustment", subject="id")},
    "finance/purchase-history": {
        "get": _operation(
            "purchase_history",
            "List what was bought and given back: newest first",
            "PurchaseHistory",
            query={**_AT, **_list(histories.BOUGHT, container_id=_CONTAINER, payment_type=_FILTER, transaction_date=_DATES, order_id=_FILTER)},
            table=True,
        )
    },
    "finance/receipt/{id}": {"get": _operation("receipt", "Show a receipt", "Receipt", subject="id")},
    "finance/payment-profile": {
        "get": _operation("payment_profile", "List the cards of the key's owner", "PaymentProfile", query=_paged(), table=True)
    },
    "finance/transfer": {"post": _TRANSFER},
    "account": {"get": _operation("account", "Show the account", "Account")},
    "container": {"get": _operation("containers", "List the containers in sight", "Containers", query=_list(accounts.COLUMNS), table=True)},
    "container/{id}": {"get": _operation("container", "Show one container", "Container", subject="id")},
    "user/me": {"get": _operation("user_me", "Show whose key it is", "User")},
}


def _refusals() -> Object:
    error = {"application/json": {"schema": shapes.named("Errors")}}
    return {str(status): {"description": said, "content": error} for status, said in _STATUSES.items()}


def complete() -> Object:
    """Make the whole document."""
    paths = {}
    for path, verbs in sorted(_OPERATIONS.items()):
        paths[START + path] = {
            verb: {**one, "security": [{"key": []}], "responses": {**one["responses"], **_refusals()}} for verb, one in verbs.items()
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tallystick, the CertCentral-compatible finance API", "version": "2", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(shapes.SHAPES.items())),
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-DC-DEVKEY"}},
        },
    }


def promised(method: str, path: str) -> Object | None:
    """Find the operation that answers a path; None where there is none."""
    for name, verbs in complete()["paths"].items():
        if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", name), path):
            found: Object | None = verbs.get(method.lower())
            return found
    return None


@functools.cache
def text() -> str:
    """Write the document as it is served and kept."""
    return json.dumps(complete(), indent=1) + "\n"


def served(request: HttpRequest) -> HttpResponse:
    """Give the document."""
    if request.method not in {"GET", "HEAD"}:
        return door.response(answers.wrong_method("GET"))
    return HttpResponse(text(), content_type="application/json", headers={"Cache-Control": "public, max-age=300"})


served.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own mark: nothing is changed, and nobody signs in


@functools.cache
def _page() -> str:
    return reference.worded(text(), title="Tallystick API for clients of CertCentral", document_name="services-openapi")


@require_safe
def page(_request: HttpRequest) -> HttpResponse:
    """Show the page, which is the same for everybody."""
    return HttpResponse(_page(), headers={"Cache-Control": "public, max-age=300"})
