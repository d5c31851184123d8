"""Choose the command. Each stands in a file of its own and is loaded only when asked for: a server's supervisor needs no Django."""

import argparse
import contextlib
import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import django

from tallystick.interfaces.cli import place
from tallystick.lib import errors


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


COMMANDS = {
    "serve": Command("start everything: PostgreSQL, web, worker", "serve", on_database=False),
    "setup": Command("set up an empty system: company, tax, bank account, administrator, customers, people", "setup"),
    "doctor": Command("check port, clock, database, mail and disk; one line each", "doctor", on_database=False),
    "verify": Command("re-add the journal and prove the books", "verify"),
    "backup": Command("write everything into one file", "backup"),
    "restore": Command("read a backup into an empty folder or database", "restore", on_database=False),
    "migrate": Command("bring the database to this version", "migrate"),
    "work": Command("run one more worker", "work"),
    "web": Command("run one more web server", "web", on_database=False),
    "prepare": Command("migrate, and tell the demo's story where it is untold", "prepare", listed=False),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] not in COMMANDS:
        asked = words[:1] in (["--help"], ["-h"], ["help"])
        print(_usage(), file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return _run(words[0], words[1:])
    except (place.Unusable, errors.Refusal) as refusal:
        print(f"tallystick: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _usage() -> str:
    lines = [f"  {name:<9} {command.summary}" for name, command in COMMANDS.items() if command.listed]
    return "\n".join(["usage: tallystick COMMAND [--data DIR] [OPTIONS]   (tallystick COMMAND --help)", "", *lines])


def _run(name: str, words: list[str]) -> int:
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"tallystick {name}", description=f"{command.summary[0].upper()}{command.summary[1:]}.")
    parser.add_argument("--data", type=Path, default=Path(".tallystick"), metavar="DIR", help="the installation's folder (default ./.tallystick)")
    with contextlib.ExitStack() as stack:
        if command.on_database:
            _enter(stack, words)
        module = cast("Module", importlib.import_module(f"tallystick.interfaces.cli.{command.module}"))
        module.add_arguments(parser)
        return module.run(parser.parse_args(words))


def _enter(stack: contextlib.ExitStack, words: list[str]) -> None:
    """Set Django up on the folder's database, unless the environment names one; a call for help needs none."""
    early = argparse.ArgumentParser(add_help=False)
    early.add_argument("--data", type=Path, default=Path(".tallystick"))
    if {"-h", "--help"} & set(words):
        os.environ.setdefault("TALLYSTICK_CHECKS", "1")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
    elif "TALLYSTICK_DATABASE_PORT" not in os.environ:
        chosen = place.Place(early.parse_known_args(words)[0].data)
        os.environ.update(chosen.environment(stack.enter_context(chosen.database())))
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tallystick.config.settings")
    django.setup()


if __name__ == "__main__":
    sys.exit(main())
