"""Name the shapes that go in and out of every resource: strict objects, money as decimal text, instants in UTC, problems."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from tallystick.interfaces.api import words
from tallystick.lib import money as lib_money

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"


class Shape(BaseModel):
    """Be an object whose every field is known: others are refused, never ignored."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Body(Shape):
    """Be sent as JSON, every part in its own type: a number is no text. A part that is an instant or a day takes `Field(strict=False)`."""

    model_config = ConfigDict(strict=True)


class Money(Shape):
    """Write an amount as decimal text beside its currency."""

    amount: str = Field(pattern=_AMOUNT, max_length=21, examples=["454.00"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])


class MoneyAsked(Body):
    """Write an amount as decimal text beside the currency of the account."""

    amount: str = Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$", max_length=20, examples=["454.00"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])


def money(minor: int, currency: str) -> Money:
    """Show an amount of minor units."""
    return Money(amount=lib_money.text(minor, currency), currency=currency)


def minor(asked: MoneyAsked, currency: str) -> int:
    """Read an amount above zero in that currency into minor units. Raises Invalid."""
    return words.minor(words.Money(asked.amount, asked.currency), currency)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str)]
"""An instant, RFC 3339 in UTC with Z."""


def _in_utc(at: datetime) -> datetime:
    """Name an instant as the database takes it, which knows no zone beyond 16 hours. Raises ValueError outside of the calendar."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("The year is out of range") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant that comes in; one without a zone is refused."""
Day = date
Line = Annotated[str, Field(max_length=255, pattern=PRINTABLE)]
"""One line of text."""
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""Several lines of text."""


class Listed[T](Shape):
    """Give one page of a list: newest first; the Link header has the addresses of its neighbors."""

    rows: list[T] = Field(serialization_alias="data")
    has_more: bool


class Paged(Shape):
    """Ask for one page: `after` and `before` are ids from the list, of which at most one is given."""

    limit: int = Field(25, ge=1, le=200, description="How many at most.")
    after: str | None = Field(None, max_length=60, description="The id behind which the page begins.")
    before: str | None = Field(None, max_length=60, description="The id in front of which the page ends.")


class Wrong(Shape):
    """Point at one part of a request that has to be mended."""

    pointer: str = Field(
        description="A JSON pointer into the body, or the name of a parameter behind a question mark.", examples=["/amount/currency"]
    )
    detail: str


class Problem(BaseModel):
    """Say what was refused and why. Source: RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:tallystick:problem:invalid"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stays the same between versions; to be branched upon.", examples=["invalid"])
    instance: str = ""
    request_id: str = ""
    errors: list[Wrong] = Field(default_factory=list)


class Insufficient(Problem):
    """Say that the amount is more than what is available."""

    available: Money | None = Field(description="May be negative.")
    required: Money | None
    limit: Money | None
    used_by_other_divisions: Money | None
