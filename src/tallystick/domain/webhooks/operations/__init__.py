"""Keep endpoints and their secrets; queue, send, resend and replay messages; note what came of each try."""

from tallystick.domain.webhooks.operations.delivering import Outcome, Outgoing, note_outcome, take_message
from tallystick.domain.webhooks.operations.endpoints import (
    EndpointDraft,
    NewEndpoint,
    add_endpoint,
    change_endpoint,
    remove_endpoint,
    rotate_secret,
    switch_off,
    switch_on,
)
from tallystick.domain.webhooks.operations.pruning import prune
from tallystick.domain.webhooks.operations.queueing import replay, resend, send_test, tell_endpoints

__all__ = [
    "EndpointDraft",
    "NewEndpoint",
    "Outcome",
    "Outgoing",
    "add_endpoint",
    "change_endpoint",
    "note_outcome",
    "prune",
    "remove_endpoint",
    "replay",
    "resend",
    "rotate_secret",
    "send_test",
    "switch_off",
    "switch_on",
    "take_message",
    "tell_endpoints",
]
