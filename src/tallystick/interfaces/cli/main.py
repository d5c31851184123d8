"""Choose the command. Each stands in a file of its own and is loaded only when asked for: a server's supervisor needs no Django."""

import argparse
import contextlib
import errno
import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol, cast

import django
import django.db
import psycopg

from tallystick.interfaces.cli import place
from tallystick.lib import errors

_SURROUNDINGS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
"""What the machine has to answer for; any other of these errors is a mistake of ours."""

_UNMADE = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)


class Parser(argparse.ArgumentParser):
    """Read the words of a command; what can not be read is refused like anything else, in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Refuse. Raises Unusable."""
        raise place.Unusable(f"{message[:1].upper()}{message[1:]}; {self.prog} --help says what it takes.")


class Module(Protocol):
    """Name what a command's file offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's own options."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and give the exit code."""


@dataclass(frozen=True, slots=True)
class Command:
    """Say what a command does, in which file it stands, and whether it works on the application's database."""

    summary: str
    module: str
    on_database: bool = True
    listed: bool = True
    makes_folder: bool = False


COMMANDS = {
    "serve": Command("start everything: PostgreSQL, web, worker", "serve", on_database=False, makes_folder=True),
    "setup": Command("set up an empty system: company, tax, bank account, administrator, customers, people", "setup"),
    "keys": Command("make, list, rotate and revoke the keys of programs", "keys"),
    "doctor": Command("check port, clock, database, mail, disk and files; one line each", "doctor", on_database=False),
    "verify": Command("re-add the journal and prove the books", "verify"),
    "backup": Command("write everything into one file", "backup"),
    "restore": Command("read a backup into an empty folder or database", "restore", on_database=False, makes_folder=True),
    "migrate": Command("bring the database to this version", "migrate", makes_folder=True),
    "work": Command("run one more worker", "work"),
    "web": Command("run one more web server", "web", on_database=False, makes_folder=True),
    "prepare": Command("migrate, and tell the demo's story where it is untold", "prepare", listed=False, makes_folder=True),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] not in COMMANDS:
        asked = words[:1] in (["--help"], ["-h"], ["help"])
        if asked:
            print(_usage())
            return 0
        return _refuse(f"There is no command {words[0]}; tallystick --help lists them." if words else "Name a command; tallystick --help lists them.")
    try:
        return _run(words[0], words[1:])
    except (place.Unusable, errors.Refusal) as refusal:
        return _refuse(str(refusal))
    except (psycopg.Error, django.db.Error) as problem:
        return _refuse(_told(problem))
    except OSError as problem:
        if problem.errno not in _SURROUNDINGS:
            raise
        return _refuse(
            f"{problem.filename or 'The disk'} can not be written or read: {(problem.strerror or 'refused').lower()}; mend that and try again."
        )
    except KeyboardInterrupt:
        return 130


def _refuse(sentence: str) -> int:
    """Say it on one line, whatever signs it quotes."""
    print(f"tallystick: {''.join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in sentence)}", file=sys.stderr)
    return 2


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


def _usage() -> str:
    lines = [f"  {name:<9} {command.summary}" for name, command in COMMANDS.items() if command.listed]
    return "\n".join(["usage: tallystick COMMAND [--data DIR] [OPTIONS]   (tallystick COMMAND --help)", "", *lines])


def _run(name: str, words: list[str]) -> int:
    command = COMMANDS[name]
    parser = Parser(prog=f"tallystick {name}", description=f"{command.summary[0].upper()}{command.summary[1:]}.")
    parser.add_argument("--data", type=Path, default=Path(".tallystick"), metavar="DIR", help="the installation's folder (default ./.tallystick)")
    with contextlib.ExitStack() as stack:
        if not command.makes_folder:
            _require_installation(words)
        if command.on_database:
            _enter(stack, words)
        module = cast("Module", importlib.import_module(f"tallystick.interfaces.cli.{command.module}"))
        module.add_arguments(parser)
        return module.run(parser.parse_args(words))


def _folder(words: list[str]) -> Path:
    early = Parser(prog="tallystick", add_help=False)
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


if __name__ == "__main__":
    sys.exit(main())
