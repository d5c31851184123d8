"""Name a line of the rail."""

from dataclasses import dataclass

from django.utils.functional import Promise

from tallystick.domain.customers import rules

type Words = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail: the page's route, its name and icon; `also` are the routes of pages that lie under it."""

    route: str
    name: Words
    icon: str
    also: tuple[str, ...] = ()
    act: rules.Act = rules.Act.SEE_FINANCES
    short: Words = ""
