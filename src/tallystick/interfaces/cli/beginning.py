"""Know how far the demo's story came, so that a start that was cut off is taken up again and no one's books are ever thrown away.

The mark is the comment of the database itself: it is set before the first word of the story, taken away after its keys are kept, copied by no
backup, and seen by every folder that uses the database. Only a database with the mark, and with nobody in it but the story's cast, is made anew.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from tallystick.domain.customers import queries, rules
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import migrate, place
from tallystick.interfaces.cli.story import cast


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else prepares this folder: whom a killed server left behind may still be at it."""
    with (folder / "prepare.lock").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def mark() -> None:
    """Say on the database that its story is being told."""
    _comment(place.STORY_MARK)


def unmark() -> None:
    """Say that the story is whole."""
    _comment(None)


def is_marked() -> bool:
    """Tell whether a story was begun on this database and never ended."""
    with psycopg.connect(migrate.owner_conninfo()) as owner:
        return place.is_marked(owner, owner.info.dbname)


def is_empty(viewer: rules.Viewer) -> bool:
    """Tell whether nobody has set anything up yet: a story may be told."""
    return not any(_found(viewer))


def strangers(viewer: rules.Viewer) -> list[str]:
    """Name whatever is no part of the story: companies, customers, staff."""
    ours = ({cast.OPERATOR}, {cast.NORTHWIND, *(waiting[0] for waiting in cast.WAITING)}, {member.email for member in cast.STAFF})
    return sorted(name for found, known in zip(_found(viewer), ours, strict=True) for name in found - known)


def _found(viewer: rules.Viewer) -> tuple[set[str], set[str], set[str]]:
    with scope.of(viewer):
        companies = {entity.name for entity in queries.legal_entities()}
        opened = {customer.name for customer in queries.customers(viewer=viewer, limit=1000)}
        return companies, opened, {member.person.email for member in queries.staff()}


def _comment(text: str | None) -> None:
    with psycopg.connect(migrate.owner_conninfo(), autocommit=True) as owner:
        words = sql.SQL("null") if text is None else sql.Literal(text)
        owner.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(owner.info.dbname), words))
