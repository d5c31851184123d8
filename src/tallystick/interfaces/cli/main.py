"""Choose the command. Each stands in a file of its own and is loaded only when asked for: a server's supervisor and a remote command need no Django."""

import importlib
import sys
from dataclasses import dataclass
from typing import Protocol, cast

from tallystick.interfaces.cli import speaking


@dataclass(frozen=True, slots=True)
class Command:
    """Say what a command does, in which file it stands, and whether it works on the application's database, or elsewhere by the API."""

    summary: str
    module: str
    on_database: bool = True
    listed: bool = True
    makes_folder: bool = False
    needs_folder: bool = True
    is_remote: bool = False


COMMANDS = {
    "serve": Command("start everything: PostgreSQL, web, worker", "serve", on_database=False, makes_folder=True),
    "setup": Command("set up an empty system: company, tax, bank account, administrator, customers, people", "setup"),
    "keys": Command("make, list, rotate and revoke the keys of programs", "keys"),
    "doctor": Command("check port, clock, database, mail, disk and files; one line each", "doctor", on_database=False),
    "verify": Command("re-add the journal and prove the books", "verify"),
    "verify-document": Command(
        "tell whether a document is as it was issued, with public keys and nothing else", "verify_document", on_database=False, needs_folder=False
    ),
    "signing-keys": Command("list the keys that sign documents, put new ones in their place, withdraw them", "signing_keys"),
    "mail": Command("take up reports of mail that came back", "mail"),
    "reminders": Command("remind customers of what is due today, or say what would be sent and what is held back", "reminders"),
    "backup": Command("write everything into one file", "backup"),
    "restore": Command("read a backup into an empty folder or database", "restore", on_database=False, makes_folder=True),
    "migrate": Command("bring the database to this version", "migrate", makes_folder=True),
    "work": Command("run one more worker", "work"),
    "web": Command("run one more web server", "web", on_database=False, makes_folder=True),
    "prepare": Command("migrate, and tell the demo's story where it is untold", "prepare", listed=False, makes_folder=True),
    "balance": Command("view the balance of a division, by the API", "balance", is_remote=True),
    "invoices": Command("list invoices and fetch their PDFs, by the API", "invoices", is_remote=True),
    "pay": Command("pay invoices, by the API", "pay", is_remote=True),
    "po": Command("send a purchase order, by the API", "po", is_remote=True),
    "charge": Command("charge a division, by the API", "charge", is_remote=True),
}


class Side(Protocol):
    """Name what runs commands, here or by the API."""

    def run(self, name: str, command: Command, words: list[str]) -> int:
        """Run one and give the exit code."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on standard error and an exit code above 1."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] not in COMMANDS:
        asked = words[:1] in (["--help"], ["-h"], ["help"])
        if asked:
            print(_usage())
            return 0
        return speaking.refuse(
            f"There is no command {words[0]}; tallystick --help lists them." if words else "Name a command; tallystick --help lists them."
        )
    command = COMMANDS[words[0]]
    side = cast("Side", importlib.import_module(f"tallystick.interfaces.cli.{'remote.running' if command.is_remote else 'local'}"))
    try:
        return side.run(words[0], command, words[1:])
    except KeyboardInterrupt:
        return 130


def _usage() -> str:
    here = [f"  {name:<15} {command.summary}" for name, command in COMMANDS.items() if command.listed and not command.is_remote]
    elsewhere = [f"  {name:<15} {command.summary}" for name, command in COMMANDS.items() if command.is_remote]
    first = "usage: tallystick COMMAND [--data DIR] [OPTIONS]   (tallystick COMMAND --help)"
    second = "with an address and a key (TALLYSTICK_URL, TALLYSTICK_KEY, or a file of them), from any machine:"
    return "\n".join([first, "", *here, "", second, "", *elsewhere])


if __name__ == "__main__":
    sys.exit(main())
