"""Ask PostgreSQL over a connection of the caller's own, beside Django's: the shortest way that Python has.

A lane belongs to one thread. Its statements are prepared once and run through libpq itself, which takes a third of the time of a cursor.
Source: performance.md, View balance over HTTP (a synchronous connection is faster than both asynchronous drivers).
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence

import psycopg
from django.db import connections
from psycopg import pq

_CONNECT_SECONDS = 5
_lanes = threading.local()


def connect(alias: str = "default") -> psycopg.Connection[tuple[object, ...]]:
    """Open a connection of a database role, named by its Django alias, on which every statement commits by itself."""
    settings = connections[alias].settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        connect_timeout=_CONNECT_SECONDS,
        autocommit=True,
        prepare_threshold=1,
    )


class Lane:
    """Hold one connection and prepared reads by name; a dead connection is opened anew and asked again, which harms no read."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        """Name the statements, with parameters as $1; nothing is opened yet."""
        self._statements = {name.encode(): text.encode() for name, text in statements.items()}
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def ask(self, name: str, values: Sequence[bytes | None]) -> list[tuple[bytes | None, ...]]:
        """Run a statement with its values as PostgreSQL writes them, and give the rows in the same form.

        Raises OperationalError where the database cannot be reached, DatabaseError where it refuses.
        """
        result = self._run(name.encode(), values)
        if result is None or (result.status != pq.ExecStatus.TUPLES_OK and not self._is_alive()):
            self.close()
            result = self._run(name.encode(), values)
        if result is None or result.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError("the database did not answer") if result is None else psycopg.DatabaseError(_said(result))
        columns = range(result.nfields)
        return [tuple(result.get_value(row, column) for column in columns) for row in range(result.ntuples)]

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_alive(self) -> bool:
        return self._connection is not None and self._connection.pgconn.status == pq.ConnStatus.OK

    def _run(self, name: bytes, values: Sequence[bytes | None]) -> pq.abc.PGresult | None:
        opened = self._connection or self._open()
        try:
            return opened.pgconn.exec_prepared(name, values)  # type: ignore[arg-type]  # None is a null, which the stub forgets
        except psycopg.OperationalError:
            return None

    def _open(self) -> psycopg.Connection[tuple[object, ...]]:
        opened = connect()
        # a plan for each length of the arrays would cost ten times the look-up itself
        opened.execute("set plan_cache_mode = force_generic_plan")
        for name, text in self._statements.items():
            prepared = opened.pgconn.prepare(name, text)
            if prepared.status != pq.ExecStatus.COMMAND_OK:
                opened.close()
                raise psycopg.DatabaseError(_said(prepared))
        self._connection = opened
        return opened


class Gathering[A, R]:
    """Put to one question all that is asked within one turn of an event loop: the more ask at once, the less each costs."""

    def __init__(self, run: Callable[[Sequence[A]], list[R]]) -> None:
        """Name the question, which takes a tenth of a millisecond or so: it is run in the loop itself."""
        self._run_all = run
        self._waiting: list[tuple[A, asyncio.Future[R]]] = []

    def ask(self, one: A) -> asyncio.Future[R]:
        """Queue one for the end of this turn. The future raises what the database raises."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[R] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((one, answered))
        return answered

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            found = self._run_all([one for one, _ in waiting])
        except psycopg.Error as problem:
            for _, answered in waiting:
                if not answered.done():
                    answered.set_exception(problem)
            return
        for (_, answered), each in zip(waiting, found, strict=True):
            if not answered.done():
                answered.set_result(each)


def _said(result: pq.abc.PGresult) -> str:
    return result.error_message.decode(errors="replace").strip()


def of_thread(name: str, statements: Mapping[str, str]) -> Lane:
    """Give the running thread's own lane of this name, opened when it is first asked."""
    found: Lane | None = getattr(_lanes, name, None)
    if found is None:
        found = Lane(statements)
        setattr(_lanes, name, found)
    return found
