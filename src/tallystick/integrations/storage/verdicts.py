"""Name how a hard look at a file ends: the exit codes between `files` and the process that runs `cleaning`."""

import enum


class Verdict(enum.IntEnum):
    """Name an end of the look; any other exit code means that the process was ended by its limits."""

    CLEAN = 0
    ENCRYPTED = 10
    DAMAGED = 11
    TOO_LARGE = 12
