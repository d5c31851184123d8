"""Have electronic invoices written and checked by the process that does nothing else, started when it is needed.

Blocks for a second at the first document and for some 20 ms at the next; called by the worker, never inside a transaction and never in web processes.
"""

import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Syntax = Literal["cii", "ubl"]
SYNTAXES: tuple[Syntax, ...] = ("cii", "ubl")
LONGEST_SECONDS = 60.0
IDLE_SECONDS = 20
"""So long after its last document the process ends, and its memory is free again."""
RULES = "TALLYSTICK_UBL_RULES"
"""The variable that names the operator's own rules for UBL, such as those of Peppol: a compiled schematron."""
CUSTOMIZATION = "customization"
"""The key among the terms of a UBL document for the rules that it says it follows, where these are more than the norm's."""
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", RULES)
"""What the process gets of the environment: no secret, no way to the database."""
_WRITER = "tallystick.integrations.einvoicing.writing"


class WriterUnavailableError(Exception):
    """Tell that the writing process died or did not answer in time: nothing is known of the document, which is tried again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Name a rule that a document breaks ("BR-CO-15", "XSD", "TERMS") and its words."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """Hold a document, and what is wrong with it; one with faults never leaves."""

    syntax: Syntax
    xml: bytes
    faults: tuple[Fault, ...]

    @property
    def is_valid(self) -> bool:
        """Tell whether it may go out."""
        return not self.faults


class Writer:
    """Speak with one writing process; ask one at a time."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def make(self, syntax: Syntax, terms: Mapping[str, Any]) -> Made:
        """Write a document in a syntax and check it. Raises WriterUnavailableError."""
        return self._asked(syntax, {"syntax": syntax, "terms": terms})

    def check(self, syntax: Syntax, xml: bytes) -> Made:
        """Check a document that is there. Raises WriterUnavailableError."""
        return self._asked(syntax, {"syntax": syntax, "xml": xml.decode()})

    @property
    def pid(self) -> int | None:
        """Name the process, if there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._end()

    def _asked(self, syntax: Syntax, request: Mapping[str, Any]) -> Made:
        with self._lock:
            answer = self._answer(json.dumps(request, ensure_ascii=True) + "\n")
        found = tuple(Fault(rule, text) for rule, text in answer["faults"])
        return Made(syntax, answer["xml"].encode(), found)

    def _answer(self, request: str) -> dict[str, Any]:
        """Ask; a process that ended since the last time, as it does when idle, is started again once."""
        for last in (False, True):
            writer = self._running()
            assert writer.stdin is not None, "started with pipes"
            assert writer.stdout is not None, "started with pipes"
            try:
                writer.stdin.write(request)
                writer.stdin.flush()
                ready, _, _ = select.select([writer.stdout], [], [], LONGEST_SECONDS)
                answer = writer.stdout.readline() if ready else ""
            except OSError:
                answer = ""
            if answer:
                return dict(json.loads(answer))
            self._end()
            if last:
                raise WriterUnavailableError("The process that writes electronic invoices does not answer.")
        raise AssertionError("the second try returns or raises")

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", _WRITER]
            environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


WRITER = Writer()
"""The one of this process; it starts nothing before the first document."""
