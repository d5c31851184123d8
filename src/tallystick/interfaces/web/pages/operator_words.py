"""Say on the operator's pages how long something waits, and read the filters that stand in their addresses."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import ngettext

from tallystick.interfaces.web.statuses import Status
from tallystick.lib import errors, ids

LONG_WAIT = timedelta(days=2)
_LONGEST_SEARCH = 80
_HOUR = 60
_DAY = 24 * _HOUR
"""In minutes."""


class Recorded(Protocol):
    """What a history shows of an event."""

    kind: str
    occurred_at: datetime
    viewer_name: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative of a switch above a table: its value in the address, its word, whether it is the chosen one."""

    word: str | Promise
    address: str
    current: bool


def waited(since: datetime, now: datetime) -> str:
    """Say a waiting time in one unit: "3 days", "6 hours", "40 minutes"."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes >= _DAY:
        days = minutes // _DAY
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    if minutes >= _HOUR:
        hours = minutes // _HOUR
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}


def waiting(since: datetime, now: datetime) -> Status:
    """Show a waiting time as a status, marked when somebody waits for two days or longer."""
    return Status(waited(since, now), "clock", "heed" if now - since >= LONG_WAIT else "")


def one_currency(codes: Iterable[str]) -> str:
    """Give the currency that stands once in a table's head; empty where rows differ, and each says its own."""
    found = set(codes)
    return found.pop() if len(found) == 1 else ""


def searched(request: HttpRequest) -> str:
    """Read what is looked for; longer than any number or name is cut."""
    return request.GET.get("q", "").strip().replace("\x00", "")[:_LONGEST_SEARCH]


def chosen(request: HttpRequest, name: str, allowed: tuple[str, ...]) -> str:
    """Read a filter; what is not one of the allowed values counts as the first."""
    value = request.GET.get(name, "")
    return value if value in allowed else allowed[0]


def choices(name: str, words: Mapping[str, str | Promise], current: str, keep: dict[str, str]) -> list[Choice]:
    """Make a switch of links; `keep` are the other filters in force."""
    kept = {key: value for key, value in keep.items() if value}
    return [Choice(word, f"?{urlencode({name: value, **kept})}", value == current) for value, word in words.items()]


def before(request: HttpRequest, prefix: str) -> uuid.UUID | None:
    """Read from where a list goes on: the last id of the page before, nothing where the address has none or a wrong one."""
    try:
        return ids.parse(prefix, request.GET.get("before", ""))
    except errors.NotFound:
        return None


def older(request: HttpRequest, prefix: str, last_id: uuid.UUID | None) -> str:
    """Make the query string of the next page, with the filters in force; empty when this one is the last."""
    if last_id is None:
        return ""
    kept = {name: value for name, value in request.GET.items() if name != "before"}
    return urlencode({**kept, "before": ids.public(prefix, last_id)})


def after_name(request: HttpRequest) -> tuple[str, int] | None:
    """Read from where a list by name goes on: name and id of the last row of the page before."""
    try:
        return request.GET["after_name"], int(request.GET["after"])
    except (KeyError, ValueError):
        return None


def next_name(request: HttpRequest, name: str, row_id: int) -> str:
    """Make the query string of the next page of a list by name."""
    kept = {key: value for key, value in request.GET.items() if key not in {"after", "after_name"}}
    return urlencode({**kept, "after_name": name, "after": str(row_id)})


def customer(request: HttpRequest) -> int | None:
    """Read to which customer a list is narrowed, nothing where the address names none or a wrong one."""
    try:
        return ids.parse_integer("cus", request.GET.get("customer", ""))
    except errors.NotFound:
        return None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a history: what, when, by whom, and why where somebody said so."""

    what: str
    occurred_at: datetime
    who: str
    why: str


def history(events: Iterable[Recorded]) -> list[Happened]:
    """Put recorded events into words, in the order given."""
    return [Happened(said(event.kind), event.occurred_at, event.viewer_name, str(event.facts.get("reason") or "")) for event in events]


def said(kind: str) -> str:
    """Say an event's kind in words: "invoice.issued" is "Invoice issued"."""
    return kind.replace(".", " ").replace("_", " ").capitalize()
