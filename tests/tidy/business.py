"""Look at what the domain must not do, and where writing is allowed."""

import ast
import re
from collections.abc import Iterator

from tidy.house import ROOT, Source, arguments, functions, texts

CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"), ("timezone", "localdate")}
CLOCK |= {("time", name) for name in ("time", "time_ns", "monotonic", "localtime", "gmtime")}
SQL_CLOCK = re.compile(
    r"\b(?:clock_timestamp|transaction_timestamp|statement_timestamp|now)\s*\(\s*\)|\bcurrent_(?:timestamp|date|time)\b|\blocaltime", re.IGNORECASE
)
SQL_WRITES = re.compile(
    r"\b(?:insert\s+into\s|update\s+(?:only\s+)?[a-z_.]+\s+(?:as\s+\w+\s+|\w+\s+)?set\s|delete\s+from\s|truncate\s|merge\s+into\s)", re.IGNORECASE
)
ORM_WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "update"}
QUESTIONS = {"objects", "filter", "exclude", "all", "using", "select_for_update", "visible_to"}
OWN_CLOCK = {"domain/events/operations.py": "pauses and leases of the queue are real time, by the one clock that all workers share"}
OUTSIDE = ("django.http", "django.shortcuts", "django.template", "django.urls", "django.core.mail")
MONEY = re.compile(r"(?:^|_)(?:amount|balance|price|gross|net|fee|credit_limit|shortfall|unpaid)$")


def _receiver_words(node: ast.expr) -> set[str]:
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _writes(source: Source) -> bool:
    """Whether writing is this file's business: operations and migrations of a subject, and what serves them."""
    return source.room in {"operations", "migrations"} or source.floor in {"integrations", ""}


def writes_elsewhere(source: Source) -> Iterator[str]:
    """Writes outside of operations: by the ORM or in SQL."""
    if _writes(source):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ORM_WRITES:
            questioned = _receiver_words(node.func.value) & QUESTIONS
            row = source.floor == "domain" and node.func.attr in {"save", "delete"}
            if questioned or row or node.func.attr.startswith("bulk_"):
                yield source.at(node, f".{node.func.attr}() writes outside of operations")
    for text in texts(source.tree):
        if SQL_WRITES.search(str(text.value)):
            yield source.at(text, "SQL that writes outside of operations")


def _exported(source: Source) -> set[str] | None:
    """What a package of operations shows in its __init__; None where the file is no part of a package."""
    front = ROOT / source.path.parent / "__init__.py"
    if source.path.parent.name != "operations" or not front.exists():
        return None
    nodes = ast.walk(ast.parse(front.read_text(encoding="utf-8")))
    return {name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}


def positional_operations(source: Source) -> Iterator[str]:
    """Public operations that can be called by position; `lock(customer_id)` with its one parameter may."""
    if source.room != "operations":
        return
    shown = _exported(source)
    for node in source.tree.body:
        public = isinstance(node, ast.FunctionDef) and (not node.name.startswith("_") if shown is None else node.name in shown)
        if isinstance(node, ast.FunctionDef) and public and len(node.args.args) + len(node.args.posonlyargs) > 1:
            yield source.at(node, f"operation {node.name} takes positions; put * in front of its parameters")


def clocks(source: Source) -> Iterator[str]:
    """A clock read in the domain, which is told the time (`now`, `today`); its SQL asks ledger_now()."""
    if source.floor != "domain" or source.room == "migrations" or "/".join(source.inside) in OWN_CLOCK:
        return
    yield from _sql_clocks(source) if source.path.suffix == ".sql" else _python_clocks(source)


def _sql_clocks(source: Source) -> Iterator[str]:
    for place, line in enumerate(source.text.splitlines(), 1):
        code = line.split("--", 1)[0]
        if SQL_CLOCK.search(code) and "function ledger_now()" not in code:
            yield f"{source.path}:{place}: a clock other than ledger_now()"


def _python_clocks(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in CLOCK:
                yield source.at(node, f"{owner}.{node.attr} is a clock; take `now` or `today`")
    for text in texts(source.tree):
        if SQL_CLOCK.search(str(text.value)):
            yield source.at(text, "a clock in SQL; pass `now` or ask ledger_now()")


def floats(source: Source) -> Iterator[str]:
    """Floats in the domain and beside money; a measured duration in seconds may be one."""
    if source.floor != "domain" and source.inside != ("lib", "money.py"):
        return
    seconds = [node for node in ast.walk(source.tree) if isinstance(node, ast.AnnAssign) and ast.unparse(node.target).endswith("seconds")]
    measured = {id(node.annotation) for node in seconds}
    for node in ast.walk(source.tree):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        named = (isinstance(node, ast.Name) and node.id == "float") or (isinstance(node, ast.Attribute) and node.attr == "FloatField")
        if (literal or named) and id(node) not in measured:
            yield source.at(node, "a float; amounts are whole minor units, rates whole millionths, shares Fraction")


def _integer(annotation: ast.expr | None) -> bool:
    return annotation is not None and re.search(r"\bint\b", ast.unparse(annotation)) is not None


def _amounts(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for function in functions(source.tree):
        yield from ((each, each.arg) for each in arguments(function) if _integer(each.annotation))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _integer(node.annotation):
            yield node, node.target.id
        elif isinstance(node, ast.Assign) and "IntegerField" in ast.unparse(node.value)[:40]:
            yield from ((node, each.id) for each in node.targets if isinstance(each, ast.Name))


def unnamed_units(source: Source) -> Iterator[str]:
    """Whole-number amounts in the domain whose name does not end in _minor."""
    if source.floor != "domain" or source.room == "migrations":
        return
    for node, name in _amounts(source):
        if MONEY.search(name):
            yield source.at(node, f"{name} is an amount; name its unit: {name}_minor")


def outside_words(source: Source) -> Iterator[str]:
    """Imports of HTTP, templates or mail in the domain; import-linter cannot name parts of Django."""
    if source.floor != "domain":
        return
    for node in ast.walk(source.tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [f"{node.module}.{each.name}" for each in node.names] if isinstance(node, ast.ImportFrom) else []
        if any(f"{name}.".startswith(f"{outside}.") for name in names for outside in OUTSIDE):
            yield source.at(node, "the domain speaks neither HTTP nor HTML nor mail")
