"""Tell from the command line whether a document is as it was issued, with the issuer's public keys and nothing else: no database, no network."""

import argparse
import json
from pathlib import Path

from tallystick.integrations.signatures import checking, codes, keys
from tallystick.integrations.signatures.checking import Reason, Result
from tallystick.interfaces.cli import speaking

KEYS_FILE = "tallystick-signing-keys.json"
_CODES: dict[Result, int] = {Result.GENUINE: 0, Result.ALTERED: 1, Result.UNKNOWN: 3}
_EPILOG = "exit codes: 0 genuine; 1 altered; 2 wrong words, or a file can not be read; 3 unknown"
_SENTENCES: dict[Reason, str] = {
    Reason.AS_ISSUED: "every byte is as {issuer} issued it",
    Reason.CONTENTS_CHANGED: "the file was changed after {issuer} issued it; what was issued stands below",
    Reason.FACTS_CHANGED: "the signature does not belong to these facts; somebody changed them",
    Reason.SAVED_ANEW: "another program saved the file anew after {issuer} issued it; compare it with what stands below, or fetch it again",
    Reason.DAMAGED: "the file is damaged or cut off; fetch it again",
    Reason.NO_SIGNATURE: "the file carries no signature; it is not the issuer's, or was printed or scanned anew",
    Reason.UNKNOWN_KEY: "it was signed with a key that is not in the set of keys; fetch the set again from the address that you know the issuer by",
    Reason.WITHDRAWN_KEY: "it was signed with a key that {issuer} has withdrawn; ask them whether they issued it",
    Reason.ENCRYPTED: "the file is protected by a password",
    Reason.NO_PDF: "the file is not a PDF",
    Reason.TOO_LARGE: "the file is larger than 10 MB",
    Reason.UNREADABLE: "the file could not be opened safely",
    Reason.OTHER_HOST: "the code was issued for another address than the one that it leads to",
}
_OF_CODE = "{issuer} issued a document that says this; compare it with the one in your hand"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what is checked, and with which keys."""
    parser.epilog = _EPILOG
    parser.add_argument("file", nargs="?", type=Path, help="the PDF as it was received")
    parser.add_argument("--code", default="", metavar="LINK", help="what the code at the foot of a document says, instead of a file")
    parser.add_argument(
        "--keys",
        type=Path,
        default=Path(KEYS_FILE),
        metavar="FILE",
        help=f"the issuer's public keys (default ./{KEYS_FILE}), saved from their address",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Check it, say what was found, and give the exit code. Raises Unusable."""
    if (options.file is None) == (not options.code):
        raise speaking.Unusable("Name a PDF file, or what a code says with --code.")
    known = _keys(options.keys)
    verdict = _of_code(options.code, known) if options.code else checking.check_file(_read(options.file, checking.LARGEST_BYTES), known)
    sentence = _OF_CODE if options.code and verdict.reason is Reason.AS_ISSUED else _SENTENCES[verdict.reason]
    print(_json(verdict) if options.json else _words(verdict, sentence))
    return _CODES[verdict.result]


def _of_code(link: str, known: dict[str, keys.Published]) -> checking.Verdict:
    code = codes.read(link)
    return checking.Verdict(Reason.NO_SIGNATURE) if code is None else checking.check_code(code, known)


def _keys(file: Path) -> dict[str, keys.Published]:
    if not file.exists():
        raise speaking.Unusable(
            f"There are no public keys in {file}. Save them once from https://HOST/.well-known/{KEYS_FILE}, where HOST is the issuer's address as you "
            "know it (not as the document names it), and name the file with --keys."
        )
    try:
        return keys.read(_read(file, keys.LARGEST_SET_BYTES))
    except keys.NoKeySet as wrong:
        raise speaking.Unusable(f"{file}: {wrong}") from wrong


def _read(file: Path, most: int) -> bytes:
    """Read no more than one byte too many. Raises Unusable."""
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as problem:
        raise speaking.Unusable(f"{file} can not be read: {(problem.strerror or 'refused').lower()}.") from problem


def _words(verdict: checking.Verdict, sentence: str) -> str:
    issuer = (verdict.key.issuer if verdict.key else "") or "the owner of the key"
    lines = [f"{verdict.result}: {sentence.format(issuer=issuer)}"]
    lines += [f"  {name.replace('_', ' '):<20} {value}" for name, value in (verdict.said or {}).items()]
    if verdict.key:
        lines.append(f"  {'signed with':<20} {verdict.key.key_id}")
    return "\n".join("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line) for line in lines)


def _json(verdict: checking.Verdict) -> str:
    return json.dumps(
        {
            "verdict": verdict.result,
            "reason": verdict.reason,
            "issuer": verdict.key.issuer if verdict.key else None,
            "key": verdict.key.key_id if verdict.key else None,
            "document": dict(verdict.said) if verdict.said else None,
        },
        ensure_ascii=True,
    )
