"""Answer each charge by one transaction of its own: the design that coalescing is held against. A WSGI application for granian."""

import json
import os
import threading
from collections.abc import Callable, Iterable

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
django.setup()

from tallystick.domain.funds import operations as funds  # noqa: E402 - Django's apps must be ready before the domain is loaded

_local = threading.local()


def application(environ: dict[str, object], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    """Post one charge of one minor unit on the fund that the environment names, in a transaction of its own."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["BENCH_CONNINFO"], autocommit=True)
    customer_id, division_id = (int(part) for part in os.environ["BENCH_FUND"].split(":"))
    key = str(environ["HTTP_IDEMPOTENCY_KEY"])
    charge = funds.Charge(customer_id=customer_id, division_id=division_id, amount_minor=1, idempotency_key=key)
    answer = funds.debit(connection=_local.connection, charges=[charge])[0]
    start_response("201 Created" if answer.outcome is funds.Outcome.ACCEPTED else "402 Payment Required", [("Content-Type", "application/json")])
    return [json.dumps({"id": answer.transfer_id}).encode()]
