"""Tell whether a file is a document as it was issued: genuine, altered or unknown. Needs the issuer's public keys, and nothing else.

genuine: every byte is as it was when the key's owner signed it. altered: it carries our signature, or is cut off, and is not as it was issued.
unknown: it says nothing that could be checked with these keys.
"""

import enum
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tallystick.integrations.signatures import codes, papers, statements
from tallystick.integrations.signatures.canonical import canonical, octets
from tallystick.integrations.signatures.keys import Published
from tallystick.integrations.signatures.statements import Found

LARGEST_BYTES = 10 * 1024 * 1024
_TIMEOUT_SECONDS = 20
_FINDING = "tallystick.integrations.signatures.finding"
_STARTS_WITHIN = 1024
_NAMES = {"document", "file", "format", "key", "signature"}


class Result(enum.StrEnum):
    """Name the three verdicts."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


class Reason(enum.StrEnum):
    """Say why. For programs; pages and the command line have a sentence for each."""

    AS_ISSUED = "as_issued"
    CONTENTS_CHANGED = "contents_changed"
    FACTS_CHANGED = "facts_changed"
    SAVED_ANEW = "saved_anew"
    DAMAGED = "damaged"
    NO_SIGNATURE = "no_signature"
    UNKNOWN_KEY = "unknown_key"
    WITHDRAWN_KEY = "withdrawn_key"
    ENCRYPTED = "encrypted"
    NO_PDF = "no_pdf"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    OTHER_HOST = "other_host"


RESULTS: dict[Reason, Result] = {
    Reason.AS_ISSUED: Result.GENUINE,
    Reason.CONTENTS_CHANGED: Result.ALTERED,
    Reason.FACTS_CHANGED: Result.ALTERED,
    Reason.SAVED_ANEW: Result.ALTERED,
    Reason.DAMAGED: Result.ALTERED,
    Reason.NO_SIGNATURE: Result.UNKNOWN,
    Reason.UNKNOWN_KEY: Result.UNKNOWN,
    Reason.WITHDRAWN_KEY: Result.UNKNOWN,
    Reason.ENCRYPTED: Result.UNKNOWN,
    Reason.NO_PDF: Result.UNKNOWN,
    Reason.TOO_LARGE: Result.UNKNOWN,
    Reason.UNREADABLE: Result.UNKNOWN,
    Reason.OTHER_HOST: Result.ALTERED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold a verdict. `said` is what the key's owner signed and only that: what a forger wrote is never in it. `key` is the key, where it is known."""

    reason: Reason
    said: Mapping[str, str] | None = None
    key: Published | None = None

    @property
    def result(self) -> Result:
        """Name the verdict."""
        return RESULTS[self.reason]


@dataclass(frozen=True, slots=True)
class _Statement:
    paper: dict[str, str]
    file: str
    key: str
    signature: bytes


def check_file(content: bytes, keys: Mapping[str, Published]) -> Verdict:
    """Judge a PDF. One that is as it was issued is never parsed; any other is opened in a process of its own, with little memory and time."""
    if len(content) > LARGEST_BYTES:
        return Verdict(Reason.TOO_LARGE)
    if b"%PDF-" not in content[:_STARTS_WITHIN]:
        return Verdict(Reason.NO_PDF)
    place = statements.spot(content)
    stated = _stated(content[place.begin : place.end]) if place else None
    if place is None or stated is None:
        return _searched(content, keys)
    is_whole = hashlib.sha256(place.emptied(content)).hexdigest() == stated.file
    return _judged(stated, keys, Reason.AS_ISSUED if is_whole else Reason.CONTENTS_CHANGED)


def check_code(code: codes.Code, keys: Mapping[str, Published]) -> Verdict:
    """Judge what the code of a document says, and whether its link leads where it was issued for."""
    key = keys.get(code.said["key"])
    if key is None:
        return Verdict(Reason.UNKNOWN_KEY)
    if not key.signed(code.signature, code.message()):
        return Verdict(Reason.FACTS_CHANGED, key=key)
    if key.withdrawn_at:
        return Verdict(Reason.WITHDRAWN_KEY, key=key)
    return Verdict(Reason.AS_ISSUED if code.link_host in ("", code.said["host"]) else Reason.OTHER_HOST, code.said, key)


def _judged(stated: _Statement, keys: Mapping[str, Published], reason: Reason) -> Verdict:
    """Judge a statement first; `reason` is what is true of the file where the statement itself is genuine."""
    key = keys.get(stated.key)
    if key is None:
        return Verdict(Reason.UNKNOWN_KEY)
    if not key.signed(stated.signature, statements.message(stated.paper, file_sha256=stated.file, key=stated.key)):
        return Verdict(Reason.FACTS_CHANGED, key=key)
    if key.withdrawn_at:
        return Verdict(Reason.WITHDRAWN_KEY, key=key)
    return Verdict(reason, stated.paper, key)


def _stated(written: bytes) -> _Statement | None:
    """Read the signed facts, in the one way in which they are written; None for anything else."""
    try:
        found = json.loads(written)
        if not isinstance(found, dict) or found.keys() != _NAMES or found["format"] != statements.FORMAT or canonical(found) != written:
            return None
        if papers.read(found["document"]) is None or not all(isinstance(found[name], str) for name in ("file", "key", "signature")):
            return None
        return _Statement(found["document"], found["file"], found["key"], octets(found["signature"]))
    except (ValueError, RecursionError):
        return None


def _searched(content: bytes, keys: Mapping[str, Published]) -> Verdict:
    """Open a PDF that is not as we write them: it may be one of ours that another program saved anew, or cut off."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", _FINDING],
            input=content,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return Verdict(Reason.UNREADABLE)
    plain = {Found.NOTHING: Reason.NO_SIGNATURE, Found.DAMAGED: Reason.DAMAGED, Found.ENCRYPTED: Reason.ENCRYPTED}
    if ended.returncode != Found.STATEMENT:
        reasons: dict[int, Reason] = {int(code): reason for code, reason in plain.items()}
        return Verdict(reasons.get(ended.returncode, Reason.UNREADABLE))
    stated = _stated(ended.stdout)
    return _judged(stated, keys, Reason.SAVED_ANEW) if stated else Verdict(Reason.FACTS_CHANGED)
