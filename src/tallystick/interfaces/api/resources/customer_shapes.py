"""Word customers: their master record, their own settings, and the terms of their credit."""

from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from tallystick.domain.customers import operations, queries
from tallystick.domain.customers.operations import master, rows
from tallystick.domain.customers.rules import CreditRule
from tallystick.domain.funds import queries as funds
from tallystick.interfaces.api.framework import shapes
from tallystick.interfaces.api.framework.shapes import Body, Instant, Line, Money, MoneyAsked, Shape, Text, money
from tallystick.lib import errors, ids

Method = Literal["card", "bank_transfer", "unapplied_credit", "balance"]
_PARTY: dict[str, Any] = {
    "legal_entity_id": 1,
    "name": "Cedar Outfitters",
    "currency": "USD",
    "terms_days": 30,
    "address": "12 Mill Road\nPortland, OR 97202",
    "country": "US",
    "billing_email": "ap@cedar.example",
}


def _mail(written: str) -> str:
    try:
        validate_email(written)
    except ValidationError as wrong:
        raise PydanticCustomError("mail", "Enter a complete e-mail address.") from wrong
    return written


Mail = Annotated[str, Field(max_length=254, json_schema_extra={"format": "email"}), AfterValidator(_mail)]
Limit = Annotated[MoneyAsked | None, Field(description="How far below zero available funds may go; null is unlimited.")]


