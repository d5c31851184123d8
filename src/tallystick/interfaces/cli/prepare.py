"""Make a database ready for a server: migrate it, and tell the demo's story into an empty one."""

import argparse
import dataclasses
import hashlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import migrate, place, story

OPERATOR = rules.Viewer(kind=rules.ViewerKind.STAFF, name="Tallystick", staff_role=rules.StaffRole.ADMINISTRATOR)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whether there is a story."""
    parser.add_argument("--story", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Print sign-in tokens, API keys and ids as one JSON object."""
    migrate.run(options)
    print(json.dumps(_told(place.Place(options.data)) if options.story else _first_run()))
    return 0


def _first_run() -> dict[str, str]:
    """Give the address of the page that sets an empty system up, with a fresh token; nothing where that is done."""
    token = secrets.token_urlsafe(32)
    with scope.of(OPERATOR):
        if queries.legal_entities():
            return {}
        customers.set_setting(viewer=OPERATOR, name="first_run_token_sha256", value=hashlib.sha256(token.encode()).hexdigest())
    return {"first_run": f"/operator/first-run/{token}/"}


def _told(chosen: place.Place) -> dict[str, dict[str, str]]:
    """Tell the story once; later starts find its keys and give everybody a fresh one-time link."""
    file = chosen.folder / "demo-keys.json"
    now = datetime.now(UTC)
    if not file.exists():
        return _tell(file, now)
    kept = json.loads(file.read_text(encoding="utf-8"))
    return {**kept, "sign_in_tokens": {email: sign_in_token(email, now) for email in kept["cast"]}}


def _tell(file: Path, now: datetime) -> dict[str, dict[str, str]]:
    begun = file.with_name("story-begun")
    if begun.exists():
        raise place.Unusable(f"The demo's story was cut off when it was told; delete {file.parent} and start again.")
    begun.touch()
    facts = dataclasses.asdict(story.tell(now))
    lasting = {name: value for name, value in facts.items() if name != "sign_in_tokens"}
    place.write_private(file, json.dumps({**lasting, "cast": list(facts["sign_in_tokens"])}, indent=1))
    begun.unlink()
    return facts


def sign_in_token(email: str, now: datetime) -> str:
    """Give the person of this address a fresh one-time token."""
    person_id = customers.add_person(viewer=OPERATOR, email=email, name=email)
    return customers.issue_sign_in_link(viewer=OPERATOR, person_id=person_id, now=now)
