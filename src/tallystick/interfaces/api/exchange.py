"""Carry one request of a program to the function that answers it, and the answer back."""

from dataclasses import dataclass

from tallystick.domain.funds import keyed


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a route needs of a request: who asks, with which key, about which object, and the body as it came."""

    facts: keyed.KeyFacts
    idempotency_key: str
    subject: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold an answer; `is_replay` says that an earlier request with the same key had the effect."""

    status: int
    content: object
    is_replay: bool = False