class PartyAsked(Body):
    """Say who a customer is, who sells to it, and where its invoices go."""

    legal_entity_id: int = Field(ge=1, lt=2**53, examples=[1], description="Who sells: the number in the address of the operator's page of it.")
    name: Line = Field(examples=["Cedar Outfitters"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"], description="Fixed once something is posted, ordered or announced.")
    tax_rate_id: int | None = Field(None, ge=1, lt=2**53, description="The rate on orders and deposits; null is untaxed.")
    terms_days: int = Field(30, ge=0, le=rows.LONGEST_TERMS_DAYS)
    address: Text = ""
    country: str = Field("", pattern="^([A-Z]{2})?$", description="ISO 3166-1.")
    vat_number: Annotated[str, Field(max_length=40, pattern=shapes.PRINTABLE)] = ""
    billing_name: Annotated[str, Field(max_length=200, pattern=shapes.PRINTABLE)] = ""
    billing_email: Mail | None = None


class CustomerAsked(PartyAsked):
    """Open a customer with its top-level division and first limit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_PARTY, "credit_limit": {"amount": "2000.00", "currency": "USD"}, "credit_rule": "consumption"}]}
    )

    credit_limit: Limit
    credit_rule: CreditRule = Field(CreditRule.CONSUMPTION, strict=False)
    separate_funds: bool = False


class CustomerChanged(PartyAsked):
    """Correct a customer's master record: all of it is sent, as it is to be."""

    locale: Annotated[str, Field(max_length=10, pattern="^[a-z-]+$")] = "en"
    recipients: list[Mail] = Field(default_factory=list, max_length=50, description="Who gets the invoices too.")


class SettingsAsked(Body):
    """Change a customer's own settings: all of them are sent, as they are to be."""

    notify_below: MoneyAsked | None = Field(None, description="Mail when the balance falls below; null is no mail.")
    vat_number: Annotated[str, Field(max_length=30, pattern=shapes.PRINTABLE)] = ""
    billing_name: Annotated[str, Field(max_length=200, pattern=shapes.PRINTABLE)] = ""
    billing_email: Mail | None = None
    recipients: list[Mail] = Field(default_factory=list, max_length=50)
    payment_methods: list[Method] = Field(min_length=1, max_length=4, examples=[["card", "bank_transfer"]])
    default_method: Method = Field(examples=["card"])


class SeparationAsked(Body):
    """Give every division funds of its own, or join all at the top-level one."""

    separate: bool


class TermsAsked(Body):
    """Ask for another limit or rule; nothing changes until another person approves."""

    credit_limit: Limit
    credit_rule: CreditRule = Field(strict=False, examples=["consumption"])
    reason: Annotated[str, Field(max_length=500, pattern=shapes.PRINTABLE)] = ""


class Customer(Shape):
    """Show a customer."""

    id: str
    name: str
    legal_entity_id: int
    currency: str
    credit_limit: Money | None = Field(description="Null is unlimited.")
    separate_funds: bool
    tax_rate_id: int | None
    terms_days: int
    address: str
    country: str
    vat_number: str
    billing_name: str
    billing_email: str
    recipients: list[str]
    locale: str
    notify_below: Money | None
    payment_methods: list[str]
    default_method: str
    time_zone: str | None = Field(description="Of who sells: its days are those of documents. Null in lists.")
    created_at: Instant


class Terms(Shape):
    """Show one request for a limit or rule, or one in force since."""

    id: str
    state: Literal["requested", "approved", "declined"]
    credit_limit: Money | None
    credit_rule: CreditRule
    reason: str
    requested_at: Instant
    in_force_at: Instant | None


def customer(kept: queries.Customer, limit_minor: int | None) -> Customer:
    """Word a customer."""
    plain = {
        name: getattr(kept, name)
        for name in (
            *("name", "legal_entity_id", "currency", "separate_funds", "tax_rate_id", "terms_days", "address", "country", "vat_number"),
            *("billing_name", "billing_email", "locale", "default_method", "created_at"),
        )
    }
    return Customer(
        **plain,
        id=ids.public("cus", kept.pk),
        credit_limit=None if limit_minor is None else money(limit_minor, kept.currency),
        recipients=list(kept.recipients),
        notify_below=None if kept.notify_below_minor is None else money(kept.notify_below_minor, kept.currency),
        payment_methods=list(kept.payment_methods),
        time_zone=getattr(kept, "time_zone", None),
    )


def terms(kept: funds.Terms, currency: str) -> Terms:
    """Word terms."""
    return Terms.model_validate(
        {
            "id": ids.public("trm", kept.id),
            "state": kept.state,
            "credit_limit": None if kept.limit_minor is None else money(kept.limit_minor, currency),
            "credit_rule": kept.rule,
            "reason": kept.reason,
            "requested_at": kept.requested_at,
            "in_force_at": kept.in_force_at,
        }
    )


def draft(asked: CustomerAsked) -> operations.CustomerDraft:
    """Read a new customer. Raises Invalid."""
    return operations.CustomerDraft(
        legal_entity_id=asked.legal_entity_id,
        name=asked.name,
        currency=asked.currency,
        limit_minor=limit(asked.credit_limit, asked.currency),
        rule=asked.credit_rule,
        tax_rate_id=asked.tax_rate_id,
        terms_days=asked.terms_days,
        address=asked.address,
        country=asked.country,
        vat_number=asked.vat_number,
        billing_name=asked.billing_name,
        billing_email=asked.billing_email or "",
        separate_funds=asked.separate_funds,
    )


def record(asked: CustomerChanged) -> master.MasterRecord:
    """Read a corrected master record."""
    given = asked.model_dump()
    return master.MasterRecord(**{**given, "recipients": tuple(asked.recipients), "billing_email": asked.billing_email or ""})


def settings(asked: SettingsAsked, currency: str, version: int) -> operations.SettingsDraft:
    """Read a customer's own settings. Raises Invalid."""
    return operations.SettingsDraft(
        version=version,
        notify_below_minor=limit(asked.notify_below, currency, field="notify_below"),
        vat_number=asked.vat_number,
        billing_name=asked.billing_name,
        billing_email=asked.billing_email or "",
        recipients=tuple(asked.recipients),
        payment_methods=tuple(asked.payment_methods),
        default_method=asked.default_method,
    )


def limit(asked: MoneyAsked | None, currency: str, *, field: str = "credit_limit") -> int | None:
    """Read an amount of zero or more into minor units, None where there is none. Raises Invalid."""
    if asked is None:
        return None
    if asked.currency == currency and not asked.amount.strip("0."):
        return 0
    try:
        return shapes.minor(asked, currency)
    except errors.Invalid as refusal:
        refusal.field = field + (refusal.field or "").removeprefix("amount")
        raise
