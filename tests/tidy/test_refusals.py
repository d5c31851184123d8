"""See that what refuses a person says so in a sentence that the reader's language can be found for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidy import house

_ENGLISH = {"config", "cli", "migrations", "gateways", "mail", "pdf", "postgres", "verification", "api", "services_v2", "hooks"}
"""Rooms that speak to programs, to the log and to who runs the server."""
_OURS = ("errors", "refusals")
_KINDS = {"Invalid", "InvalidFields", "Conflict", "NotFound", "NotAllowed", "InsufficientFunds", "Refusal"}


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_refusal(called: ast.expr, own: set[str]) -> bool:
    of_module = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id in _OURS
    return of_module or _named(called) in own


def _literals(call: ast.Call) -> Iterator[ast.expr]:
    given = call.args[0] if call.args else None
    found = given.values if isinstance(given, ast.Dict) else [given]
    return (one for one in found if isinstance(one, ast.Constant | ast.JoinedStr))


def unsaid(source: house.Source) -> Iterator[str]:
    """Name each refusal whose sentence is a bare text."""
    if _ENGLISH & {Path(part).stem for part in source.inside}:
        return
    classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    own = {node.name for node in classes if any(_named(base) in _KINDS for base in node.bases)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _is_refusal(node.func, own):
            for literal in _literals(node):
                yield source.at(literal, 'a person reads it: write texts.marked("...", name=value), or gettext on a page')


def test_every_refusal_is_marked() -> None:
    found = house.faults(unsaid, house.tree())
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        'raise errors.Conflict("No.")',
        'raise refusals.Late(f"{day} is over.", field="day")',
        'raise errors.InvalidFields({"day": "Choose a day."})',
        'class Late(errors.Conflict):\n    pass\nraise Late("No.")',
    ],
)
def test_a_bare_one_is_found(planted: str) -> None:
    assert list(unsaid(house.Source(house.PACKAGE / "domain" / "funds" / "operations" / "x.py", planted)))


def test_a_marked_one_is_not() -> None:
    marked = 'raise errors.Conflict(texts.marked("%(day)s is over.", day=day))\nraise errors.Invalid(_("Choose."))\nraise ValueError("x")'
    assert not list(unsaid(house.Source(house.PACKAGE / "domain" / "funds" / "operations" / "x.py", marked)))
