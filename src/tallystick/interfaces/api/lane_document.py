"""Describe the operations of charges and holds, which the lane answers (lane.py), for the OpenAPI document."""

from typing import Any

import msgspec

from tallystick.interfaces.api import words
from tallystick.interfaces.api.framework.resource import Need

type Object = dict[str, Any]
_TEXT: Object = {"type": "string"}
_LABEL: Object = {"type": ["string", "null"]}
_AMOUNT: Object = {"$ref": "#/components/schemas/Money"}
_INSTANT: Object = {"type": "string", "format": "date-time"}
_PRINTABLE = ("\\A", "\\Z")


def _shape(description: str, **parts: Object) -> Object:
    return {"type": "object", "description": description, "properties": parts, "required": list(parts)}


_CHARGE: Object = {
    "id": _TEXT,
    "division_id": _TEXT,
    "amount": _AMOUNT,
    "order_id": _LABEL,
    "line_reference": _LABEL,
    "note": _LABEL,
    "balance_after": _AMOUNT,
    "posted_at": _INSTANT,
}
_ELEMENT: Object = {"idempotency_key": _LABEL, "status": {"type": "integer"}, "replayed": {"type": "boolean"}}
_SHOWN: Object = {
    "Charge": _shape("Show a charge.", **_CHARGE),
    "ChargeAnswer": {
        **_shape("Answer one element of a batch by itself: with the charge, or with the problem.", **_ELEMENT),
        "properties": {**_ELEMENT, "charge": {"$ref": "#/components/schemas/Charge"}, "problem": {"$ref": "#/components/schemas/Problem"}},
    },
    "ChargeBatch": _shape(
        "Answer a batch, in its order.",
        data={"type": "array", "items": {"$ref": "#/components/schemas/ChargeAnswer"}},
        accepted={"type": "integer"},
        refused={"type": "integer"},
    ),
    "Hold": _shape("Show a hold.", **_CHARGE, state=_TEXT, lapses_at=_INSTANT),
    "HoldCaptured": _shape("Show a hold that was captured.", id=_TEXT, state=_TEXT, charge_id=_TEXT, held=_AMOUNT, captured=_AMOUNT),
    "HoldReleased": _shape("Show a hold that was released.", id=_TEXT, state=_TEXT, held=_AMOUNT),
    "ChargeRefund": _shape("Show what was given back of a charge.", id=_TEXT, charge_id=_TEXT, amount=_AMOUNT, note=_LABEL),
}


def _operation(name: str, said: str, asked: str, shown: str, **more: Any) -> Object:
    tag, scope, status = more["tag"], more["scope"], more.get("status", "201")
    parameters = [{"in": "path", "name": more["subject"], "required": True, "schema": _TEXT}] if "subject" in more else []
    body: Object = {"schema": {"$ref": f"#/components/schemas/{asked}"}}
    if "example" in more:
        body["example"] = more["example"]
    return {
        "post": {
            "operationId": name,
            "summary": said.partition(":")[0],
            "description": f"{said}.",
            "tags": [tag],
            "parameters": parameters,
            "requestBody": {"required": True, "content": {"application/json": body}},
            "responses": {status: {"description": "Done", "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shown}"}}}}},
            "x-scope": scope,
            "x-idempotency-key": more.get("key", Need.REQUIRED),
        }
    }


_ONE = {"division_id": "div_0000000000001", "amount": {"amount": "25.00", "currency": "USD"}, "order_id": "ORDER-1"}
PATHS: Object = {
    "/api/v1/charges": _operation(
        "create_charge",
        "Charge a division, once for each order_id and line_reference: what is not covered is refused with its figures",
        "ChargeAsked",
        "Charge",
        tag="Charges",
        scope="charges:write",
        example=_ONE,
    ),
    "/api/v1/charges/batch": _operation(
        "create_charges",
        "Charge up to 5,000 times in one call: each element has a key and an answer of its own",
        "ChargesAsked",
        "ChargeBatch",
        tag="Charges",
        scope="charges:write",
        status="200",
        key=Need.NONE,
        example={"charges": [{**_ONE, "order_id": "ORDER-2", "idempotency_key": "order-2"}]},
    ),
    "/api/v1/charges/{charge_id}/refund": _operation(
        "refund_charge",
        "Give a charge back: whole, or in part",
        "ChargeRefundAsked",
        "ChargeRefund",
        tag="Charges",
        scope="refunds:write",
        subject="charge_id",
    ),
    "/api/v1/holds": _operation(
        "create_hold", "Reserve an amount: for a week, or until an earlier instant", "HoldAsked", "Hold", tag="Holds", scope="holds:write"
    ),
    "/api/v1/holds/{hold_id}/capture": _operation(
        "capture_hold",
        "Turn a hold into a charge: whole, or up to its amount",
        "CaptureAsked",
        "HoldCaptured",
        tag="Holds",
        scope="holds:write",
        subject="hold_id",
        status="200",
    ),
    "/api/v1/holds/{hold_id}/release": _operation(
        "release_hold",
        "Release a hold: all of it is available again",
        "ReleaseAsked",
        "HoldReleased",
        tag="Holds",
        scope="holds:write",
        subject="hold_id",
        status="200",
    ),
}


def schemas() -> Object:
    """Give the schemas that the operations name: what the lane reads, and what it shows."""
    read = [words.ChargeAsked, words.ElementAsked, words.HoldAsked, words.CaptureAsked, words.ReleaseAsked, words.ChargeRefundAsked]
    _, found = msgspec.json.schema_components(read, ref_template="#/components/schemas/{name}")
    found.pop("Money")
    asked = _portable(found)
    batch = {"type": "array", "items": {"$ref": "#/components/schemas/ElementAsked"}, "minItems": 1, "maxItems": 5000}
    asked["ChargesAsked"] = {**_shape("Ask for many charges.", charges=batch), "additionalProperties": False}
    return {**asked, **_SHOWN}


def _portable(found: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Write patterns as every reader knows them, and name the amounts that are asked like those of all other resources."""
    if isinstance(found, dict):
        return {name: _portable(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_portable(value) for value in found]
    if isinstance(found, str):
        start, end = _PRINTABLE
        return found.replace(start, "^").replace(end, "$").replace("schemas/Money", "schemas/MoneyAsked")
    return found
