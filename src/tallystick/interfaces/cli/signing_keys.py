"""List the keys that sign documents, put another in a key's place, withdraw one; who did it stands on record."""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from tallystick.domain.customers import queries as customers
from tallystick.domain.signing import operations, queries
from tallystick.interfaces.cli import prepare
from tallystick.lib import errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what can be done with signing keys."""
    parsers = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    listing = _deed(parsers, "list", "Show the keys of all legal entities, newest first")
    listing.add_argument("--json", action="store_true", help="print JSON")
    rotating = _deed(parsers, "rotate", "Let a new key sign from now on; the one before can sign no more, and what it signed stays good")
    rotating.add_argument("--legal-entity", type=int, default=0, metavar="ID", help="whose; without it every legal entity's")
    withdrawing = _deed(parsers, "withdraw", "Tell the world that nothing a key signed is to be believed; for a key that somebody else may have")
    withdrawing.add_argument("key", help="its id, as list shows it")


def _deed(parsers: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str) -> argparse.ArgumentParser:
    made = parsers.add_parser(name, help=summary, description=f"{summary}.")
    made.add_argument("--data", default=argparse.SUPPRESS, type=Path, metavar="DIR", help=argparse.SUPPRESS)  # good before and after the deed
    return made


def run(options: argparse.Namespace) -> int:
    """Do it and say what came of it. Raises Refusal."""
    print(_DEEDS[options.deed](options))
    return 0


def _list(options: argparse.Namespace) -> str:
    found = queries.signing_keys(viewer=prepare.OPERATOR)
    if options.json:
        names = ("made_at", "ended_at", "withdrawn_at")
        return json.dumps(
            [
                {
                    "key": key.key_id,
                    "legal_entity": key.legal_entity_id,
                    "name": key.legal_entity_name,
                    "state": key.state,
                    **{name: at.isoformat() if (at := getattr(key, name)) else None for name in names},
                }
                for key in found
            ]
        )
    lines = [f"{key.key_id}  {_state(key)}  legal entity {key.legal_entity_id}, {key.legal_entity_name}" for key in found]
    return "\n".join(lines) or "There is no key yet; the first is made with the first document."


def _state(key: queries.SigningKey) -> str:
    if key.withdrawn_at is not None:
        return f"withdrawn {key.withdrawn_at:%Y-%m-%d}"
    return f"signs since {key.made_at:%Y-%m-%d}" if key.ended_at is None else f"signed until {key.ended_at:%Y-%m-%d}"


def _rotate(options: argparse.Namespace) -> str:
    now = datetime.now(UTC)
    entities = [options.legal_entity] if options.legal_entity else [entity.pk for entity in customers.legal_entities()]
    if not entities:
        raise errors.NotFound("There is no legal entity yet.")
    made = [
        (entity, operations.rotate_key(viewer=prepare.OPERATOR, legal_entity_id=entity, secret=settings.SECRET_KEY, now=now)) for entity in entities
    ]
    return "\n".join(f"{key} signs for legal entity {entity} from now on. It stands at the well-known address." for entity, key in made)


def _withdraw(options: argparse.Namespace) -> str:
    operations.withdraw_key(viewer=prepare.OPERATOR, key_id=options.key, now=datetime.now(UTC))
    return f"{options.key} is withdrawn: what it signed is told as unknown by whoever fetches the public keys from now on. A new key is made when it is needed."


_DEEDS: dict[str, Callable[[argparse.Namespace], str]] = {"list": _list, "rotate": _rotate, "withdraw": _withdraw}
