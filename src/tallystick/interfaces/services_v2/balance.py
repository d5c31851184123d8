"""Answer GET finance/balance: the figures of one division, from one look-up by key (money.md section 2)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tallystick.domain.customers.rules import Act, Right, comes_from, key_permits, permits, sees_division
from tallystick.domain.funds import keyed, rules
from tallystick.interfaces import callers
from tallystick.interfaces.services_v2 import answers
from tallystick.lib import money

_LARGEST_ID = 2**63 - 1

type Admit = Callable[[str], int]
"""Count a request of a key: 0 lets it pass, else the seconds after which to come back."""


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what a request asks: the hash of its key, and the container as it was written."""

    sha256: bytes
    container: str | None
    number: int | None

    @property
    def wanted(self) -> keyed.Wanted:
        """Say it in the words of the look-up."""
        return self.sha256, self.number


def read(*, key: str, query: str) -> Question:
    """Read a request that bears a key. Unknown fields of the query are ignored."""
    container = _container(query)
    is_number = container is not None and container.isdecimal() and container.isascii()
    number = min(int(container[:20]), _LARGEST_ID) if is_number and container is not None else None
    return Question(hashlib.sha256(key.encode()).digest(), container, number)


def answer(*, asked: Question, found: keyed.Balance | None, admit: Admit, address: Callable[[], str]) -> answers.Answer:
    """Answer from what the look-up found; `address` tells who asks, and is only called for a key that has a list of addresses."""
    if found is None or (found.networks and not comes_from(address(), found.networks)):
        return answers.INVALID_KEY
    wait_seconds = admit(found.key_id)
    if wait_seconds:
        return answers.limited(wait_seconds)
    callers.note(found.key_id)
    if not key_permits(found.viewer, "balance", Right.READ) or not permits(found.viewer, Act.SEE_FINANCES):
        return answers.MISSING_PERMISSION
    if asked.container is not None and asked.number is None:
        return answers.MALFORMED_CONTAINER
    if asked.container is None and found.has_several_divisions:
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
