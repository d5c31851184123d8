"""Run every check and every test, each even when another failed, and say at the end which did."""

import os
import subprocess
import sys
import time
from pathlib import Path

import browser

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def main() -> int:
    """Give 0 only where everything held."""
    words = [word for word in sys.argv[1:] if word != "--nightly"]
    if "--nightly" in sys.argv[1:]:
        os.environ["TALLYSTICK_NIGHTLY"] = "1"
    chosen = _browser_words()
    if chosen is None:
        return 1
    checks = {
        "ruff": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "."],
        "types": ["mypy"],
        "floors": ["lint-imports", "--no-cache"],
        "tests": ["python", "-m", "pytest", "-n", "2", *chosen, *words],
    }
    failed = [name for name, command in checks.items() if not _holds(name, command)]
    print(f"Failed: {', '.join(failed)}." if failed else "Everything holds.")
    return 1 if failed else 0


def _holds(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)
    started = time.monotonic()
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    if name == "types":
        environment["TALLYSTICK_CHECKS"] = "1"  # the types are read off the settings, which need no database for that
    done = subprocess.run([str(BIN / command[0]), *command[1:]], check=False, cwd=ROOT, env=environment)
    print(f"== {name}: {'ok' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return done.returncode == 0


def _browser_words() -> list[str] | None:
    """Choose what pytest runs: everything, or without Chromium all but the stories that need it, which are named."""
    found = browser.chromium()
    if found:
        os.environ["TALLYSTICK_CHROMIUM"] = str(found)
        return []
    asked = [str(BIN / "python"), "-m", "pytest", "--collect-only", "-q", "-m", "browser"]
    listed = subprocess.run(asked, check=False, cwd=ROOT, capture_output=True, text=True).stdout
    print("There is no Chromium to be had; these stories are left out:")
    print("\n".join(f"  {line}" for line in listed.splitlines() if "::" in line), flush=True)
    if os.environ.get("CI") == "true":
        print("Under CI that is a failure.")
        return None
    return ["-m", "not browser"]


if __name__ == "__main__":
    sys.exit(main())
