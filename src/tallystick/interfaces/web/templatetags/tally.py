"""Show amounts, days, icons and states: `{% load tally %}`.

`{{ row.open_minor|amount:currency }}` writes 1,400.00 with U+2212 in front when negative; `|movement:currency` adds a plus;
`{{ day|day }}` is 4 Dec 2026, `|long_day` 4 December 2026, `|instant` day and time;
`{% icon "pay" %}` puts an icon in line; `{% explain "balance" %}` puts an explanation of that figure behind a button (explanations.py); `{% status row.status %}` shows a statuses.Status; `{{ id|public:"inv" }}` is the outside id,
`{{ id|link:"invoice" }}` the address of a route with it, `{{ sentence|naming:number }}` puts a name where the sentence has {}.
"""

import importlib.resources
import re
import uuid
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, cast

from babel import dates
from django import template
from django.forms import BoundField
from django.template import loader
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tallystick.interfaces.web import amounts, explanations, shell, statuses, templating
from tallystick.lib import ids

register = template.Library()

_POINTING = {"arrow", "back", "right"}
"""Icons that point along the line, and so the other way where it runs from right to left."""
_SYMBOL = re.compile(r'<symbol id="(?P<name>[a-z]+)" viewBox="(?P<box>[0-9 ]+)"(?P<more>[^>]*)>(?P<shape>.*?)</symbol>')


@cache
def _icons() -> dict[str, tuple[str, str]]:
    text = importlib.resources.files("tallystick.interfaces.web").joinpath("static/tallystick/icons.svg").read_text(encoding="utf-8")
    return {found["name"]: (found["box"], found["shape"]) for found in _SYMBOL.finditer(text)}


def icon_names() -> list[str]:
    """List the icons that there are, for the sheet of all parts."""
    return [name for name in _icons() if name != "tally"]


@register.simple_tag(takes_context=True)
def frame(context: template.RequestContext) -> str:
    """Put rail, seat and theme into the context of the page; base.html calls it first."""
    context.update(shell.frame(context["request"]))
    return ""


@register.simple_tag
@templating.settles
def icon(name: str, extra: str = "") -> SafeString:
    """Put an icon in line; it is decoration, the word beside it speaks."""
    return _drawn(name, f"{extra} mirrored".strip() if name in _POINTING and translation.get_language_bidi() else extra)


@cache
def _drawn(name: str, extra: str) -> SafeString:
    box, shape = _icons()[name]
    if name == "tally":
        return format_html('<svg viewBox="{}" aria-hidden="true">{}</svg>', box, mark_safe(shape))  # noqa: S308 - our own file
    return format_html('<svg class="icon{}" viewBox="{}" aria-hidden="true">{}</svg>', f" {extra}" if extra else "", box, mark_safe(shape))  # noqa: S308 - our own file


def written(minor: int, currency: str) -> str:
    """Write an amount in the active language with all decimals of its currency, minus as U+2212."""
    return amounts.text(minor, currency)


@register.filter
def amount(minor: int | None, currency: str) -> SafeString:
    """Show an amount; nothing where there is none."""
    if minor is None:
        return SafeString("")
    return _money(minor, currency, amounts.language())


@lru_cache(maxsize=amounts.KEPT)
def _money(minor: int, currency: str, _spoken: str) -> SafeString:
    return format_html('<span class="money">{}</span>', written(minor, currency))


@register.filter
def movement(minor: int, currency: str) -> SafeString:
    """Show what moved: with a plus or a minus."""
    return format_html('<span class="money">{}{}</span>', "+" if minor > 0 else "", written(minor, currency))


@register.filter
def negative(minor: int) -> int:
    """Turn the sign, for what is taken off."""
    return -minor


@register.filter
def many(value: int) -> amounts.Many:
    """Group the thousands of a number of things; a plural can be chosen by it."""
    return amounts.Many(value)


