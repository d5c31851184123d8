"""Make a database ready for a server: migrate it, and tell the demo's story into an empty one."""

import argparse
import dataclasses
import hashlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import beginning, migrate, place, story

OPERATOR = rules.Viewer(kind=rules.ViewerKind.STAFF, name="Tallystick", staff_role=rules.StaffRole.ADMINISTRATOR)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whether there is a story."""
    parser.add_argument("--story", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Print sign-in tokens, API keys and ids as one JSON object, or `{"cut_off": true}` where the database must be made anew first."""
    chosen = place.Place(options.data)
    with beginning.alone(chosen.folder):
        migrate.run(options)
        told = _told(chosen) if options.story else _first_run()
    print(json.dumps(told))
    return 0


def _first_run() -> dict[str, str]:
    """Give the address of the page that sets an empty system up, with a fresh token; nothing where that is done."""
    token = secrets.token_urlsafe(32)
    with scope.of(OPERATOR):
        if queries.legal_entities():
            return {}
        customers.set_setting(viewer=OPERATOR, name="first_run_token_sha256", value=hashlib.sha256(token.encode()).hexdigest())
    return {"first_run": f"/operator/first-run/{token}/"}


def _told(chosen: place.Place) -> dict[str, Any]:
    """Tell the story once, into an empty system only; later starts find its keys and give everybody a fresh one-time link. Raises Unusable."""
    file = chosen.folder / "demo-keys.json"
    now = datetime.now(UTC)
    if file.exists():
        beginning.unmark()  # the story is whole once its keys are kept; a kill may have come between the two
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {**kept, "sign_in_tokens": {email: sign_in_token(email, now) for email in kept["cast"]}}
    if beginning.is_marked():
        return _cut_off()
    if not beginning.is_empty(OPERATOR):
        return {}  # somebody's own books: no story is told into them
    return _tell(file, now)


def _cut_off() -> dict[str, bool]:
    found = beginning.strangers(OPERATOR)
    if found:
        raise place.Unusable(
            f"The demo's story was cut off, and there is more than the story: {', '.join(found)[:200]}. Keep it with backup, or start with --empty."
        )
    return {"cut_off": True}


def _tell(file: Path, now: datetime) -> dict[str, Any]:
    beginning.mark()
    facts = dataclasses.asdict(story.tell(now))
    lasting = {name: value for name, value in facts.items() if name != "sign_in_tokens"}
    place.write_private(file, json.dumps({**lasting, "cast": list(facts["sign_in_tokens"])}, indent=1))
    beginning.unmark()
    return facts


def sign_in_token(email: str, now: datetime) -> str:
    """Give the person of this address a fresh one-time token."""
    person_id = customers.add_person(viewer=OPERATOR, email=email, name=email)
    return customers.issue_sign_in_link(viewer=OPERATOR, person_id=person_id, now=now)
