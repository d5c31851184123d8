"""Make every document of the table into a folder and tell what each check says of it; 0 only where every right one is right and every broken one refused.

Run by script/documents DIR [--json]. It is the tests of this folder, whole, with a place to leave their documents.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_CHECKS = ("cii", "ubl", "pdf", "embedded", "journal", "text")


def main() -> int:
    """Give 0 where everything held."""
    parser = argparse.ArgumentParser(
        prog="script/documents", description="Issue a table of invoices and credit notes and check each: official rules, PDF, journal."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the documents go: a folder each, with its verdict")
    parser.add_argument("--json", action="store_true", help="print one JSON object with all verdicts, nothing else")
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.stderr.write(f"{options.folder} is not empty: choose another folder, so that nothing old stands among the new.\n")
        return 2
    done, log = _made(folder)
    verdicts = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*/verdict.json"))]
    right = [one for one in verdicts if "wanted" not in one]
    broken = [one for one in verdicts if "wanted" in one]
    held = done == 0 and bool(right) and bool(broken) and all(map(_holds, verdicts))
    if options.json:
        sys.stdout.write(json.dumps({"held": held, "documents": right, "refused": broken}, ensure_ascii=False, indent=1) + "\n")
    else:
        told = [_line(one) for one in (*right, *broken)]
        told.append(f"{len(right)} documents, of them {sum(map(_holds, right))} right in all of {len(_CHECKS)} checks.")
        told.append(f"{len(broken)} broken ones, of them {sum(map(_holds, broken))} refused by the right rule.")
        sys.stdout.write("\n".join(told) + "\n")
    if not held:
        sys.stderr.write(log)
    return 0 if held else 1


def _made(folder: Path) -> tuple[int, str]:
    """Run the tests with the folder as their place; give their exit code and the end of what they said."""
    passing = tempfile.mkdtemp(prefix="tallystick-documents-")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", f"{passing}/tests", "--tb", "short", str(_HERE)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "DJANGO_"))}
    try:
        done = subprocess.run(words, check=False, cwd=_ROOT, env={**environment, "TALLYSTICK_DOCUMENTS": str(folder)}, capture_output=True, text=True)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return done.returncode, done.stdout[-4000:]


def _holds(verdict: dict[str, Any]) -> bool:
    if "wanted" in verdict:
        return verdict["wanted"] in verdict["refused_by"]
    return not any(verdict[check] for check in _CHECKS)


def _line(verdict: dict[str, Any]) -> str:
    if "wanted" in verdict:
        told = f"refused by {', '.join(verdict['refused_by']) or 'nothing'}"
    else:
        told = "  ".join(f"{check} {'ok' if not verdict[check] else 'WRONG: ' + '; '.join(verdict[check])}" for check in _CHECKS)
    return f"{verdict['name']:<60} {told}"


if __name__ == "__main__":
    sys.exit(main())
