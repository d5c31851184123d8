"""Read the filter, the order and the place of a list out of the address, and write addresses that change one of them.

Two lists stand on one page; `prefix` keeps their words apart (`state`, `po_state`). What can not be read narrows nothing and is said beside its field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tallystick.interfaces.web import forms, words
from tallystick.interfaces.web.templatetags import tally
from tallystick.lib import errors, ids

type Words = str | Promise
LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Describe a list: what its ids begin with, its states, its sorts (the first one is its own order, descending), and the days it is narrowed by."""

    prefix: str
    id_prefix: str
    states: Mapping[str, Words]
    sorts: Mapping[str, Words]
    days: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head that sorts: its word, where its link leads, and how the list is sorted by it now."""

    word: Words
    address: str
    aria_sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Hold what an address asks of a list, and what was typed."""

    kind: Kind
    query: QueryDict
    currency: str
    state: str
    text: str
    day: str
    start: date | None
    end: date | None
    least_minor: int | None
    most_minor: int | None
    sort: str
    is_descending: bool
    after: UUID | None
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but the order is asked."""
        return bool(self.state or self.text or self.has_more)

    @property
    def has_more(self) -> bool:
        """Tell whether days or amounts are asked, which stand behind "More"."""
        return any(self.typed[name] for name in ("from", "to", "least", "most"))

    @property
    def typed(self) -> dict[str, str]:
        """Give what was typed, by field."""
        return {name: self.query.get(self.kind.prefix + name, "").strip()[:LONGEST] for name in ("q", "from", "to", "least", "most")}

    @property
    def kept(self) -> list[tuple[str, str]]:
        """List what a form of this list carries along: the other list's filter, this one's state."""
        own = {self.kind.prefix + name for name in ("q", "by", "from", "to", "least", "most", "sort", "order", "after")}
        return [
            (name, value)
            for name, value in self.query.dict().items()
            if name not in own and isinstance(value, str) and value and len(value) <= LONGEST
        ]

    @property
    def switches(self) -> list[tuple[str, Words, str]]:
        """List the states: name, word, address."""
        return [(name, word, self.address(state=name)) for name, word in self.kind.states.items()]

    @property
    def heads(self) -> dict[str, Head]:
        """Give the heads that sort, by name: a second press turns the order round."""
        found = {}
        for name, word in self.kind.sorts.items():
            own = name == self.sort
            turned = "up" if (self.is_descending if own else name == "due") else "down"
            now = ("descending" if self.is_descending else "ascending") if own else ""
            found[name] = Head(word, self.address(sort=name, order=turned), now)
        return found

    @property
    def cleared(self) -> str:
        """Give the address without this list's filter."""
        return self.address(state="", q="", by="", least="", most="", **{"from": "", "to": ""})

    @property
    def first(self) -> str:
        """Give the address of the first page, empty on it."""
        return self.address() if self.after else ""

    def next(self, last: UUID) -> str:
        """Give the address of the page behind a row."""
        return self.address(after=ids.public(self.kind.id_prefix, last))

    def address(self, **changes: str) -> str:
        """Write the address with some of this list's words changed; the place in the list starts anew."""
        changed = self.query.copy()
        for name, value in {"after": "", **changes}.items():
            changed.pop(self.kind.prefix + name, None)
            if value:
                changed[self.kind.prefix + name] = value
        return "?" + changed.urlencode()

    def sought(self) -> str:
        """Say what was looked for, for a list that is empty."""
        parts = [str(self.kind.states[self.state])] if self.state else []
        if self.text:
            parts.append(_("number beginning or ending with “%(text)s”") % {"text": self.text})
        word = str(self.kind.days.get(self.day, ""))
        if self.start:
            parts.append(_("%(what)s from %(day)s on") % {"what": word, "day": tally.day(self.start)})
        if self.end:
            parts.append(_("%(what)s up to %(day)s") % {"what": word, "day": tally.day(self.end)})
        if self.least_minor is not None:
            parts.append(
                _("at least %(amount)s %(currency)s") % {"amount": tally.written(self.least_minor, self.currency), "currency": self.currency}
            )
        if self.most_minor is not None:
            parts.append(_("at most %(amount)s %(currency)s") % {"amount": tally.written(self.most_minor, self.currency), "currency": self.currency})
        return _("Looked for: %(what)s.") % {"what": "; ".join(parts)} if parts else ""


def read(query: QueryDict, kind: Kind, currency: str) -> Asked:
    """Read an address."""
    wrong: dict[str, str] = {}
    said = {name: query.get(kind.prefix + name, "").strip()[:LONGEST] for name in ("state", "q", "by", "sort", "order", "after")}
    sort = said["sort"] if said["sort"] in kind.sorts else next(iter(kind.sorts))
    return Asked(
        kind=kind,
        query=query,
        currency=currency,
        state=said["state"] if said["state"] in kind.states else "",
        text=said["q"],
        day=said["by"] if said["by"] in kind.days else next(iter(kind.days)),
        start=_day(query, kind.prefix, "from", wrong),
        end=_day(query, kind.prefix, "to", wrong),
        least_minor=_amount(query, kind.prefix, "least", currency, wrong),
        most_minor=_amount(query, kind.prefix, "most", currency, wrong),
        sort=sort,
        is_descending=said["order"] != "up",
        after=_after(said["after"], kind.id_prefix),
        wrong=wrong,
    )


def ticked(sent: QueryDict, name: str, prefix: str) -> Sequence[UUID]:
    """Read which rows were ticked, each once. Raises NotFound for what can be no id."""
    return list(dict.fromkeys(ids.parse(prefix, one) for one in sent.getlist(name)))


def _after(written: str, prefix: str) -> UUID | None:
    return ids.parse(prefix, written) if written else None


def _day(query: QueryDict, prefix: str, name: str, wrong: dict[str, str]) -> date | None:
    written = query.get(prefix + name, "").strip()
    if not written:
        return None
    try:
        return date.fromisoformat(written[:LONGEST])
    except ValueError:
        wrong[name] = _("Write the day as YYYY-MM-DD.")
        return None


def _amount(query: QueryDict, prefix: str, name: str, currency: str, wrong: dict[str, str]) -> int | None:
    written = query.get(prefix + name, "").strip()
    if not written:
        return None
    try:
        return forms.minor_of(written[:LONGEST], currency)
    except errors.Invalid as refusal:
        wrong[name] = words.said(refusal.sentence)
        return None
