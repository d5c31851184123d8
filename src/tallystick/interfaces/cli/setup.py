"""Set an empty system up from the command line, and go on from there: companies, series, rates, accounts, customers, people."""

import argparse
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model

from tallystick.domain.administration import operations as administration
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries, rules
from tallystick.domain.customers.tax_categories import TaxCategory
from tallystick.domain.invoicing import operations as invoicing
from tallystick.domain.invoicing.rules import SeriesKind
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli import greeting, place, prepare
from tallystick.lib import money

_PATTERNS = {SeriesKind.INVOICE: "INV-{year}-{number:05}", SeriesKind.CREDIT_NOTE: "CN-{year}-{number:05}"}


_LONGEST = 200
_LONGEST_NUMBER = 18


class Step(NamedTuple):
    """Describe one thing that can be set up: what is asked, the words with their defaults (None: must be given), and what does it."""

    summary: str
    words: dict[str, str | None]
    act: Callable[[argparse.Namespace], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe every step."""
    parsers = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, step in STEPS.items():
        one = parsers.add_parser(name, help=step.summary, description=step.summary)
        one.add_argument("--data", default=argparse.SUPPRESS, type=Path, metavar="DIR", help=argparse.SUPPRESS)  # good before and after the step
        for word, default in step.words.items():
            one.add_argument(
                f"--{word.replace('_', '-')}",
                dest=word,
                required=default is None,
                default=default,
                metavar=word.upper(),
                help=None if default is None else f"default: {default!r}",
            )


def run(options: argparse.Namespace) -> int:
    """Take one step, whole or not at all, and say what came of it. Raises Unusable, Refusal."""
    step = STEPS[options.step]
    for word in step.words:
        _check(f"--{word.replace('_', '-')}", getattr(options, word))
    with scope.of(prepare.OPERATOR):
        said = step.act(options)
    print(said)
    return 0


def _check(word: str, text: str) -> None:
    """Refuse what no document could show. Raises Unusable."""
    if len(text) > _LONGEST:
        raise place.Unusable(f"{word} has {len(text)} characters; shorten it to {_LONGEST}.")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and (sign, word) != ("\n", "--address") for sign in text):
        raise place.Unusable(f"{word} has a control character in it; type it again without.")


def _company(options: argparse.Namespace) -> str:
    names = ("name", "address", "country", "tax_number", "email", "time_zone")
    entity_id = customers.create_legal_entity(viewer=prepare.OPERATOR, **{name: getattr(options, name) for name in names})
    for kind, pattern in _PATTERNS.items():
        _set_series(entity_id, kind, pattern)
    return f"Company {entity_id}, with series {' and '.join(_PATTERNS.values())}."


def _series(options: argparse.Namespace) -> str:
    _set_series(_entity(options), _chosen(SeriesKind, options.kind, "--kind"), options.pattern)
    return f"The {options.kind} series is {options.pattern}."


def _set_series(entity_id: int, kind: SeriesKind, pattern: str) -> None:
    zone = ZoneInfo(queries.legal_entity(legal_entity_id=entity_id).time_zone)
    invoicing.set_series(viewer=prepare.OPERATOR, legal_entity_id=entity_id, kind=kind, pattern=pattern, year=datetime.now(zone).year)


def _tax_rate(options: argparse.Namespace) -> str:
    entity_id = _entity(options)
    made = customers.create_tax_rate(
        viewer=prepare.OPERATOR,
        legal_entity_id=entity_id,
        name=options.name,
        percent=options.percent,
        category=_chosen(TaxCategory, options.category, "--category") if options.category else "",
        reason=options.reason,
    )
    return f"Tax rate {made}."


def _bank_account(options: argparse.Namespace) -> str:
    names = ("currency", "holder", "account", "bank_name", "bic")
    entity_id = _entity(options)
    made = customers.create_bank_account(viewer=prepare.OPERATOR, legal_entity_id=entity_id, **{name: getattr(options, name) for name in names})
    return f"Bank account {made}."


def _customer(options: argparse.Namespace) -> str:
    entity_id = _entity(options)
    rates = [str(rate.pk) for rate in queries.tax_rates(legal_entity_id=entity_id)]
    if options.tax_rate and options.tax_rate not in rates:
        raise place.Unusable(f"There is no tax rate {options.tax_rate} of company {entity_id}; add it with setup tax-rate.")
    draft = customers.CustomerDraft(
        legal_entity_id=entity_id,
        name=options.name,
        currency=options.currency,
        limit_minor=None if options.limit == "unlimited" else money.parse(options.limit, options.currency, field="--limit"),
        rule=_chosen(rules.CreditRule, options.rule, "--rule"),
        tax_rate_id=int(options.tax_rate) if options.tax_rate else None,
        terms_days=_number(options.terms_days, "--terms-days"),
        address=options.address,
        country=options.country,
    )
    opened = administration.create_customer(viewer=prepare.OPERATOR, draft=draft)
    return f"Customer {opened.customer_id}, top-level division {opened.top_division_id}."


def _staff(options: argparse.Namespace) -> str:
    person_id = customers.add_person(viewer=prepare.OPERATOR, email=options.email, name=options.name)
    customers.set_staff(viewer=prepare.OPERATOR, person_id=person_id, role=_chosen(rules.StaffRole, options.role, "--role"))
    return _invitation(options)


def _user(options: argparse.Namespace) -> str:
    customer_id = _number(options.customer, "--customer")
    queries.customer(viewer=prepare.OPERATOR, customer_id=customer_id)
    person_id = customers.add_person(viewer=prepare.OPERATOR, email=options.email, name=options.name)
    divisions = [_number(part, "--divisions") for part in options.divisions.split(",") if part] or None
    role = _chosen(rules.CustomerRole, options.role, "--role")
    customers.set_membership(viewer=prepare.OPERATOR, customer_id=customer_id, person_id=person_id, role=role, division_ids=divisions)
    return _invitation(options)


def _invitation(options: argparse.Namespace) -> str:
    url = place.Place(options.data).note().get("url", "http://127.0.0.1:8010")
    link = greeting.address(url, prepare.sign_in_token(options.email, datetime.now(UTC)))
    return f"{options.email} signs in once, within two days, with:\n{link}"


def _link(options: argparse.Namespace) -> str:
    if not get_user_model().objects.filter(email__iexact=options.email.strip()).exists():
        raise place.Unusable(f"Nobody has the address {options.email}; add them with setup staff or setup user.")
    return _invitation(options)


def _entity(options: argparse.Namespace) -> int:
    """Read which company is meant. Raises Unusable."""
    wanted = _number(options.company, "--company")
    known = [entity.pk for entity in queries.legal_entities()]
    if wanted not in known:
        raise place.Unusable(f"There is no company {wanted}; {_choice(known)}.")
    return wanted


def _choice(known: list[int]) -> str:
    return f"choose {' or '.join(map(str, known))} with --company" if known else "add one with setup company"


def _chosen[T: StrEnum](kinds: type[T], text: str, word: str) -> T:
    if text not in {str(kind) for kind in kinds}:
        raise place.Unusable(f"{word} must be one of {', '.join(kinds)}.")
    return kinds(text)


def _number(text: str, word: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise place.Unusable(f"{word} must be a whole number of at most {_LONGEST_NUMBER} digits.")
    return int(text)


STEPS = {
    "company": Step(
        "Add a legal entity that issues documents, with its number series",
        {"name": None, "address": None, "country": None, "tax_number": "", "email": "", "time_zone": "UTC"},
        _company,
    ),
    "series": Step("Give a series another pattern", {"company": None, "kind": "invoice", "pattern": None}, _series),
    "tax-rate": Step("Add a tax rate, such as 8.625", {"company": None, "name": "", "percent": None, "category": "", "reason": ""}, _tax_rate),
    "bank-account": Step(
        "Add an account into which customers pay",
        {"company": None, "currency": None, "holder": None, "account": None, "bank_name": "", "bic": ""},
        _bank_account,
    ),
    "staff": Step("Give a person a role on the operator's side and a sign-in link", {"email": None, "name": "", "role": "administrator"}, _staff),
    "customer": Step(
        "Open a customer",
        {
            "company": None,
            "name": None,
            "currency": None,
            "limit": "0",
            "rule": str(rules.CreditRule.CONSUMPTION),
            "tax_rate": "",
            "terms_days": "30",
            "address": "",
            "country": "",
        },
        _customer,
    ),
    "user": Step(
        "Let a person work for a customer and give a sign-in link",
        {"email": None, "name": "", "customer": None, "role": "administrator", "divisions": ""},
        _user,
    ),
    "link": Step("Give a person a fresh sign-in link", {"email": None}, _link),
}
