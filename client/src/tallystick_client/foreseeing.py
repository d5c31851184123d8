"""Show what a dry run foresees: the figures before and after, who would get a mail, and what the feed would tell. Nothing is written by it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tallystick_client import shapes
from tallystick_client.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsOf:
    """Show a division's figures at one moment; `available` is None without a limit."""

    division_id: str
    balance: Money
    unpaid: Money
    available: Money | None
    unapplied: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """Show an event that would be written, as the feed and webhooks would tell it."""

    type: str
    subject: str
    facts: Mapping[str, object] = shapes.called("data")


@dataclass(frozen=True, kw_only=True)
class Foresight:
    """Show what would follow, as far as the key sees it. It stands beside the fields of what would be made, and so has no slots of its own."""

    funds_before: tuple[FundsOf, ...]
    funds_after: tuple[FundsOf, ...]
    mailed_to: tuple[str, ...]
    events: tuple[Foreseen, ...]
