"""Open the transaction of one viewer: the right database role, and the customer that row-level security lets it see.

Every statement on a customer's rows runs inside such a scope. Outside of one, only tables that no customer owns can be read.
"""

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseError

_AGAIN = {"40001", "40P01", "23505"}
"""Serialization failure, deadlock, and two equal keys at once: the second look finds what the first one wrote."""

_ATTEMPTS = 8


class Viewed(Protocol):
    """Say on which connection a viewer works and whose rows it may see."""

    @property
    def alias(self) -> str:
        """Name the Django database alias, and so the database role."""

    @property
    def customer_id(self) -> int | None:
        """Name the one customer whose rows are seen; None for staff, whose role sees all."""


@dataclass(frozen=True, slots=True)
class _Open:
    alias: str
    customer_id: int | None
    gathered: dict[Callable[[list[Any]], None], list[Any]] = field(default_factory=dict)


_open: ContextVar[_Open | None] = ContextVar("tallystick_scope", default=None)


@contextmanager
def of(viewer: Viewed) -> Iterator[None]:
    """Run a block as this viewer in one transaction; inside an open scope, join it.

    A joined scope must be of the same customer, or narrow a staff scope: it can never widen what is seen.
    """
    running = _open.get()
    if running is not None:
        allowed = running.customer_id is None or running.customer_id == viewer.customer_id
        assert allowed, "a scope can not be joined by another customer's viewer"
        yield
        return
    with transaction.atomic(using=viewer.alias):
        with connections[viewer.alias].cursor() as setting:
            setting.execute("select set_config('tallystick.customer_id', %s, true)", [str(viewer.customer_id or "")])
        opened = _Open(viewer.alias, viewer.customer_id)
        token = _open.set(opened)
        try:
            yield
            _write(opened)
        finally:
            _open.reset(token)


def gather[T](write: Callable[[list[T]], None], row: T) -> None:
    """Keep a row that `write` will store together with all others of its kind just before the running scope commits.

    For what nothing in the same transaction reads again: ten events are then one round trip.
    """
    running = _open.get()
    assert running is not None, "this needs an open scope"
    running.gathered.setdefault(write, []).append(row)


def write_gathered() -> None:
    """Store now what was gathered, for who reads in the same transaction what an operation has just changed."""
    running = _open.get()
    assert running is not None, "this needs an open scope"
    _write(running)


def undo() -> None:
    """Take back, when the running scope ends, all that was written in it: the rehearsal of an operation leaves nothing behind."""
    running = _open.get()
    assert running is not None, "this needs an open scope"
    running.gathered.clear()
    transaction.set_rollback(True, using=running.alias)


def _write(opened: _Open) -> None:
    gathered = dict(opened.gathered)
    opened.gathered.clear()
    for write, rows in gathered.items():
        write(rows)


def alias() -> str | None:
    """Tell the database alias of the running scope, None outside of one."""
    running = _open.get()
    return running.alias if running else None


def is_open() -> bool:
    """Tell whether a scope is running."""
    return _open.get() is not None


def cursor() -> CursorWrapper:
    """Give a cursor of the running scope. Raises AssertionError outside of one."""
    running = _open.get()
    assert running is not None, "this needs an open scope"
    return connections[running.alias].cursor()


def retrying[**P, T](operation: Callable[P, T]) -> Callable[P, T]:
    """Run an outermost operation again when PostgreSQL says that two of them met (40001, 40P01, 23505).

    Inside an open scope nothing is retried: the outermost operation is.
    """

    @functools.wraps(operation)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        if is_open():
            return operation(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS):
            try:
                return operation(*args, **kwargs)
            except (DatabaseError, psycopg.Error) as problem:  # the driver's own where a statement went past Django's cursor
                said = problem if isinstance(problem, psycopg.Error) else problem.__cause__
                if getattr(said, "sqlstate", None) not in _AGAIN:
                    raise
                time.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - spreads two colliding callers, guards nothing
        return operation(*args, **kwargs)

    return again
