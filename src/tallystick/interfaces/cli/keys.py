"""Make keys for programs from the command line, list them, rotate and revoke them: a customer's, or the operator's own."""

import argparse
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.interfaces.cli import place, prepare
from tallystick.lib import errors, ids

_MOST_DAYS = 3650
_MOST_HOURS = 720
_LONGEST_NUMBER = 18
_LONGEST_NAME = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what can be done with keys."""
    parsers = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    listing = _deed(parsers, "list", "Show the keys of a customer, or the operator's own, newest first")
    listing.add_argument("--customer", default="", metavar="NUMBER", help="whose; without it the operator's")
    making = _deed(parsers, "make", "Make a key for a person's program and show it this once")
    making.add_argument("--name", required=True, help="which program will use it")
    making.add_argument("--email", required=True, help="the person whose rights it has: a customer's user, or a member of staff")
    making.add_argument("--customer", default="", metavar="NUMBER", help="the customer it works for; without it the operator")
    making.add_argument("--scopes", required=True, help=f"such as balance:read,charges:write; resources: {', '.join(rules.RESOURCES)}")
    making.add_argument("--divisions", default="", help="their numbers with commas between; without it all of the person's")
    making.add_argument("--addresses", default="", help="from where it may be used, such as 192.0.2.7,198.51.100.0/24; without it from everywhere")
    making.add_argument("--days", default="", help="for how long it is valid; without it until it is revoked")
    rotating = _deed(parsers, "rotate", "Make a key in place of another, which goes on for a while, and show it this once")
    rotating.add_argument("key", help="key_...")
    rotating.add_argument("--overlap", default="24", metavar="HOURS", help="how long both work (default 24; 0 ends the old one at once)")
    revoking = _deed(parsers, "revoke", "End a key at once")
    revoking.add_argument("key", help="key_...")


def _deed(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str) -> argparse.ArgumentParser:
    made = parsers.add_parser(name, help=summary, description=f"{summary}.")
    made.add_argument("--data", default=argparse.SUPPRESS, type=Path, metavar="DIR", help=argparse.SUPPRESS)  # good before and after the deed
    return made


def run(options: argparse.Namespace) -> int:
    """Do it and say what came of it. Raises Unusable, Refusal."""
    print(_DEEDS[options.deed](options))
    return 0


def _list(options: argparse.Namespace) -> str:
    rows = queries.keys(viewer=_keeper(options.customer))
    now = datetime.now(UTC)
    lines = [
        "  ".join(
            [ids.public("key", key.id), f"{key.shown_start}...", _state(key.revoked_at, key.expires_at, now), _used(key.last_used_at), key.name]
        )
        for key in rows
    ]
    return "\n".join(lines) or "There is no key."


def _keeper(customer: str) -> rules.Viewer:
    """Be who may see the keys: the operator's administrator, or the customer's."""
    if not customer:
        return prepare.OPERATOR
    customer_id = _number(customer, "--customer")
    queries.customer(viewer=prepare.OPERATOR, customer_id=customer_id)
    return rules.Viewer(kind=rules.ViewerKind.CUSTOMER, name="command line", customer_id=customer_id, role=rules.CustomerRole.ADMINISTRATOR)


def _state(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> str:
    if revoked_at is not None:
        return f"revoked {revoked_at:%Y-%m-%d}"
    if expires_at is None:
        return "active"
    return f"{'expired' if expires_at <= now else 'until'} {expires_at:%Y-%m-%d %H:%M}Z"


def _used(last_used_at: datetime | None) -> str:
    return "not used yet" if last_used_at is None else f"used {last_used_at:%Y-%m-%d %H:%M}Z"


def _make(options: argparse.Namespace) -> str:
    if len(options.name) > _LONGEST_NAME or not options.name.isprintable():
        raise place.Unusable(f"--name is at most {_LONGEST_NAME} characters long, and all of them can be printed.")
    person = get_user_model().objects.filter(email__iexact=options.email.strip()).first()
    if person is None:
        raise place.Unusable(f"Nobody has the address {options.email}; add them with setup staff or setup user.")
    terms = customers.KeyTerms(
        scopes=tuple(part.strip() for part in options.scopes.split(",") if part.strip()),
        division_ids=tuple(_number(part.strip(), "--divisions") for part in options.divisions.split(",") if part.strip()) or None,
        networks=tuple(part.strip() for part in options.addresses.split(",") if part.strip()),
        expires_at=datetime.now(UTC) + timedelta(days=_within(options.days, "--days", _MOST_DAYS)) if options.days else None,
        mode=rules.KeyMode.TEST if settings.DEMO else rules.KeyMode.LIVE,
    )
    _check_scopes(terms.scopes)
    if options.customer:
        viewer = queries.customer_viewer(person_id=person.pk, customer_id=_number(options.customer, "--customer"))
        named = dataclasses.replace(viewer, name=f"{viewer.name}, by command line")
        return _shown(customers.make_key(viewer=named, name=options.name, terms=terms))
    return _shown(customers.make_operator_key(viewer=prepare.OPERATOR, person_id=person.pk, name=options.name, terms=terms))


def _check_scopes(scopes: tuple[str, ...]) -> None:
    unknown = next((one for one in scopes if one not in rules.SCOPES), None)
    if unknown is not None:
        raise place.Unusable(f"There is no scope {unknown}; write a resource, a colon, and read or write. Resources: {', '.join(rules.RESOURCES)}.")


def _rotate(options: argparse.Namespace) -> str:
    overlap = timedelta(hours=_within(options.overlap, "--overlap", _MOST_HOURS))
    return _shown(customers.rotate_key(viewer=prepare.OPERATOR, key_id=ids.parse("key", options.key), overlap=overlap, now=datetime.now(UTC)))


def _revoke(options: argparse.Namespace) -> str:
    customers.revoke_key(viewer=prepare.OPERATOR, key_id=ids.parse("key", options.key), now=datetime.now(UTC))
    return f"{options.key} is revoked; programs that use it are refused within a second."


def _shown(made: customers.NewKey) -> str:
    return f"{ids.public('key', made.id)}, shown this once:\n{made.secret}"


def _number(text: str, word: str) -> int:
    """Read a customer's or division's id as pages show it or as its number. Raises Unusable."""
    prefix = {"--customer": "cus", "--divisions": "div"}[word]
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER:
        return int(text)
    try:
        return ids.parse_integer(prefix, text)
    except errors.NotFound as problem:
        raise place.Unusable(f"{word} must be a number of at most {_LONGEST_NUMBER} digits, or {prefix}_... as programs write it.") from problem


def _within(text: str, word: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(most)) or int(text) > most:
        raise place.Unusable(f"{word} must be a whole number of at most {most}.")
    return int(text)


_DEEDS: dict[str, Callable[[argparse.Namespace], str]] = {"list": _list, "make": _make, "rotate": _rotate, "revoke": _revoke}
