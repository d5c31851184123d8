"""Run a remote command: open the client, do it, and word what failed. The exit code tells a script what to do next.

0 done - 2 wrong words or settings, nothing was sent - 3 refused - 4 not enough funds - 5 not known whether it happened, or no answer: run it again.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Protocol, cast

import tallystick_client
from tallystick.interfaces.cli import speaking
from tallystick.interfaces.cli.remote import access

REFUSED = 3
INSUFFICIENT = 4
UNKNOWN = 5
_CODES = "exit codes: 0 done; 2 wrong words or settings, nothing was sent; 3 refused; 4 not enough funds; 5 no answer: run it again"


class Module(Protocol):
    """Name what a command's file offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Describe the command's own options."""

    def run(self, tally: tallystick_client.Client, options: argparse.Namespace) -> None:
        """Do it and print what came of it."""


class Asked(Protocol):
    """Name what is known of a command: `main.Command`."""

    @property
    def summary(self) -> str:
        """Say what it does."""

    @property
    def module(self) -> str:
        """Name its file."""


def run(name: str, command: Asked, words: list[str]) -> int:
    """Run one command; what is refused is one sentence on standard error."""
    module = cast("Module", importlib.import_module(f"tallystick.interfaces.cli.remote.{command.module}"))
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    parser = speaking.Parser(prog=f"tallystick {name}", description=summary, epilog=_CODES)
    parser.add_argument("--remote", type=Path, default=None, metavar="FILE", help="read TALLYSTICK_URL and TALLYSTICK_KEY from here (mode 0600)")
    parser.add_argument("--json", action="store_true", help="print JSON; a refusal too, on standard error")
    try:
        module.add_arguments(parser)
        options = parser.parse_args(words)
        with access.opened(options.remote) as tally:
            return _done(module, tally, options)
    except speaking.Unusable as unusable:
        return speaking.refuse(str(unusable))
    except OSError as problem:
        return speaking.refuse(f"{problem.filename or 'The disk'} can not be written or read: {(problem.strerror or 'refused').lower()}.")


def _done(module: Module, tally: tallystick_client.Client, options: argparse.Namespace) -> int:
    try:
        module.run(tally, options)
    except tallystick_client.Problem as problem:
        return _refuse(problem, options)
    except tallystick_client.Unreachable as lost:
        return _unknown("unreachable", f"{lost}. {_again(lost.idempotency_key)}", lost.idempotency_key, options)
    except tallystick_client.NotUnderstood as strange:
        return _unknown("not_understood", str(strange), None, options)
    return 0


def _unknown(code: str, sentence: str, key: str | None, options: argparse.Namespace) -> int:
    if not options.json:
        return speaking.refuse(sentence, UNKNOWN)
    print(json.dumps({"code": code, "detail": sentence, "idempotency_key": key}, ensure_ascii=False), file=sys.stderr)
    return UNKNOWN


def _refuse(problem: tallystick_client.Problem, options: argparse.Namespace) -> int:
    code = REFUSED
    if isinstance(problem, tallystick_client.InsufficientFunds):
        code = INSUFFICIENT
    elif isinstance(problem, tallystick_client.ServerFailed):
        code = UNKNOWN
    if options.json:
        told = {
            "status": problem.status,
            "code": problem.code,
            "detail": problem.detail,
            **problem.members,
            "idempotency_key": problem.idempotency_key,
        }
        print(json.dumps(told, ensure_ascii=False), file=sys.stderr)
        return code
    parts = [problem.detail, *(f"{one.pointer}: {one.detail}" for one in problem.errors if one.detail != problem.detail)]
    if isinstance(problem, tallystick_client.InsufficientFunds) and problem.available is not None:
        parts.append(f"Available: {problem.available}; asked for: {problem.required}.")
    if code == UNKNOWN:
        parts.append(_again(problem.idempotency_key))
    return speaking.refuse(" ".join(parts), code)


def _again(key: str | None) -> str:
    if key is None:
        return "Try again later."
    return f"It may have happened all the same: run it again with --idempotency-key {key}, and it happens once."
