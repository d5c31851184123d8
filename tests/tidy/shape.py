"""Look at the shape of files: sizes, parameters, docstrings, imports, names."""

import ast
import re
from collections.abc import Iterator

from tidy.house import Source, arguments, functions

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
LONGEST_SQL_FILE = 150
MOST_PARAMETERS = 7

NOT_NAMES = {"data", "info", "util", "utils", "helper", "helpers", "manager", "handle", "handler", "process", "service", "services", "common", "misc"}
DOCUMENTED = {
    "manager": "a role of the documentation",
    "finance_manager": "another",
    "services_v2": "the path of the documented API",
    "process_id": "the kernel's word",
}
DJANGO_CALLS = {
    "handle": "a management command's entry",
    "process_view": "middleware",
    "process_exception": "middleware",
    "process_request_thread": "a server of the standard library",
}


def long_files(source: Source) -> Iterator[str]:
    """Files beyond the hard limit."""
    longest = LONGEST_SQL_FILE if source.path.suffix == ".sql" else LONGEST_FILE
    count = len(source.text.splitlines())
    if count > longest:
        yield f"{source.path}:{count}: has {count} lines, {longest} at most; split it by meaning"


def long_functions(source: Source) -> Iterator[str]:
    """Functions beyond the hard limit, decorators aside, docstring included."""
    for function in functions(source.tree):
        count = (function.end_lineno or 0) - function.lineno + 1
        if count > LONGEST_FUNCTION:
            yield source.at(function, f"{function.name} has {count} lines, {LONGEST_FUNCTION} at most")


def many_parameters(source: Source) -> Iterator[str]:
    """Functions with too many parameters."""
    for function in functions(source.tree):
        count = len(arguments(function))
        if count > MOST_PARAMETERS:
            yield source.at(function, f"{function.name} has {count} parameters, {MOST_PARAMETERS} at most; beyond that, a frozen dataclass")


def imports_inside(source: Source) -> Iterator[str]:
    """Imports inside functions."""
    for function in functions(source.tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield source.at(node, f"an import inside {function.name}")


def _undocumented(source: Source, body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name != "Meta":
            if ast.get_docstring(node) is None and not node.name.startswith("_"):
                yield source.at(node, f"class {node.name} has no docstring")
            yield from _undocumented(source, node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is None:
            marks = {ast.unparse(mark).rsplit(".", 1)[-1] for mark in node.decorator_list}
            if not node.name.startswith("_") and not marks & {"overload", "override", "setter"}:
                yield source.at(node, f"{node.name} has no docstring")


def undocumented(source: Source) -> Iterator[str]:
    """Modules, classes and public functions that say nothing; migrations, lists of steps, excepted."""
    if "migrations" in source.path.parts:
        return
    if ast.get_docstring(source.tree) is None and source.text.strip():
        yield f"{source.path}:1: the module has no docstring"
    yield from _undocumented(source, source.tree.body)


def silent_assertions(source: Source) -> Iterator[str]:
    """Assertions that do not say what must hold."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            yield source.at(node, "an assertion without a sentence")


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


def _named(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id


def empty_names(source: Source) -> Iterator[str]:
    """Names that say nothing: of files and folders, of classes (in any part), of functions (the verb), of variables (the whole)."""
    for part in source.path.parts:
        stem = part.removesuffix(source.path.suffix)
        if stem not in DOCUMENTED and _words(stem) & NOT_NAMES:
            yield f"{source.path}:1: {part} is a name that says nothing"
    yield from _empty_definitions(source)
    for node, name in _named(source.tree):
        if name.strip("_").lower() in NOT_NAMES - DOCUMENTED.keys():
            yield source.at(node, f"{name}: a name that says nothing")


def _empty_definitions(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and _words(node.name) & NOT_NAMES - _words(" ".join(ast.unparse(base) for base in node.bases)):
            yield source.at(node, f"class {node.name}: a name that says nothing")
    for function in functions(source.tree):
        verb = function.name.strip("_").split("_")[0]
        if verb in NOT_NAMES and function.name not in DJANGO_CALLS:
            yield source.at(function, f"{function.name}: a name that says nothing")
