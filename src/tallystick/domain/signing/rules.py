"""Name how a signing key stands.

current -> ended -> withdrawn
current -> withdrawn
"""

from enum import StrEnum


class State(StrEnum):
    """Tell how a key stands: it signs, it no longer signs but what it signed is good, or nothing that it signed is to be believed."""

    CURRENT = "current"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.CURRENT: frozenset({State.ENDED, State.WITHDRAWN}),
    State.ENDED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}
MADE = "signing_key.made"
ENDED = "signing_key.ended"
WITHDRAWN = "signing_key.withdrawn"
