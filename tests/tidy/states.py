"""Compare the state machines drawn in docstrings with the transition tables that the code obeys."""

import ast
import importlib
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from enum import Enum

from tidy.house import PACKAGE, ROOT, Source

ARROW = re.compile(r"^\s*(?:[A-Za-z ]+:\s+)?`?(\w+(?: \| \w+)*(?: -> \w+(?: \| \w+)*)+)")

type Edges = set[tuple[str, str]]


def drawn(text: str) -> Edges:
    """The arrows of a text: `a -> b | c` is two, `a -> b -> c` too; several on one line are parted by semicolons."""
    edges: Edges = set()
    for line in text.splitlines():
        for piece in line.split(";"):
            found = ARROW.match(piece)
            if found:
                groups = [re.split(r" \| ", group) for group in found[1].split(" -> ")]
                edges |= {(a, b) for one, two in itertools.pairwise(groups) for a in one for b in two}
    return edges


def tabled(table: Mapping[object, Collection[object]]) -> Edges:
    """The arrows of a transition table."""
    return {(_word(start), _word(end)) for start, ends in table.items() for end in ends}


def _word(state: object) -> str:
    return str(state.value if isinstance(state, Enum) else state).lower()


def docstrings(tree: ast.AST) -> str:
    """Every docstring and every text standing by itself."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    return "\n".join(str(node.value) for node in alone if isinstance(node.value, str))


def tables(module: object) -> dict[str, Mapping[object, Collection[object]]]:
    """The transition tables of a rules module: everything named ...TRANSITIONS."""
    return {name: value for name, value in vars(module).items() if name.endswith("TRANSITIONS")}


def compare(name: str, text: str, known: Mapping[str, Mapping[object, Collection[object]]]) -> Iterator[str]:
    """What the drawing says and the tables do not, and the reverse."""
    in_text = drawn(text)
    in_tables: Edges = set().union(*(tabled(table) for table in known.values()))
    for start, end in sorted(in_tables - in_text):
        yield f"{name}: the docstring lacks {start} -> {end}"
    for start, end in sorted(in_text - in_tables):
        yield f"{name}: the docstring draws {start} -> {end}, no table has it"


def undrawn(rules: Source) -> Iterator[str]:
    """Differences between a subject's tables and the diagrams in its rules and in its own docstring."""
    if rules.room != "rules" or "TRANSITIONS" not in rules.text:
        return
    module = importlib.import_module(".".join(rules.path.with_suffix("").relative_to(PACKAGE.parent).parts))
    subject = (ROOT / rules.path.parent / "__init__.py").read_text(encoding="utf-8")
    yield from compare(str(rules.path), docstrings(rules.tree) + "\n" + docstrings(ast.parse(subject)), tables(module))
