"""`tallystick reminders`: take the turn of the day now, as the worker does each morning, or only say what it would bring and what is held back."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from tallystick.domain.reminders import facts, operations, queries
from tallystick.interfaces.cli import prepare
from tallystick.lib import ids, money

_MOST = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer to look only, and JSON."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent today, and what is held back and why; send nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Say what is decided about every customer with a step that has come; without --dry-run let those be reminded whose turn is not taken."""
    now = datetime.now(UTC)
    told = [*_told(now)]
    sent = [] if options.dry_run else _sent(now)
    if options.json:
        print(json.dumps({"customers": told, "sent": sent, "dry_run": options.dry_run}))
        return 0
    for one in told:
        invoices = ", ".join(one["invoices"])
        print(f"{one['name']}: {one['asked']} {one['currency']}, {one['tone']}, {invoices}" if invoices else f"{one['name']}: nothing goes out")
        print("".join(f"  held back: {number}, {reason}\n" for number, reason in one["held"].items()), end="")
    if not told:
        print("No step has come for anybody today.")
    if not options.dry_run:
        print(f"Customers reminded now: {len(sent)}.")
    return 0


def _told(now: datetime) -> Iterator[dict[str, Any]]:
    after = 0
    while page := queries.due(viewer=prepare.OPERATOR, now=now, after=after):
        yield from (_row(one) for one in page if one.sent or one.held)
        after = page[-1].customer_id


def _row(one: facts.Looked) -> dict[str, Any]:
    return {
        "customer": ids.public("cus", one.customer_id),
        "name": one.customer_name,
        "tone": str(one.tone),
        "asked": money.text(one.asked_minor, one.currency),
        "currency": one.currency,
        "invoices": [one.numbers[each.id] for each in one.sent],
        "held": {one.numbers[each.id]: str(one.decisions[each.id].reason) for each in one.held},
    }


def _sent(now: datetime) -> list[str]:
    paying_path, sent = reverse("pay-invoice"), []
    for customer_id, _today in queries.waiting(now=now, limit=_MOST):
        if operations.take_turn(customer_id=customer_id, paying_path=paying_path, now=now):
            sent.append(ids.public("cus", customer_id))
    return sent
