"""Say what an operation would do: it is done by the same code in a transaction that is taken back, and what changed in between is shown."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import BaseModel, Field

from tallystick.domain.customers.rules import Viewer
from tallystick.domain.events import queries as events
from tallystick.domain.funds import queries as funds
from tallystick.domain.funds.rules import Figures
from tallystick.integrations.postgres import scope
from tallystick.interfaces.api.framework import shapes
from tallystick.interfaces.api.framework.replies import Told
from tallystick.interfaces.api.framework.resource import Act
from tallystick.lib import ids
from tallystick.reactions.mailing import foreseeing


class FundsShown(shapes.Shape):
    """Show a division's figures at one moment."""

    balance: shapes.Money
    unpaid: shapes.Money
    available: shapes.Money | None


class FundsOf(FundsShown):
    """Show the figures of one of several divisions."""

    division_id: str
    unapplied: shapes.Money


class Foreseen(shapes.Shape):
    """Show an event that would be written, as the feed and the webhooks would tell it."""

    type: str
    subject: str
    facts: dict[str, Any] = Field(serialization_alias="data")


class Rehearsed(shapes.Shape):
    """Add to an answer what a dry run shows; the ids and references in it are nobody's, for nothing was written."""

    funds_before: list[FundsOf] = Field(description="The figures of the divisions that it concerns, as far as the key sees them.")
    funds_after: list[FundsOf]
    mailed_to: list[str] = Field(description="Who would get a mail of it; empty for a key that sees some divisions only.")
    events: list[Foreseen] = Field(description="What the feed and webhooks would tell; empty for a key that sees some divisions only.")


def rehearsal(
    viewer: Viewer,
    deed: Act,
    *,
    shape: type[BaseModel],
    customer_id: int,
    concerns: Collection[int] = (),
    more: Callable[[], Mapping[str, object]] = dict,
) -> Act:
    """Make the act of a dry run: the deed's answer with the figures before and after, and with `more` that is read behind the deed.

    The framework takes back what the deed wrote.
    """

    def act() -> Told:
        before = funds.figures_by_division(viewer=viewer, customer_id=customer_id)
        mark = ids.new()
        told = deed()
        scope.write_gathered()
        after = funds.figures_by_division(viewer=viewer, customer_id=customer_id)
        touched = sorted(key for key in after if key in concerns or _is_concerned(key, before, after, told))
        written = events.written_here(customer_id=customer_id, after=mark) if viewer.division_ids is None else []
        content = shape(
            **told.content.model_dump(),
            **more(),
            funds_before=[_of(before[key]) for key in touched],
            funds_after=[_of(after[key]) for key in touched],
            mailed_to=foreseeing.mailed_to(viewer=viewer, customer_id=customer_id, events=written),
            events=[Foreseen(type=one.kind, subject=one.subject_id, facts=one.facts) for one in written],
        )
        return Told(content=content)

    return act


def _is_concerned(key: int, before: dict[int, Figures], after: dict[int, Figures], told: Told) -> bool:
    """Tell whether an answer names a division, or its own fund has moved: divisions that share funds are not all told apart."""
    is_named = getattr(told.content, "division_id", None) == ids.public("div", key)
    return is_named or (after[key].fund_id == key and _moving(before[key]) != _moving(after[key]))


def _moving(figures: Figures) -> tuple[int, ...]:
    return figures.balance_minor, figures.held_minor, figures.unpaid_minor, figures.unapplied_minor


def shown(figures: Figures) -> FundsShown:
    """Show the figures of one division."""
    return FundsShown(**_amounts(figures))


def _of(figures: Figures) -> FundsOf:
    unapplied = shapes.money(figures.unapplied_minor, figures.currency)
    return FundsOf(**_amounts(figures), division_id=ids.public("div", figures.division_id), unapplied=unapplied)


def _amounts(figures: Figures) -> dict[str, Any]:
    available = figures.available_minor
    return {
        "balance": shapes.money(figures.balance_minor, figures.currency),
        "unpaid": shapes.money(figures.unpaid_minor, figures.currency),
        "available": None if available is None else shapes.money(available, figures.currency),
    }
