"""Answer GET finance/balance: the figures of one division, from one look-up by key (money.md section 2)."""

import hashlib
from collections.abc import Callable
from urllib.parse import parse_qsl

import psycopg

from tallystick.domain.customers.rules import Act, permits, sees_division
from tallystick.domain.funds import keyed, rules
from tallystick.interfaces.services_v2 import answers
from tallystick.lib import money

_LARGEST_ID = 2**63 - 1

type Admit = Callable[[str], int]
"""Count a request of a key: 0 lets it pass, else the seconds after which to come back."""


def view_balance(*, key: str, query: str, ask: keyed.Ask, admit: Admit) -> answers.Answer:
    """Answer for a key and a query string. Unknown fields of the query are ignored."""
    if not key:
        return answers.MISSING_KEY
    container = _container(query)
    known = container is not None and container.isdecimal() and container.isascii()
    number = min(int(container[:20]), _LARGEST_ID) if known and container is not None else None
    try:
        found = keyed.balance(ask=ask, sha256=hashlib.sha256(key.encode()).digest(), division_id=number)
        wait_seconds = admit(found.key_id) if found is not None else 0
    except psycopg.OperationalError:
        return answers.UNAVAILABLE
    if found is None:
        return answers.INVALID_KEY
    if wait_seconds:
        return answers.limited(wait_seconds)
    if not permits(found.viewer, Act.SEE_FINANCES):
        return answers.MISSING_PERMISSION
    return _figures_of(found, container, is_number=known)


def _figures_of(found: keyed.Balance, container: str | None, *, is_number: bool) -> answers.Answer:
    if container is not None and not is_number:
        return answers.MALFORMED_CONTAINER
    if container is None and found.has_several_divisions:
        return answers.MISSING_CONTAINER
    if found.figures is None or not sees_division(found.viewer, found.figures.division_id):
        return answers.NOT_FOUND
    return answers.Answer(200, _body(found.figures))


def _container(query: str) -> str | None:
    """Find the container's id under either of its names, brackets raw or percent-encoded; None where it is missing or empty."""
    if not query:
        return None
    if query.startswith("container_id=") and "&" not in query and "%" not in query:
        return query[13:] or None
    fields = dict(parse_qsl(query))
    return fields.get("container_id") or fields.get("filters[container_id]") or fields.get("filters[container_id][0]")


def _body(figures: rules.Figures) -> bytes:
    """Write the figures as decimal texts. Nothing in them needs escaping."""
    currency = figures.currency
    available = figures.available_minor
    parts = [
        f'"balance":"{money.text(figures.balance_minor, currency)}"',
        f'"currency":"{currency}"',
        f'"unpaid_invoice_balance":"{money.text(figures.unpaid_minor, currency)}"',
        f'"unpaid_po_invoice_balance":"{money.text(figures.unpaid_funding_minor, currency)}"',
    ]
    if figures.limit_minor is not None:
        parts.append(f'"negative_balance_limit":"{money.text(figures.limit_minor, currency)}"')
    parts.append(f'"used_credit_from_other_containers":"{money.text(figures.used_by_others_minor, currency)}"')
    if available is not None:
        parts.append(f'"total_available_funds":"{money.text(available, currency)}"')
    else:
        parts.append('"unlimited_negative_balance":true')
    return ("{" + ",".join(parts) + "}").encode()
