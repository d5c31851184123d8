"""Read by API key, before any viewer or scope is known, over a connection of the caller's own: what the fast lanes ask.

The customer comes from the checked key, never from the request. Values go and come as PostgreSQL writes them.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tallystick.domain.customers.rules import KeyKind, KeyRights, Viewer, key_viewer
from tallystick.domain.funds import rules

STATEMENTS = {
    "balance": (
        "select key_id, key_scopes, key_divisions, key_role, key_networks, divisions, division_id, balance, unpaid_funding, unpaid_owed, counts_funding,"
        " credit_limit, in_use, currency from funds_view_balances($1::bytea[], $2::bigint[])"
    ),
    "key": (
        "select key_id, kind, scopes, divisions, role, customer_id, person_id, name, networks, currency, ends_in_microseconds from funds_key($1::bytea)"
    ),
}

type Ask = Callable[[str, Sequence[bytes | None]], list[tuple[bytes | None, ...]]]
"""Run one of STATEMENTS by its name."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Show a key's rights and, where the division exists for its customer, the division's figures; `networks` empty is from everywhere."""

    key_id: str
    viewer: Viewer
    has_several_divisions: bool
    figures: rules.Figures | None
    networks: tuple[str, ...] = ()


type Wanted = tuple[bytes, int | None]
"""The hash of a key, and the division; without one the customer's only one is meant."""


def balances(*, ask: Ask, wanted: Sequence[Wanted]) -> list[Balance | None]:
    """Look keys and figures up in one statement, for all who ask at the same moment; None where a key is unknown, expired or revoked.

    `figures` is None where there is no such division, or where none was named and there are several.
    """
    keys = b",".join([b'"\\\\x%s"' % sha256.hex().encode() for sha256, _ in wanted])
    divisions = b",".join([b"null" if division is None else b"%d" % division for _, division in wanted])
    return [_balance(row) for row in ask("balance", (b"{%s}" % keys, b"{%s}" % divisions))]


def _balance(row: tuple[bytes | None, ...]) -> Balance | None:
    key_id, scopes, divisions, role, networks, count, *figures = row
    if key_id is None:
        return None
    viewer = _nobody(scopes or b"[]", divisions, role or b"")
    return Balance(key_id.decode(), viewer, int(count or 0) > 1, None if figures[0] is None else _figures(figures), _networks(networks))


def _figures(row: Sequence[bytes | None]) -> rules.Figures:
    division, held, unpaid_funding, unpaid_owed, counts, limit, in_use, currency = row
    number = int(division or 0)
    return rules.Figures(
        division_id=number,
        fund_id=number,
        currency=(currency or b"").decode(),
        balance_minor=int(held or 0),
        held_minor=0,
        unpaid_funding_minor=int(unpaid_funding or 0),
        unpaid_owed_minor=int(unpaid_owed or 0),
        unapplied_minor=0,
        taxed_debt_minor=0,
        shortfall_minor=0,
        counts_funding=counts == b"t",
        limit_minor=None if limit is None else int(limit),
        credit_in_use_minor=int(in_use or 0),
    )


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Show who stands behind a key, and the currency of the customer: 0 and empty where it is the operator's. Most keys have no end."""

    viewer: Viewer
    customer_id: int
    currency: str
    key_id: str = ""
    kind: KeyKind = KeyKind.CUSTOMER
    networks: tuple[str, ...] = ()
    ends_in_microseconds: int | None = None


def key(*, ask: Ask, sha256: bytes) -> KeyFacts | None:
    """Find who stands behind a key; None where it is unknown, expired or revoked."""
    rows = ask("key", (b"\\x" + sha256.hex().encode(),))
    if not rows:
        return None
    key_id, kind_written, scopes, divisions, role, customer, person, name, networks, currency, ends_in = rows[0]
    kind = KeyKind((kind_written or b"").decode())
    rights = _rights(kind, scopes or b"[]", divisions, role or b"")
    customer_id = None if customer is None else int(customer)
    viewer = key_viewer(rights, name=(name or b"").decode(), person_id=int(person or 0), customer_id=customer_id)
    return KeyFacts(
        viewer,
        customer_id or 0,
        (currency or b"").decode(),
        (key_id or b"").decode(),
        kind,
        _networks(networks),
        None if ends_in is None else int(ends_in),
    )


def _rights(kind: KeyKind, scopes: bytes, divisions: bytes | None, role: bytes) -> KeyRights:
    listed = json.loads(divisions) if divisions is not None else None
    return KeyRights(kind, role.decode(), None if listed is None else frozenset(listed), frozenset(json.loads(scopes)))


@lru_cache(maxsize=4096)
def _nobody(scopes: bytes, divisions: bytes | None, role: bytes) -> Viewer:
    """Read rights once for all the keys that have the same; nobody in particular."""
    return key_viewer(_rights(KeyKind.CUSTOMER, scopes, divisions, role), name="", person_id=None, customer_id=None)


def _networks(written: bytes | None) -> tuple[str, ...]:
    return () if written in {None, b"[]"} else tuple(json.loads(written or b"[]"))
