"""Read the words of a command and refuse in one sentence: all that a command needs before it needs anything else."""

import argparse
import sys
from typing import NoReturn

REFUSED = 2


class Unusable(RuntimeError):
    """Say in one sentence why a command can not do its work here."""


class Parser(argparse.ArgumentParser):
    """Read the words of a command; what can not be read is refused like anything else, in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Refuse. Raises Unusable."""
        raise Unusable(f"{message[:1].upper()}{message[1:]}; {self.prog} --help says what it takes.")


def refuse(sentence: str, code: int = REFUSED) -> int:
    """Say it on one line, whatever signs it quotes, and give the exit code."""
    print(f"tallystick: {''.join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in sentence)}", file=sys.stderr)
    return code
