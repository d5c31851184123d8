"""Fix what a message says, how it is signed, when it is tried again, and which addresses may be named.

Source: Standard Webhooks 1.0 (headers webhook-id, webhook-timestamp, webhook-signature; `v1,` is HMAC-SHA256 over `id.timestamp.body`).

    waiting -> delivered | failed | stopped
"""

import base64
import hashlib
import hmac
import json
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tallystick.lib import errors, networks, texts

SECRET_PREFIX = "whsec_"  # noqa: S105 - the start of every secret, not one
SECRET_BYTES = 32
SECRET_SIZES = (24, 64)
OVERLAP = timedelta(hours=24)
"""So long after a rotation messages carry both signatures."""

PAUSES_SECONDS = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 9 * 3600, 14 * 3600, 18 * 3600, 84265)
"""Between the tries of one message; together they are the 72 hours."""
GIVES_UP_AFTER = timedelta(hours=72)
SPREAD_PERMILLE = 100
"""A pause is up to a tenth shorter or longer, so that what failed together does not come back together."""
QUIET_SECONDS = (30, 900)
"""While an endpoint goes on failing, all its messages wait so long without being tried: at first, and at most."""
_QUIET_FROM_FAILURES = 5

KEPT = timedelta(days=90)
"""So long after its end a message stands in the log."""
MOST_ENDPOINTS = 20
MOST_REPLAYED = 1000
LONGEST_URL = 2000
LONGEST_DESCRIPTION = 200
REACTION_TELL = "tell_endpoints"
REACTION_DELIVER = "deliver_webhook"
PRIVATE_TARGETS = "webhook_private_targets"
"""Name the operator's setting that lets endpoints be on private networks and this machine."""
GONE = 410


class State(StrEnum):
    """Tell how a message to one endpoint stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    STOPPED = "stopped"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.DELIVERED, State.FAILED, State.STOPPED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.STOPPED: frozenset(),
}


class Cause(StrEnum):
    """Tell why a message is sent: something happened, a person sends it again, or only tries the endpoint."""

    EVENT = "event"
    RESENT = "resent"
    REPLAYED = "replayed"
    TEST = "test"


class Off(StrEnum):
    """Tell why an endpoint is switched off: a person did, it said 410 Gone, or it failed for the whole life of a message."""

    PERSON = "person"
    GONE = "gone"
    FAILING = "failing"


KINDS = (
    *("purchase_order.submitted", "purchase_order.resubmitted", "purchase_order.approved", "purchase_order.rejected", "purchase_order.withdrawn"),
    *("invoice.issued", "invoice.partially_paid", "invoice.paid", "invoice.reopened", "invoice.overdue", "invoice.voided"),
    *("invoice.disputed", "invoice.dispute_settled", "invoice.written_off"),
    *("payment.started", "payment.settled", "payment.failed", "payment.expired", "payment.reversed", "payment.restored"),
    *("deposit.requested", "deposit.settled", "deposit.lapsed", "credit_note.issued", "refund.approved", "refund.settled", "refund.failed"),
    *(
        "funds.transferred",
        "balance.low",
        "credit_limit.reached",
        "hold.lapsed",
        "email.bounced",
        "terms.approved",
        "settings.changed",
        "customer.changed",
        "membership.set",
    ),
    *(
        "division.opened",
        "division.renamed",
        "division.closed",
        "separate_funds.switched",
        "spending_fuse.set",
        "spending_fuse.opened",
        "spending_fuse.closed",
        "key.issued",
        "key.rotated",
        "key.narrowed",
        "key.revoked",
    ),
    *("webhook_endpoint.added", "webhook_endpoint.changed", "webhook_endpoint.rotated", "webhook_endpoint.switched_on"),
    *("webhook_endpoint.switched_off", "webhook_endpoint.removed", "webhook_endpoint.replayed"),
)
"""What endpoints may ask for, and whose facts are told. Other events keep their place in the sequence and tell nothing more."""
_UNTOLD: dict[str, frozenset[str]] = {"terms.approved": frozenset({"reason"}), "invoice.written_off": frozenset({"reason"})}
"""Words that the operator's staff wrote for each other."""
TEST_KIND = "webhook_endpoint.tested"


