"""Read the house: its Python files as trees, its SQL, and what git tracks."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/tallystick")
CLIENT = Path("client/src")
CLIENT_NAME = "tallystick_client"

type Checker = Callable[["Source"], Iterator[str]]
"""Finds faults in one file: each is a sentence that begins with file and line."""


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the repository, and its text."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file as Python reads it."""
        return ast.parse(self.text, str(self.path))

    @property
    def inside(self) -> tuple[str, ...]:
        """The parts of the path below the package; empty for files elsewhere."""
        return self.path.relative_to(PACKAGE).parts if self.path.is_relative_to(PACKAGE) else ()

    @property
    def floor(self) -> str:
        """config, interfaces, reactions, domain, integrations or lib."""
        return self.inside[0] if len(self.inside) > 1 else ""

    @property
    def room(self) -> str:
        """In a subject of the domain: rules, models, queries, operations, migrations, sql or another; else empty."""
        return self.inside[2].removesuffix(".py") if self.floor == "domain" and len(self.inside) > 2 else ""

    def at(self, node: ast.AST, sentence: str) -> str:
        """A fault, with its place in front."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {sentence}"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, wherever it stands."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Every parameter but self and cls; stars not counted."""
    named = function.args
    return [each for each in (*named.posonlyargs, *named.args, *named.kwonlyargs) if each.arg not in {"self", "cls"}]


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string but the docstrings, the pieces of f-strings included."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node


@cache
def tree(folder: str = "src/tallystick", suffix: str = ".py") -> tuple[Source, ...]:
    """Every file of a folder with this ending."""
    found = sorted((ROOT / folder).rglob(f"*{suffix}"))
    return tuple(Source(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in found)


@cache
def tracked() -> tuple[Source, ...]:
    """Every text file that git tracks, or, outside of a clone, every file that would be."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0")[:-1] if listed.returncode == 0 else [str(each.relative_to(ROOT)) for each in _loose()]
    found = []
    for name in names:
        try:
            found.append(Source(Path(name), (ROOT / name).read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # a picture, a font, or a file just removed
    return tuple(found)


def _loose() -> Iterator[Path]:
    for folder in ("src", "client", "tests", "docs", "script", "bench"):
        yield from (each for each in (ROOT / folder).rglob("*") if each.is_file() and "__pycache__" not in each.parts)


def python() -> tuple[Source, ...]:
    """Every Python file of the program and of its client."""
    return tree() + tree(str(CLIENT))


def faults(checker: Checker, sources: tuple[Source, ...]) -> list[str]:
    """All that a checker finds, in order."""
    return [fault for source in sources for fault in checker(source)]
