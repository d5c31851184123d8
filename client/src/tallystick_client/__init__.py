"""Speak to Tallystick from Python: charge, hold, order, read and be told, so that nothing happens twice and nothing is lost.

`Client(url, key)` waits, `AsyncClient(url, key)` does not; docs/integrating/client.md shows both.
"""

from tallystick_client import signatures
from tallystick_client.charging import ChargeDraft
from tallystick_client.clients import VERSION, AsyncClient, Client
from tallystick_client.customers import CustomerDraft, MasterRecord, SettingsDraft
from tallystick_client.money import Money
from tallystick_client.ordering import BillTo, Contact, LineDraft, OrderDraft
from tallystick_client.paying import PartDraft, RecordDraft
from tallystick_client.problems import (
    Conflict,
    InsufficientFunds,
    Invalid,
    Malformed,
    MatchMissing,
    NotAllowed,
    NotFound,
    NotUnderstood,
    Problem,
    RateLimited,
    ServerFailed,
    SpendingFuseOpen,
    Stale,
    TallystickError,
    Unauthenticated,
    Unreachable,
)
from tallystick_client.requests import Upload
from tallystick_client.retries import Retries
from tallystick_client.signatures import NotVerified

__version__ = VERSION
__all__ = [
    "AsyncClient",
    "BillTo",
    "ChargeDraft",
    "Client",
    "Conflict",
    "Contact",
    "CustomerDraft",
    "InsufficientFunds",
    "Invalid",
    "LineDraft",
    "Malformed",
    "MasterRecord",
    "MatchMissing",
    "Money",
    "NotAllowed",
    "NotFound",
    "NotUnderstood",
    "NotVerified",
    "OrderDraft",
    "PartDraft",
    "Problem",
    "RateLimited",
    "RecordDraft",
    "Retries",
    "ServerFailed",
    "SettingsDraft",
    "SpendingFuseOpen",
    "Stale",
    "TallystickError",
    "Unauthenticated",
    "Unreachable",
    "Upload",
    "signatures",
]
