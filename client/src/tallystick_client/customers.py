"""Keep customers: who they are, what they set themselves, and how far below zero they may go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from tallystick_client import requests, shapes
from tallystick_client.money import Money
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Show a customer. Without a credit limit `credit_limit` is None; lists leave `time_zone` and `etag` empty."""

    id: str
    name: str
    legal_entity_id: int
    currency: str
    credit_limit: Money | None
    separate_funds: bool
    tax_rate_id: int | None
    terms_days: int
    address: str
    country: str
    vat_number: str
    billing_name: str
    billing_email: str
    recipients: tuple[str, ...]
    locale: str
    notify_below: Money | None
    payment_methods: tuple[str, ...]
    default_method: str
    time_zone: str | None
    created_at: datetime
    etag: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Show terms of credit, asked for or in force since. Without a limit `credit_limit` is None."""

    id: str
    state: str
    credit_limit: Money | None
    credit_rule: str
    reason: str
    requested_at: datetime
    in_force_at: datetime | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDraft:
    """Open a customer with its first limit; a `credit_limit` of None is none. Without a tax rate its orders and deposits are untaxed."""

    legal_entity_id: int
    name: str
    currency: str
    credit_limit: Money | None = shapes.always_written()  # noqa: RUF009 - as dataclasses.field
    credit_rule: str = "consumption"
    tax_rate_id: int | None = None
    terms_days: int = 30
    address: str = ""
    country: str = ""
    vat_number: str = ""
    billing_name: str = ""
    billing_email: str | None = None
    separate_funds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRecord:
    """Say what stands on a customer's next documents, all of it, as it is to be; issued ones keep what they have."""

    legal_entity_id: int
    name: str
    currency: str
    tax_rate_id: int | None = None
    terms_days: int = 30
    address: str = ""
    country: str = ""
    vat_number: str = ""
    billing_name: str = ""
    billing_email: str | None = None
    locale: str = "en"
    recipients: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsDraft:
    """Say what a customer sets itself, all of it, as it is to be; without `notify_below` no mail tells of a low balance."""

    payment_methods: Sequence[str]
    default_method: str
    notify_below: Money | None = None
    vat_number: str = ""
    billing_name: str = ""
    billing_email: str | None = None
    recipients: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _TermsAsked:
    credit_limit: Money | None = shapes.always_written()  # noqa: RUF009 - as dataclasses.field
    credit_rule: str
    reason: str


class CustomersNarrowed(TypedDict, total=False):
    """Narrow a list of customers; `limit` is the size of a page."""

    q: str
    limit: int


_PATH = "customers"


class Customers[S](Resource[S]):
    """Keep customers."""

    @Each
    def list(self, **narrowed: Unpack[CustomersNarrowed]) -> Listing[Customer]:
        """Go through customers by name; a customer's own key sees its own alone."""
        return requests.listed(requests.at(_PATH), Customer, **narrowed)

    @Call
    def get(self, customer_id: str) -> Request[Customer]:
        """Open a customer. Raises NotFound."""
        return requests.fetched(requests.at(_PATH, customer_id), Customer)

    @Call
    def open(self, customer: CustomerDraft, *, idempotency_key: str | None = None) -> Request[Customer]:
        """Open a customer with its top-level division. For programs of the operator. Raises Invalid, NotAllowed."""
        return requests.sent(requests.at(_PATH), Customer, customer, idempotency_key=idempotency_key)

    @Call
    def change(self, customer_id: str, record: MasterRecord, *, if_match: str | None = None, idempotency_key: str | None = None) -> Request[Customer]:
        """Correct a customer's master record. For programs of the operator. Raises Invalid, Stale."""
        return requests.sent(requests.at(_PATH, customer_id, "change"), Customer, record, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def change_settings(
        self, customer_id: str, settings: SettingsDraft, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Request[Customer]:
        """Change what a customer sets itself. Raises Invalid, Stale, NotAllowed."""
        path = requests.at(_PATH, customer_id, "settings")
        return requests.sent(path, Customer, settings, if_match=if_match, idempotency_key=idempotency_key)

    @Call
    def switch_separate_funds(self, customer_id: str, *, separate: bool, idempotency_key: str | None = None) -> Request[Customer]:
        """Give every division funds of its own, or join them all at the top-level division. For programs of the operator. Raises Conflict."""
        path = requests.at(_PATH, customer_id, "separate-funds")
        return requests.sent(path, Customer, {"separate": separate}, idempotency_key=idempotency_key)


class CreditTerms[S](Resource[S]):
    """Ask for limits and rules of credit, and decide on them, as the operator."""

    @Each
    def list(self, customer_id: str) -> Listing[Terms]:
        """Go through a customer's terms, the newest hundred first. Raises NotFound."""
        return requests.listed(requests.at(_PATH, customer_id, "credit-terms"), Terms)

    @Call
    def request(
        self, customer_id: str, *, credit_limit: Money | None, credit_rule: str, reason: str = "", idempotency_key: str | None = None
    ) -> Request[Terms]:
        """Ask for another limit, None for none, or another rule: nothing changes until another person approves. Raises Conflict, Invalid."""
        asked = _TermsAsked(credit_limit=credit_limit, credit_rule=credit_rule, reason=reason)
        return requests.sent(requests.at(_PATH, customer_id, "credit-terms"), Terms, asked, idempotency_key=idempotency_key)

    @Call
    def approve(self, customer_id: str, terms_id: str, *, idempotency_key: str | None = None) -> Request[Terms]:
        """Put asked terms in force. Raises Conflict, NotAllowed for who asked."""
        path = requests.at(_PATH, customer_id, "credit-terms", terms_id, "approval")
        return requests.sent(path, Terms, idempotency_key=idempotency_key)

    @Call
    def decline(self, customer_id: str, terms_id: str, *, idempotency_key: str | None = None) -> Request[Terms]:
        """Decline asked terms. Raises Conflict."""
        path = requests.at(_PATH, customer_id, "credit-terms", terms_id, "decline")
        return requests.sent(path, Terms, idempotency_key=idempotency_key)
