"""Run a command that works on an installation of this machine: find its folder, set Django up on its database, and word what fails."""

import argparse
import contextlib
import errno
import importlib
import os
from pathlib import Path
from typing import Protocol, cast

import django
import django.db
import psycopg

from tallystick.interfaces.cli import place, speaking
from tallystick.lib import errors

_SURROUNDINGS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
"""What the machine has to answer for; any other of these errors is a mistake of ours."""

_UNMADE = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


class Module(Protocol):
    """Name what a command's file offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and give the exit code."""


class Asked(Protocol):
    """Name what is known of a command: `main.Command`."""

    @property
    def summary(self) -> str:
        """Say what it does."""

    @property
    def module(self) -> str:
        """Name its file."""

    @property
    def on_database(self) -> bool:
        """Tell whether it works on the application's database."""

    @property
    def makes_folder(self) -> bool:
        """Tell whether it may found an installation."""

    @property
    def needs_folder(self) -> bool:
        """Tell whether it works on an installation at all."""


def run(name: str, command: Asked, words: list[str]) -> int:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    try:
        return _run(name, command, words)
    except (speaking.Unusable, errors.Refusal) as refusal:
        return speaking.refuse(str(refusal))
    except (psycopg.Error, django.db.Error) as problem:
        return speaking.refuse(_told(problem))
    except OSError as problem:
        if problem.errno not in _SURROUNDINGS:
            raise
        return speaking.refuse(
            f"{problem.filename or 'The disk'} can not be written or read: {(problem.strerror or 'refused').lower()}; mend that and try again."
        )


def _told(problem: Exception) -> str:
    """Put into a sentence what PostgreSQL refused; what only a mistake of ours can cause is raised again."""
    cause = problem if isinstance(problem, psycopg.Error) else problem.__cause__
    if isinstance(cause, _UNMADE):
        return "The database is not of this version; bring it there with tallystick migrate."
    if isinstance(cause, psycopg.errors.DiskFull):
        return "The disk of the database is full; make room and try again."
    if isinstance(cause, psycopg.OperationalError):
        return f"PostgreSQL refuses: {str(cause).splitlines()[0]}"
    raise problem


def _run(name: str, command: Asked, words: list[str]) -> int:
    parser = speaking.Parser(prog=f"tallystick {name}", description=f"{command.summary[0].upper()}{command.summary[1:]}.")
    if command.needs_folder:
        parser.add_argument("--data", type=Path, default=Path(".tallystick"), metavar="DIR", help="the installation's folder (default ./.tallystick)")
    with contextlib.ExitStack() as stack:
        if command.needs_folder and not command.makes_folder:
            _require_installation(words)
        if command.on_database:
            _enter(stack, words)
        module = cast("Module", importlib.import_module(f"tallystick.interfaces.cli.{command.module}"))
        module.add_arguments(parser)
        return module.run(parser.parse_args(words))


def _folder(words: list[str]) -> Path:
    early = speaking.Parser(prog="tallystick", add_help=False)
    early.add_argument("--data", type=Path, default=Path(".tallystick"))
    chosen: Path = early.parse_known_args(words)[0].data
    return chosen


def _require_installation(words: list[str]) -> None:
    """Refuse a folder that nothing was ever started on: a mistyped name must not found another system. Raises Unusable."""
    folder = _folder(words)
    if "TALLYSTICK_DATABASE_PORT" in os.environ or {"-h", "--help"} & set(words):
        return
    if not place.holds_installation(folder):
        raise place.Unusable(f"There is no installation in {folder}; name its folder with --data, or make one with script/server.")


def _enter(stack: contextlib.ExitStack, words: list[str]) -> None:
    """Set Django up on the folder's database, unless the environment names one; a call for help needs none."""
    if {"-h", "--help"} & set(words):
        os.environ.setdefault("TALLYSTICK_CHECKS", "1")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
    elif "TALLYSTICK_DATABASE_PORT" not in os.environ:
        chosen = place.Place(_folder(words))
        os.environ.update(chosen.environment(stack.enter_context(chosen.database())))
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
    try:
        django.setup()
    except RuntimeError as unset:  # a variable is missing or malformed, and the sentence names it
        raise place.Unusable(str(unset)) from unset
