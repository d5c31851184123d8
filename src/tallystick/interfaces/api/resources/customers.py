"""Customers: the operator's programs list, open and correct them; a customer's own reads itself and keeps its settings."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from pydantic import Field

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations, queries, rules
from tallystick.domain.customers.rules import ViewerKind
from tallystick.domain.funds import operations as funding
from tallystick.domain.funds import queries as funds
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api.framework import bodies, callers, conditions, resource, shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act, Need
from tallystick.interfaces.api.resources import customer_shapes as told_as
from tallystick.lib import errors, ids

customers = resource.Resource("customers", tag="Customers", prefix="/customers")
RESOURCES = (customers,)
_FIELDS = {"limit": "credit_limit", "legal_entity": "legal_entity_id", "tax_rate": "tax_rate_id"}


class CustomersAsked(shapes.Shape):
    """Ask for a page of customers, by name."""

    limit: int = Field(25, ge=1, le=200, description="How many at most.")
    after: str | None = Field(None, max_length=60, description="The id behind which the page begins.")
    q: str | None = Field(None, max_length=200, description="A part of the name.")


@customers.reading("", answers=shapes.Listed[told_as.Customer])
def list_customers(request: HttpRequest, asked: Query[CustomersAsked]) -> Told:
    """List customers by name; a customer's own key sees its own alone."""
    viewer = callers.of(request).viewer
    if viewer.kind is not ViewerKind.STAFF:
        own = _shown(request, viewer.customer_id or 0)
        return Told(content=shapes.Listed[told_as.Customer](rows=[own], has_more=False))
    last = None if asked.after is None else queries.customer(viewer=viewer, customer_id=_place(asked.after))
    after = None if last is None else (last.name, last.pk)
    found = queries.customers(viewer=viewer, text=asked.q or "", after=after, limit=asked.limit + 1)
    rows, has_more = found[: asked.limit], len(found) > asked.limit
    limits = funds.exposures(viewer=viewer, customer_ids=[one.pk for one in rows])
    content = shapes.Listed[told_as.Customer](rows=[told_as.customer(one, limits[one.pk].limit_minor) for one in rows], has_more=has_more)
    return Told(content=content, headers={"Link": _next(request, rows[-1].pk)} if has_more else {})


@customers.reading("/{customer_id}", answers=told_as.Customer)
def get_customer(request: HttpRequest, customer_id: str) -> Told:
    """Open a customer."""
    return _told(request, _named(request, customer_id))


@customers.writing("", answers=told_as.Customer, status=201)
def open_customer(request: HttpRequest, asked: told_as.CustomerAsked) -> Act:
    """Open a customer, with its top-level division and its first limit: for programs of the operator."""
    viewer, draft = callers.of(request).viewer, told_as.draft(asked)

    def act() -> Told:
        with bodies.pointing(_FIELDS):
            made = administration.create_customer(viewer=viewer, draft=draft)
        told = _told(request, made.customer_id)
        return Told(content=told.content, etag=told.etag, headers={"Location": f"/api/v1/customers/{ids.public('cus', made.customer_id)}"})

    return act


@customers.writing("/{customer_id}/change", answers=told_as.Customer, match=Need.OPTIONAL)
def change_customer(request: HttpRequest, customer_id: str, asked: told_as.CustomerChanged) -> Act:
    """Correct what stands on a customer's next documents: before and after are kept, issued documents stay as they are."""
    viewer, owner = callers.of(request).viewer, _named(request, customer_id)

    def act() -> Told:
        held = _matching(request, owner)
        with bodies.pointing(_FIELDS):
            administration.change_customer(viewer=viewer, customer_id=owner, version=held.version, record=told_as.record(asked))
        return _told(request, owner)

    return act


@customers.writing("/{customer_id}/settings", answers=told_as.Customer, match=Need.OPTIONAL)
def change_settings(request: HttpRequest, customer_id: str, asked: told_as.SettingsAsked) -> Act:
    """Change a customer's own settings: for its own programs."""
    viewer, owner = callers.of(request).viewer, _named(request, customer_id)

    def act() -> Told:
        rules.permit(viewer, rules.Act.CHANGE_SETTINGS)
        held = _matching(request, owner)
        operations.change_settings(viewer=viewer, draft=told_as.settings(asked, held.currency, held.version))
        return _told(request, owner)

    return act


@customers.writing("/{customer_id}/separate-funds", answers=told_as.Customer)
def switch_separate_funds(request: HttpRequest, customer_id: str, asked: told_as.SeparationAsked) -> Act:
    """Give every division funds of its own, or join all at the top-level division: no money is lost and no available funds fall."""
    viewer, owner = callers.of(request).viewer, _named(request, customer_id)

    def act() -> Told:
        administration.switch_separate_funds(viewer=viewer, separate=asked.separate, customer_id=owner)
        return _told(request, owner)

    return act