@dataclass(frozen=True, slots=True)
class Told:
    """Tell one event outside: in the feed and in a message alike. `number` is its place in the customer's gapless sequence."""

    id: str
    number: int | None
    kind: str
    occurred_at: datetime
    subject_id: str
    facts: Mapping[str, object]

    def shape(self) -> dict[str, object]:
        """Give it as JSON has it."""
        untold = _UNTOLD.get(self.kind, frozenset())
        told = {name: value for name, value in self.facts.items() if name not in untold} if self.kind in {*KINDS, TEST_KIND} else {}
        return {
            "id": self.id,
            "sequence": self.number,
            "type": self.kind,
            "timestamp": self.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "subject": self.subject_id,
            "data": told,
        }

    def body(self) -> bytes:
        """Give the message's body: the same bytes for every try."""
        return json.dumps(self.shape(), ensure_ascii=False, separators=(",", ":")).encode()


def secret_of(random: bytes) -> str:
    """Write a secret as Standard Webhooks has it."""
    assert len(random) == SECRET_BYTES, "a secret is as long as the hash"
    return SECRET_PREFIX + base64.b64encode(random).decode()


def checked_secret(text: str) -> str:
    """Let a secret pass that a program made itself: 24 to 64 random bytes, as Standard Webhooks asks for. Raises Invalid."""
    try:
        length = len(base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True))
    except ValueError:
        length = 0
    least, most = SECRET_SIZES
    if not text.startswith(SECRET_PREFIX) or not least <= length <= most:
        raise errors.Invalid(texts.marked("Send whsec_ and the base64 of 24 to 64 random bytes."), code="invalid_secret", field="secret")
    return text


def headers(*, secrets: Sequence[str], message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """Sign a message with every secret that is good by now, newest first."""
    seconds = int(sent_at.timestamp())
    signed = b"%s.%d.%s" % (message_id.encode(), seconds, body)
    return {
        "content-type": "application/json",
        "user-agent": "Tallystick-Webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix(SECRET_PREFIX)), signed, hashlib.sha256)).decode()


def is_success(status: int | None) -> bool:
    """Tell whether the receiver took the message: any 2xx; a redirect is none."""
    return status is not None and 200 <= status <= 299  # noqa: PLR2004 - RFC 9110 section 15.3


def next_try(*, attempts: int, first_at: datetime, now: datetime, spread_permille: int) -> datetime | None:
    """Tell when a message is tried again after so many tries; None where its time is over. The last try is not later than GIVES_UP_AFTER."""
    ends = first_at + GIVES_UP_AFTER
    if attempts > len(PAUSES_SECONDS) or now >= ends:
        return None
    pause = timedelta(milliseconds=PAUSES_SECONDS[attempts - 1] * (1000 + spread_permille))
    return min(now + pause, ends)


def quiet_seconds(failures: int) -> int:
    """Tell how long an endpoint that failed so often in a row is left alone by all its messages, so that it keeps no worker busy."""
    first, most = QUIET_SECONDS
    beyond = failures - _QUIET_FROM_FAILURES
    return 0 if beyond < 0 else int(min(most, first * 2 ** min(beyond, 10)))


def checked_url(text: str, *, private_allowed: bool) -> str:
    """Let an address pass that messages may be sent to, as far as it can be told without looking its name up. Raises Invalid."""
    cleaned = text.strip()
    wrong = errors.Invalid(texts.marked("Enter an address that begins with https://, without a user name."), code="invalid_url", field="url")
    try:
        parts = urllib.parse.urlsplit(cleaned)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    schemes = {"https", "http"} if private_allowed else {"https"}
    plain = cleaned.isascii() and cleaned.isprintable() and " " not in cleaned and len(cleaned) <= LONGEST_URL
    if not plain or parts.scheme not in schemes or not host or port == 0 or "@" in parts.netloc or parts.fragment:
        raise wrong
    literal = ":" in host or host.replace(".", "").isdigit()
    allowed = {networks.Reach.PUBLIC, networks.Reach.PRIVATE} if private_allowed else {networks.Reach.PUBLIC}
    if literal and networks.reach(host) not in allowed:
        raise errors.Invalid(texts.marked("This address is on a private network. Messages go to public addresses."), code="private_url", field="url")
    return cleaned


def checked_kinds(kinds: Sequence[str]) -> list[str]:
    """Let known kinds pass, in their order; none means all. Raises Invalid."""
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise errors.Invalid(texts.marked("There is no event %(name)s.", name=unknown[0][:60]), code="unknown_event", field="kinds")
    return [kind for kind in KINDS if kind in set(kinds)]
