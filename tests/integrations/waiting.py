"""Give back what was told, after a while: what the tests of a process apart have it do."""

import time
from typing import Any


def wait(told: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Wait so many seconds. What prints harms nobody."""
    print("not an answer")  # noqa: T201 - on purpose
    time.sleep(told["seconds"])
    return told, content