@customers.reading("/{customer_id}/credit-terms", answers=shapes.Listed[told_as.Terms])
def list_credit_terms(request: HttpRequest, customer_id: str) -> Told:
    """List limits and rules, asked for and in force since, the newest 100 first."""
    viewer, owner = callers.of(request).viewer, _named(request, customer_id)
    currency = queries.customer(viewer=viewer, customer_id=owner).currency
    found = funds.terms_history(viewer=viewer, customer_id=owner)
    return Told(content=shapes.Listed[told_as.Terms](rows=[told_as.terms(one, currency) for one in found], has_more=False))


@customers.writing("/{customer_id}/credit-terms", answers=told_as.Terms, status=201)
def request_credit_terms(request: HttpRequest, customer_id: str, asked: told_as.TermsAsked) -> Act:
    """Ask for another limit or rule: for programs of the operator."""
    viewer, owner = callers.of(request).viewer, _named(request, customer_id)

    def act() -> Told:
        rules.permit(viewer, rules.Act.ENTER)
        currency = queries.customer(viewer=viewer, customer_id=owner).currency
        limit_minor = told_as.limit(asked.credit_limit, currency)
        with bodies.pointing(_FIELDS):
            made = funding.request_terms(viewer=viewer, customer_id=owner, limit_minor=limit_minor, rule=asked.credit_rule, reason=asked.reason)
        return _terms(request, owner, made)

    return act


@customers.writing("/{customer_id}/credit-terms/{terms_id}/approval", answers=told_as.Terms, key=Need.REQUIRED)
def approve_credit_terms(request: HttpRequest, customer_id: str, terms_id: str) -> Act:
    """Put asked terms in force: available funds follow at once. Nobody approves what they asked for."""
    viewer, owner, asked_id = callers.of(request).viewer, _named(request, customer_id), ids.parse("trm", terms_id)

    def act() -> Told:
        four_eyes = queries.setting(name="four_eyes", default=True) is not False
        funding.approve_terms(viewer=viewer, customer_id=owner, terms_id=asked_id, four_eyes=four_eyes)
        return _terms(request, owner, asked_id)

    return act


@customers.writing("/{customer_id}/credit-terms/{terms_id}/decline", answers=told_as.Terms)
def decline_credit_terms(request: HttpRequest, customer_id: str, terms_id: str) -> Act:
    """Decline asked terms."""
    viewer, owner, asked_id = callers.of(request).viewer, _named(request, customer_id), ids.parse("trm", terms_id)

    def act() -> Told:
        funding.decline_terms(viewer=viewer, customer_id=owner, terms_id=asked_id)
        return _terms(request, owner, asked_id)

    return act


def _place(written: str) -> int:
    try:
        return ids.parse_integer("cus", written)
    except errors.NotFound as refusal:
        raise errors.Invalid(refusal.sentence, code="cursor_malformed", field="?after") from None


def _next(request: HttpRequest, last: int) -> str:
    kept = [(key, one) for key, many in request.GET.lists() if key != "after" for one in many]
    return f'<{request.path}?{urlencode([*kept, ("after", ids.public("cus", last))])}>; rel="next"'


def _named(request: HttpRequest, written: str) -> int:
    """Read the customer of the address: a customer's key knows its own alone. Raises NotFound."""
    return queries.customer(viewer=callers.of(request).viewer, customer_id=ids.parse_integer("cus", written)).pk


def _matching(request: HttpRequest, owner: int) -> queries.Customer:
    held = queries.customer(viewer=callers.of(request).viewer, customer_id=owner)
    conditions.require(request, _tag(held))
    return held


def _shown(request: HttpRequest, owner: int) -> told_as.Customer:
    viewer = callers.of(request).viewer
    held = queries.customer(viewer=viewer, customer_id=owner)
    return told_as.customer(held, funds.exposures(viewer=viewer, customer_ids=[owner])[owner].limit_minor)


def _told(request: HttpRequest, owner: int) -> Told:
    scope.write_gathered()
    held = queries.customer(viewer=callers.of(request).viewer, customer_id=owner)
    return Told(content=_shown(request, owner), etag=_tag(held))


def _tag(held: queries.Customer) -> str:
    return conditions.tag(ids.public("cus", held.pk), held.version)


def _terms(request: HttpRequest, owner: int, terms_id: UUID) -> Told:
    scope.write_gathered()
    viewer = callers.of(request).viewer
    found = next(one for one in funds.terms_history(viewer=viewer, customer_id=owner) if one.id == terms_id)
    return Told(content=told_as.terms(found, queries.customer(viewer=viewer, customer_id=owner).currency))
