"""Tell a newcomer where everything is: the address, the links, the keys, and three commands with what they answer."""

import json
import secrets
import shlex
import urllib.request
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from tallystick.lib import ids

_WHERE_THERE = {"first_run", "mailbox_url"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what is printed when everything runs."""

    url: str
    gateway_url: str
    sign_in_links: dict[str, str]
    api_keys: dict[str, str]
    customer_ids: dict[str, str]
    division_ids: dict[str, str]
    mailbox_url: str = ""
    first_run: str = ""


def address(url: str, link: str) -> str:
    """Make a one-time token, a path or an address into the address to open."""
    if link.startswith(("http://", "https://")):
        return link
    return f"{url}{link}" if link.startswith("/") else f"{url}/sign-in/link/{link}"


def greet(facts: Facts, *, folder: Path, as_json: bool) -> None:
    """Print the facts: as one JSON object, or as a page for a person."""
    print(
        json.dumps({name: value for name, value in asdict(facts).items() if name not in _WHERE_THERE or value})
        if as_json
        else "\n".join(_page(facts, folder)),
        flush=True,
    )


def _page(facts: Facts, folder: Path) -> list[str]:
    width = max([len(email) for email in (*facts.sign_in_links, *facts.api_keys)], default=0)
    lines = ["", f"Tallystick runs at {facts.url}", ""]
    setup = f".venv/bin/tallystick setup --data {shlex.quote(str(folder))}"
    if facts.first_run:
        return [*lines, "It is empty. Set it up here:", f"  {facts.first_run}", "or with:", f"  {setup} --help", "", "Stop with Ctrl-C.", ""]
    if not facts.sign_in_links:
        return [*lines, "A fresh sign-in link:", f"  {setup} link --email YOURS", "", "Stop with Ctrl-C.", ""]
    lines += ["Sign in, once with each link:", *(f"  {email:<{width}}  {link}" for email, link in facts.sign_in_links.items()), ""]
    lines += ["API keys:", *(f"  {email:<{width}}  {key}" for email, key in facts.api_keys.items()), ""]
    if facts.mailbox_url:
        lines += ["Every mail that is sent ends in the demo's mailbox:", f"  {facts.mailbox_url}", ""]
    return [*lines, *_commands(facts, folder), "Stop with Ctrl-C.", ""]


def _commands(facts: Facts, folder: Path) -> list[str]:
    if not facts.api_keys or not facts.division_ids:
        return []
    key, division = next(iter(facts.api_keys.values())), next(iter(facts.division_ids.values()))
    shown = f"{facts.url}/services/v2/finance/balance?container_id={division}"
    answer = _fetched(shown, key)
    if answer is None:
        return []
    balance = f"curl -s -H 'X-DC-DEVKEY: {key}' '{shown}'"
    # a fresh key for each start: repeated with the same one, the first answer would come back
    once = f"try-{secrets.token_hex(4)}"
    amount = {"amount": "1.00", "currency": answer["currency"]}
    body = json.dumps({"division_id": ids.public("div", int(division)), "amount": amount, "order_id": once})
    headers = f"-H 'Authorization: Bearer {key}' -H 'Idempotency-Key: {once}' -H 'Content-Type: application/json'"
    charge = f"curl -s {headers} -d '{body}' {facts.url}/api/v1/charges"
    after = json.dumps({"balance_after": {**amount, "amount": str(Decimal(str(answer["balance"])) - 1)}}, separators=(",", ":"))[1:-1]
    verify = f".venv/bin/tallystick verify --data {shlex.quote(str(folder))}"
    return [
        "Try, in this order:",
        *(f"  {balance}", f"    -> {json.dumps(answer, separators=(',', ':'))}"),
        *(f"  {charge}", f"    -> the charge, and in it {after}"),
        *(f"  {verify}", "    -> one line for each law of the books, and at the end: The books are right"),
        "",
    ]


def _fetched(shown: str, key: str) -> dict[str, object] | None:
    request = urllib.request.Request(shown, headers={"X-DC-DEVKEY": key})  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
            found: dict[str, object] = json.load(answer)
            return found
    except (OSError, ValueError):
        return None
