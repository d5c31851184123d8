"""Make the virtual environment that a command needs, once, and hand over to the command. Standard library only."""

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
HALF = VENV / "half-installed"
PYTHON = VENV / "bin" / "python"
LEAST_FREE_BYTES = 800_000_000
LOCKS = {
    "server": "requirements.txt",
    "test": "requirements-dev.txt",
    "bench": "requirements-dev.txt",
    "crash": "requirements-dev.txt",
    "fuzz": "requirements-dev.txt",
    "catalogs": "requirements.txt",
    "pictures": "requirements-dev.txt",
    "documents": "requirements-dev.txt",
}
PROGRAMS = {
    "test": "script/checks.py",
    "bench": "bench/run.py",
    "crash": "tests/books/crash.py",
    "fuzz": "tests/fuzz/run.py",
    "catalogs": "script/catalogs.py",
    "pictures": "tests/stories/pictures.py",
    "documents": "tests/einvoices/run.py",
}
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
HELP = """usage: script/server [--port PORT] [--data DIR] [--json] [--empty] [--database-url URL]

  --port PORT         the port on 127.0.0.1 (default 8010)
  --data DIR          where everything is kept (default ./.tallystick)
  --json              print one JSON object when ready, nothing else
  --empty             no story: a system to set up
  --database-url URL  an own PostgreSQL 18, as a role that may create roles and databases
"""


class Refused(Exception):
    """Say in one sentence why it can not go on."""


def main() -> int:
    """Prepare, then become the command."""
    command, words = sys.argv[1], sys.argv[2:]
    if command == "server" and {"-h", "--help"} & set(words):
        print(HELP, end="")
        return 0
    try:
        prepare(LOCKS[command])
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    program = PROGRAMS.get(command)
    become([str(PYTHON), str(ROOT / program), *words] if program else _server(words))
    return 0


def become(command: list[str]) -> None:
    """Let the command take this process over: signals and the exit code are then its own."""
    os.execv(command[0], command)  # noqa: S606 - no shell is the point: a path may have spaces


def _server(words: list[str]) -> list[str]:
    if not any(word.split("=")[0] == "--data" for word in words):
        words = ["--data", str(ROOT / ".tallystick"), *words]
    return [str(VENV / "bin" / "tallystick"), "serve", "--demo", *words]


def prepare(lock: str) -> None:
    """Install what the lock file names, unless that is done already. A start that was cut off is taken up again."""
    stamp = VENV / f"installed-{lock}"
    wanted = hashlib.sha256(str(ROOT).encode() + (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    with Path(__file__).open(encoding="utf-8") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)  # two first starts at once: the second waits
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        try:
            _install(lock)
            stamp.write_text(wanted, encoding="utf-8")
            HALF.unlink()
        except PermissionError as problem:
            raise Refused(f"The folder {ROOT} can not be written; clone Tallystick into one of yours.") from problem
        except OSError as problem:
            if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise _full() from problem
            raise Refused(f"The environment can not be made in {VENV}: {problem.strerror}.") from problem


def _install(lock: str) -> None:
    if shutil.disk_usage(ROOT).free < LEAST_FREE_BYTES:
        raise _full()
    if not os.access(ROOT, os.W_OK):
        raise PermissionError
    print("Installing into .venv; this is done once and takes a minute or two.", file=sys.stderr)
    _make_venv()
    HALF.touch()
    _pip("The packages can not be installed", "--require-hashes", "--requirement", str(ROOT / lock))
    _pip("Tallystick can not be installed", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def _full() -> Refused:
    return Refused(f"The disk of {ROOT} is full: the environment needs {LEAST_FREE_BYTES // 1_000_000} MB.")


def _make_venv() -> None:
    here = VENV / "made-in"
    # packages whose installation was cut off may look whole to pip: they are made anew with everything else
    if not HALF.exists() and here.exists() and here.read_text(encoding="utf-8") == str(ROOT) and PYTHON.exists():
        return
    done = _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    if done.returncode and shutil.which("uv"):
        done = _run(["uv", "venv", "--seed", "--clear", "--python", sys.executable, str(VENV)])
    if done.returncode:
        if "No space left" in done.stdout:
            raise _full()
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Refused(
            f"Python {version} comes without its venv module; install it (on Debian and Ubuntu: apt install python{version}-venv), or install uv."
        )
    here.write_text(str(ROOT), encoding="utf-8")


def _pip(sentence: str, *words: str) -> None:
    done = _run([str(PYTHON), "-m", "pip", "install", "--quiet", *words])
    if done.returncode:
        if "No space left" in done.stdout:
            raise _full()
        lines = [line for line in done.stdout.splitlines() if line.startswith("ERROR")] or done.stdout.splitlines()[-1:] or ["no reason given"]
        raise Refused(f"{sentence}: {lines[0].removeprefix('ERROR: ')}")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **QUIET}, stdin=subprocess.DEVNULL
    )


if __name__ == "__main__":
    sys.exit(main())
