"""Read the environment, and fail at start with the variable's name rather than later without it."""

import os
from pathlib import Path

LEAST_SECRET = 32
"""So many characters a secret has that signs sessions."""


class Unset(RuntimeError):
    """Say which variable is missing or malformed."""


def text(name: str, default: str | None = None) -> str:
    """Read a text. Raises Unset where it is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise Unset(f"The environment variable {name} must be set.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Read yes or no, written 1, true, yes, 0, false or no. Raises Unset for anything else."""
    value = os.environ.get(name, "").lower()
    if value not in {"", "1", "true", "yes", "0", "false", "no"}:
        raise Unset(f"The environment variable {name} must be 1 or 0.")
    return value in {"1", "true", "yes"} if value else default


def number(name: str, default: int) -> int:
    """Read a whole number. Raises Unset where it is none."""
    value = os.environ.get(name, "")
    if value and not value.isdecimal():
        raise Unset(f"The environment variable {name} must be a whole number.")
    return int(value) if value else default


def secret(name: str, default: str | None = None) -> str:
    """Read a secret from NAME, or from the file that NAME_FILE names. Raises Unset where both are missing."""
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text(encoding="utf-8").strip() if file else text(name, default)