@register.filter
def quantity(value: Decimal) -> str:
    """Write a quantity or a rate without idle decimals."""
    return amounts.number(f"{value.normalize():f}")


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day as in tables: 4 Dec 2026."""
    return _dated(value, "d MMM y", "medium")


@register.filter
def long_day(value: date | datetime | None) -> str:
    """Write a day as in sentences: 4 December 2026."""
    return _dated(value, "d MMMM y", "long")


@register.filter
def short_day(value: date | datetime | None) -> str:
    """Write a day without its year: 4 Dec."""
    return _dated(value, "d MMM", "MMMd")


@register.filter
def month(value: date) -> str:
    """Write a month in short, as below a picture: Nov."""
    return _dated(value, "LLL", "MMM")


@register.filter
def long_month(value: date) -> str:
    """Write a month with its year: November 2026."""
    return _dated(value, "LLLL y", "yMMMM")


@register.filter
def week_day(value: date | datetime | None) -> str:
    """Write a day with its weekday: Monday, 23 November 2026."""
    return _dated(value, "EEEE, d MMMM y", "full")


@register.filter
def instant(value: datetime | None) -> str:
    """Write day and time in the active zone."""
    if value is None:
        return ""
    local, spoken = timezone.localtime(value), amounts.language()
    return _moment(spoken).format(_clock(local.hour, local.minute, spoken), day(value))


def _dated(value: date | datetime | None, english: str, other: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    spoken = amounts.language()
    return _day(value, english if spoken == "en" else other, spoken)


@lru_cache(maxsize=amounts.KEPT)
def _day(value: date, form: str, spoken: str) -> str:
    locale = amounts.locale_of(spoken)
    skeleton = locale.datetime_skeletons.get(form) if spoken != "en" else None
    # months that stand alone are written as in a date: babel mixes those of languages up that have none of their own
    return dates.format_date(value, format=skeleton.pattern.replace("L", "M") if skeleton else form, locale=locale)


@lru_cache(maxsize=amounts.KEPT)
def _clock(hour: int, minute: int, spoken: str) -> str:
    at, locale = time(hour, minute), amounts.locale_of(spoken)
    # half days by their whole word: short, Korean has them in English
    return f"{at:%H:%M}" if spoken == "en" else dates.format_time(at, format=locale.time_formats["short"].pattern.replace("a", "aaaa"), locale=locale)


@cache
def _moment(spoken: str) -> str:
    return "{1}, {0}" if spoken == "en" else str(dates.get_datetime_format("medium", locale=amounts.locale_of(spoken)))


@register.filter
def public(value: uuid.UUID | int, prefix: str) -> str:
    """Write the outside form of an id."""
    return ids.public(prefix, value)


@register.filter
def link(value: uuid.UUID | int, route: str) -> str:
    """Give the address of a route that has this id in it: what `url` says, found once for all the rows of a list."""
    before, after = _around(route, is_number=isinstance(value, int))
    return before + ids.public("", value) + after


@cache
def _around(route: str, *, is_number: bool) -> tuple[str, str]:
    sample = 0 if is_number else uuid.UUID(int=0)
    before, _, after = reverse(route, args=[sample]).partition(ids.public("", sample))
    return before, after


@register.filter
def naming(sentence: str, name: str) -> str:
    """Put a name where a sentence has `{}`, so that a list's sentence is translated once and not for each row."""
    return sentence.replace("{}", name)


@register.simple_tag
def options(field: BoundField) -> SafeString:
    """Write the choices of a dropdown, the chosen one selected: 250 countries are too many for a loop of a template."""
    chosen = str(field.value())
    choices: Any = getattr(field.field, "choices", ())
    return SafeString("".join([_option(str(value), label, is_chosen=str(value) == chosen) for value, label in choices]))


def _option(value: str, label: Any, *, is_chosen: bool) -> str:  # noqa: ANN401 - a text, lazy or not
    return f'<option value="{escape(value)}"{" selected" if is_chosen else ""}>{conditional_escape(label)}</option>'


@register.filter
def initials(name: str) -> str:
    """Take the first letters of the first and last word of a name."""
    words = name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@register.simple_tag
def status(shown: statuses.Status | None) -> SafeString:
    """Show a state: icon, word, tone; nothing where there is none."""
    if shown is None:
        return SafeString("")
    return _badge(str(shown.word), shown.icon, shown.tone, shown.loud)


@lru_cache(maxsize=amounts.KEPT)
def _badge(word: str, drawing: str, tone: str, loud: bool) -> SafeString:  # noqa: FBT001 - a positional key of the cache
    toned = format_html(' data-tone="{}"', tone) if tone else ""
    return format_html('<span class="status{}"{}>{}{}</span>', " loud" if loud else "", toned, _drawn(drawing, ""), word)


@register.simple_tag
def state(kind: str, name: str) -> SafeString:
    """Show the state of an order, invoice or payment by its name."""
    return status(statuses.of(kind, name))


@register.simple_tag
def due(due_date: date, today: date) -> SafeString:
    """Show how late or how near a due date is; nothing when it is more than a week away."""
    return status(statuses.due(due_date, today))


@register.simple_tag
def invoice_state(name: str, due_date: date, today: date) -> SafeString:
    """Show an invoice's state in a list, where overdue replaces unpaid and part paid."""
    return status(statuses.invoice(name, due_date, today))


@register.simple_tag
def still(part: str, **given: str | bool | None) -> SafeString:
    """Put in a part that depends on nothing but what is given and the language; it sees nothing else of the page, and is drawn once for all."""
    return _still(part, tuple((name, value, type(value)) for name, value in given.items()), amounts.language())


@lru_cache(maxsize=amounts.KEPT)
def _still(part: str, given: tuple[tuple[str, object, type], ...], _spoken: str) -> SafeString:
    return loader.render_to_string(part, {name: value for name, value, _ in given})


@register.simple_tag(takes_context=True)
def explain(context: template.RequestContext, name: str, address: str = "", customer_id: int | None = None) -> SafeString:
    """Put what a figure is, how it comes about and the way to its rows behind a button beside it; works without script."""
    told = explanations.EXPLANATIONS[name]
    of_page = cast("list[dict[str, Any]]", context.render_context.dicts)[0]  # the outermost one is shared with included parts
    times = of_page[f"explained {name}"] = of_page.get(f"explained {name}", 0) + 1
    here = getattr(context.get("where"), "here", None)
    found = address or explanations.address_of(told, here.id if here else None, customer_id)
    at = context["request"].get_full_path() if "request" in context else ""
    shown_id = f"why-{name.replace('_', '-')}" + (f"-{times}" if times > 1 else "")
    return _explained(name, shown_id, "" if found == at else found, amounts.language())


@lru_cache(maxsize=amounts.KEPT)
def _explained(name: str, shown_id: str, address: str, _spoken: str) -> SafeString:
    return loader.render_to_string("web/parts/explain.html", {"told": explanations.EXPLANATIONS[name], "id": shown_id, "address": address})
