"""Gather what waits at the same moment into one call of the database, and give everyone their own answer.

A flush takes all that has come while the one before it committed: no delay is added, and the busier the database, the larger the batches.
Nobody who waits holds a thread; one thread with one connection does the work.
"""

import asyncio
import concurrent.futures
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

_log = logging.getLogger(__name__)
_ATTEMPTS = 6
_AGAIN = {"40001", "40P01", "23505"}
"""Serialization failure, deadlock, and two equal keys at once: the second look finds what the first one wrote."""


class Overloaded(Exception):
    """Say that more is waiting than can be answered in a reasonable time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Stand in the place of an answer that the database refused to give."""

    problem: psycopg.Error


type Connection = psycopg.Connection[tuple[object, ...]]
type Run[A, R] = Callable[[Connection, Sequence[A]], list[R]]


class Coalescer[A, R]:
    """Queue what is asked in one event loop, and run it in batches on one connection of its own, each statement committed by itself.

    `run` must be safe to repeat: it is called again when two batches meet, or when the connection is lost before the answer comes.
    """

    def __init__(self, *, run: Run[A, R], connect: Callable[[], Connection], largest: int, most_waiting: int = 50_000) -> None:
        """Name the call, the way to a connection in autocommit, and the most that one call takes."""
        self._run = run
        self._connect = connect
        self._largest = largest
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Sequence[A], asyncio.Future[list[R | Failure]]]] = []
        self._count = 0
        self._flushing: asyncio.Task[None] | None = None
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="coalescer")
        self._connection: Connection | None = None

    async def submit(self, asked: Sequence[A]) -> list[R | Failure]:
        """Wait for the answers to these, in order; they stay together and in order within one call. Raises Overloaded."""
        if self._count + len(asked) > self._most_waiting:
            raise Overloaded
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[list[R | Failure]] = loop.create_future()
        self._waiting.append((asked, answered))
        self._count += len(asked)
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush_all())
        return await answered

    def close(self) -> None:
        """Let the running batch end, then close thread and connection."""
        self._thread.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()

    async def _flush_all(self) -> None:
        try:
            while self._waiting:
                await self._flush(self._take())
        finally:
            self._flushing = None

    def _take(self) -> list[tuple[Sequence[A], asyncio.Future[list[R | Failure]]]]:
        taken, count = 0, 0
        for asked, _ in self._waiting:
            if taken and count + len(asked) > self._largest:
                break
            taken, count = taken + 1, count + len(asked)
        groups, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._count -= count
        return groups

    async def _flush(self, groups: list[tuple[Sequence[A], asyncio.Future[list[R | Failure]]]]) -> None:
        every = [one for asked, _ in groups for one in asked]
        ended = asyncio.get_running_loop().run_in_executor(self._thread, self._answers, every)
        await asyncio.wait([ended])
        bug = ended.exception()
        start = 0
        for asked, answered in groups:
            if answered.cancelled():  # whoever asked has gone; the effect stays, and its key will replay it
                pass
            elif bug is not None:
                answered.set_exception(bug)
            else:
                answered.set_result(ended.result()[start : start + len(asked)])
            start += len(asked)

    def _answers(self, asked: Sequence[A]) -> list[R | Failure]:
        """Run in the thread. What the database refuses as a whole is halved until only the poisoned element is left alone with its failure."""
        for attempt in range(_ATTEMPTS):
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                return list(self._run(self._connection, asked))
            except psycopg.Error as problem:
                again = problem.sqlstate in _AGAIN or isinstance(problem, psycopg.OperationalError)
                if again and attempt + 1 < _ATTEMPTS:
                    time.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - spreads two colliding callers, guards nothing
                elif isinstance(problem, psycopg.OperationalError) or len(asked) == 1:
                    _log.error("%s asked in one call failed: %s", len(asked), problem)
                    return [Failure(problem)] * len(asked)
                else:
                    break
        middle = len(asked) // 2
        return [*self._answers(asked[:middle]), *self._answers(asked[middle:])]
