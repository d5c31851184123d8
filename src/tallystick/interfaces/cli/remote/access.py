"""Know where to ask and with which key: from the environment, or from a file that only its owner can read."""

import os
import stat
from pathlib import Path

from tallystick.interfaces.cli import speaking
from tallystick_client import Client

_NAMES = ("TALLYSTICK_URL", "TALLYSTICK_KEY")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def opened(file: Path | None) -> Client:
    """Open the client that speaks for the key. Raises Unusable."""
    url, key = _found(file)
    try:
        return Client(url, key)
    except ValueError as wrong:
        raise speaking.Unusable(str(wrong)) from wrong


def _found(file: Path | None) -> tuple[str, str]:
    given = {name: os.environ.get(name, "").strip() for name in _NAMES}
    if file is not None:
        given = _read(file)  # what is named on the command line goes before what lies around
    elif not all(given.values()):
        usual = _usual()
        if usual.exists():
            given = _read(usual) | {name: value for name, value in given.items() if value}
    missing = next((name for name in _NAMES if not given.get(name)), None)
    if missing is not None:
        raise speaking.Unusable(f"Set {missing}, or write it into {file or _usual()} as {missing}=...")
    return given["TALLYSTICK_URL"], given["TALLYSTICK_KEY"]


def _usual() -> Path:
    """Name the file that is read without being named. Source: XDG Base Directory Specification."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "tallystick" / "remote"


def _read(file: Path) -> dict[str, str]:
    """Read lines of NAME=value. Raises Unusable for a file that others can read: it has a key in it."""
    try:
        with file.open(encoding="utf-8") as opened_file:
            found = os.fstat(opened_file.fileno())
            if found.st_mode & _OTHERS or found.st_uid not in {0, os.geteuid()}:
                raise speaking.Unusable(f"{file} has a key in it and is not yours alone; make it so: chmod 600 {file}")
            lines = opened_file.read().splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise speaking.Unusable(f"{file} can not be read.") from problem
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs if name.strip() in _NAMES}
