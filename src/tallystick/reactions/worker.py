"""Work: number committed events, run the reactions they call for, make documents beside them, and take the steps of the clock, until told to stop.

Any number of workers may run. A job is leased, done, then forgotten; after kill -9 its lease ends and another takes it up.
"""

import logging
import threading
import time

from django.db import close_old_connections, connections
from django.db.utils import OperationalError

from tallystick.domain.customers import rules as customers
from tallystick.domain.events import operations as events
from tallystick.integrations.postgres import scope
from tallystick.reactions import table

IDLE_SECONDS = 0.25
COURIERS = 3
"""So many threads of a worker do what waits for machines of others, so that a slow one of them holds up nothing else."""
COURIER_IDLE_SECONDS = 0.5
_WORKER = customers.Viewer(kind=customers.ViewerKind.SYSTEM, name="Tallystick")
_log = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Work until `stop` is set, with the couriers beside. A database that goes away is waited for."""
    couriers = [threading.Thread(target=carry, args=(stop, table.SLOW), name=f"courier-{place}") for place in range(COURIERS)]
    couriers.append(threading.Thread(target=carry, args=(stop, table.MADE), name="maker"))
    couriers.append(threading.Thread(target=carry, args=(stop, table.LONG), name="clerk"))
    for courier in couriers:
        courier.start()
    try:
        _lead(stop)
    finally:
        stop.set()
        for courier in couriers:
            courier.join()


def carry(stop: threading.Event, kinds: frozenset[str] = table.SLOW) -> None:
    """Do the jobs of some kinds, one at a time, until `stop` is set."""
    while not stop.is_set():
        try:
            busy = carry_once(kinds)
        except Exception as problem:  # noqa: BLE001 - a courier that ended would be missed by nobody
            if not isinstance(problem, OperationalError):
                _log.exception("A courier failed.")
            connections["worker"].close()
            busy = False
            stop.wait(1.0)
        if not busy:
            stop.wait(COURIER_IDLE_SECONDS)
    connections["worker"].close()


def _lead(stop: threading.Event) -> None:
    due = dict.fromkeys(table.STEPS, 0.0)
    while not stop.is_set():
        try:
            busy = work_once()
            take_steps(due)
        except OperationalError:
            _log.warning("The database is away; trying again.")
            connections["worker"].close()
            close_old_connections()
            busy = False
            stop.wait(1.0)
        if not busy:
            stop.wait(IDLE_SECONDS)


def work_once() -> bool:
    """Give numbers to what waits and do some jobs; tell whether there was anything to do."""
    with scope.of(_WORKER):
        numbered = events.number(reactions=table.BY_EVENT)
    with scope.of(_WORKER):
        jobs = events.lease(limit=5, but=table.SLOW | table.MADE | table.LONG, first=table.AWAITED)
    for job in jobs:
        _do(job)
    return bool(numbered or jobs)


def carry_once(kinds: frozenset[str] = table.SLOW) -> bool:
    """Do one job of some kinds; tell whether there was one."""
    with scope.of(_WORKER):
        jobs = events.lease(only=kinds)
    for job in jobs:
        _do(job)
    return bool(jobs)


def drain(most: int = 10_000) -> None:
    """Work until nothing waits any more, for tests and for the demo's start."""
    for _ in range(most):
        if not (work_once() or carry_once(table.MADE | table.LONG) or carry_once()):
            return


def take_steps(due: dict[str, float]) -> None:
    """Take the steps whose time has come; one that fails is logged and comes again."""
    for name, (every, step) in table.STEPS.items():
        if time.monotonic() < due[name]:
            continue
        due[name] = time.monotonic() + every
        try:
            step()
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - the loop goes on whatever one step does
            _log.exception("The step %s failed.", name)


def _do(job: events.Leased) -> None:
    try:
        if job.reaction in table.WANTED:
            table.WANTED[job.reaction]()
        elif job.customer_id is None or job.event_id is None:  # a step of the clock that somebody wants at once
            table.STEPS[job.reaction][1]()
        else:
            table.REACTIONS[job.reaction](job.customer_id, job.event_id)
    except OperationalError:
        raise
    except Exception as problem:  # noqa: BLE001 - what fails is put off, parked, and shown
        _log.exception("The reaction %s failed.", job.reaction)
        with scope.of(_WORKER):
            events.postpone(job_id=job.id, attempts=job.attempts, error=f"{type(problem).__name__}: {problem}")
    else:
        with scope.of(_WORKER):
            events.finish(job_id=job.id)
