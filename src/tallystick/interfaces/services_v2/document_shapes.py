"""Describe what this face answers, type by type, for its OpenAPI document; tests hold every answer against it."""

from typing import Any

type Object = dict[str, Any]

TEXT: Object = {"type": "string"}
WHOLE: Object = {"type": "integer"}
FLAG: Object = {"type": "boolean"}
AMOUNT: Object = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["454.00"]}
NUMBER: Object = {"type": "string", "pattern": "^[0-9]+$", "examples": ["5"]}
TIME: Object = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
    "description": "In UTC.",
    "examples": ["2018-10-18 08:47:53"],
}
CURRENCY: Object = {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]}


def named(name: str) -> Object:
    """Refer to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def _of(description: str, parts: Object, *absent: str) -> Object:
    """Describe an object of exactly these parts; those named last may be absent, and no part is ever null."""
    required = [name for name in parts if name not in absent]
    return {"type": "object", "description": description, "properties": parts, "required": required, "additionalProperties": False}


def _listed(description: str, name: str, shape: str) -> Object:
    return _of(description, {name: {"type": "array", "items": named(shape)}, "page": named("Page")})


_SIDES: Object = {"oneOf": [{"required": ["credit"]}, {"required": ["debit"]}]}
_MOVED: Object = {
    "id": NUMBER,
    "credit": AMOUNT,
    "debit": AMOUNT,
    "transaction_type": TEXT,
    "receipt_id": {**NUMBER, "description": "0 for money that came in without a receipt."},
    "transaction_date": TIME,
    "balance_after": AMOUNT,
    "order_id": TEXT,
    "note": TEXT,
}
_ABSENT = ("credit", "debit", "receipt_id", "order_id", "note", "expiration_date")
_CARD: Object = {
    "shortened_number": TEXT,
    "type": {"enum": ["amex", "discover", "mastercard", "visa", "other"]},
    "expiration_month": WHOLE,
    "expiration_year": WHOLE,
    "cardholder_name": TEXT,
    "label": TEXT,
}
_ADDRESS: Object = dict.fromkeys(("address", "city", "state", "zip", "country"), TEXT)
_NAMED: Object = {"id": WHOLE, "name": TEXT}

SHAPES: Object = {
    "Errors": _of(
        "Say what was refused: each with a code that stays the same.",
        {"errors": {"type": "array", "minItems": 1, "items": _of("Name one reason.", {"code": TEXT, "message": TEXT})}},
    ),
    "Page": _of("Say which part of a list this is; total is exact.", {"total": WHOLE, "limit": WHOLE, "offset": WHOLE}),
    "Balance": _of(
        "Show the figures of one container.",
        {
            "balance": AMOUNT,
            "currency": CURRENCY,
            "unpaid_invoice_balance": AMOUNT,
            "unpaid_po_invoice_balance": AMOUNT,
            "negative_balance_limit": {**AMOUNT, "description": "Absent where there is no limit."},
            "used_credit_from_other_containers": AMOUNT,
            "total_available_funds": {**AMOUNT, "description": "Absent where there is no limit."},
            "unlimited_negative_balance": {"const": True, "description": "Only where there is no limit."},
        },
        *("negative_balance_limit", "total_available_funds", "unlimited_negative_balance"),
    ),
    "RowContainer": _of("Name the container that started a row.", {**_NAMED, "is_active": FLAG}),
    "HistoryRow": {
        **_of(
            "Show what moved a balance: exactly one of credit and debit.",
            {**_MOVED, "container": named("RowContainer"), "currency": CURRENCY, "expiration_date": TIME},
            *_ABSENT,
        ),
        **_SIDES,
    },
    "BalanceHistory": _listed("List what moved a balance.", "adjustments", "HistoryRow"),
    "Adjustment": {**_of("Show one row of the balance history.", {**_MOVED, "container": _of("Name it.", {"id": WHOLE})}, *_ABSENT), **_SIDES},
    "Purchase": _of(
        "Show what was bought, or given back.",
        {
            "id": NUMBER,
            "container": named("RowContainer"),
            "order_id": TEXT,
            "receipt_id": NUMBER,
            "acct_adjust_id": NUMBER,
            "amount": AMOUNT,
            "payment_type": {"enum": ["balance", "contract", "card", "wire_transfer", "unit"]},
            "transaction_date": TIME,
            "transaction_type": {"enum": ["purchase", "refund"]},
            "product_name": TEXT,
        },
        "order_id",
    ),
    "PurchaseHistory": _listed("List what was bought and given back.", "order_transactions", "Purchase"),
    "Receipt": _of(
        "Show a receipt: acct_amount and cc_amount are together gross_amount and tax_amount.",
        {
            "id": NUMBER,
            "date_time": TIME,
            **dict.fromkeys(("acct_amount", "cc_amount", "gross_amount", "tax_amount"), AMOUNT),
            "currency": CURRENCY,
            "cc_last4": TEXT,
            "cc_exp_date": {"type": "string", "pattern": "^([0-9]{4})?$", "description": "MMYY."},
            "cc_type": {"enum": ["", "amex", "discover", "mastercard", "visa", "other"]},
            **dict.fromkeys(("bill_name", "bill_addr1", "bill_city", "bill_state", "bill_zip", "bill_country", "bill_email"), TEXT),
            "billing_entity_id": WHOLE,
            "vat_number": {**TEXT, "description": "Absent where there is none."},
            "payment_method": {"enum": ["card", "balance"]},
            "transaction_type": {"enum": ["purchase", "refund", "deposit"]},
        },
        "vat_number",
    ),
    "Profile": _of(
        "Show a card that the key's owner has paid with.",
        {
            "id": WHOLE,
            "is_default": FLAG,
            "status": {"const": "active"},
            "credit_card": _of("Show a card.", _CARD),
            "billing_address": _of("Show an address.", _ADDRESS),
            "billing_email": TEXT,
        },
    ),
    "PaymentProfile": _listed("List the key owner's cards.", "profiles", "Profile"),
    "Account": _of(
        "Show the account.",
        {
            "id": WHOLE,
            "admin_email": TEXT,
            "is_cert_central": FLAG,
            "cert_central_type": TEXT,
            "primary_organization_name": TEXT,
            "primary_organization_country": TEXT,
            "root_container_id": WHOLE,
            "rep_name": TEXT,
            "rep_email": TEXT,
            "display_rep": FLAG,
            "currency": CURRENCY,
            "balance_negative_limit": {**WHOLE, "description": "Rounded down; absent where there is no limit, and for who sees no finances."},
        },
        "balance_negative_limit",
    ),
    "Container": _of(
        "Show a container.",
        {**_NAMED, "public_id": TEXT, "description": TEXT, "parent_id": {**WHOLE, "description": "0 is the root."}, "is_active": FLAG},
    ),
    "Containers": _listed("List the containers in sight.", "containers", "Container"),
    "User": _of(
        "Show whose key it is.",
        {
            "id": WHOLE,
            "username": TEXT,
            "account_id": WHOLE,
            "first_name": TEXT,
            "last_name": TEXT,
            "email": TEXT,
            "status": {"const": "active"},
            "container": _of("Name a container.", _NAMED),
            "access_roles": {"type": "array", "items": _of("Name a role.", _NAMED)},
            "has_container_assignments": FLAG,
        },
        "container",
    ),
    "Transfer": {
        **_of(
            "Move an amount.",
            {
                "amount": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,4})?$"}]},
                **{key: {"anyOf": [{"type": "integer", "minimum": 0}, NUMBER]} for key in ("from_container_id", "to_container_id")},
            },
        ),
        "additionalProperties": True,
        "examples": [{"amount": "25.00", "from_container_id": 11223, "to_container_id": "11224"}],
    },
}
