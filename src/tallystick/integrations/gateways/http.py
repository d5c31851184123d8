"""Speak our own plain gateway protocol over HTTP: what the fake gateway serves, and what an own gateway in front of a bank can serve.

`POST /v1/payments`, `GET /v1/payments/{reference}`, `POST /v1/payments/{reference}/refunds`; JSON; `Authorization: Bearer <secret>`;
`Idempotency-Key` on what changes something. Refusals are `{"code": ..., "sentence": ...}` with 4xx; 409 is a key used for something else.
"""

import http.client
import json
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from tallystick.integrations.gateways import messages, protocol

_LARGEST_ANSWER_BYTES = 4 * 1024 * 1024
_SERVER_FAULT = 500
_CLIENT_FAULT = 400
_CONFLICT = 409
_TRY_AGAIN = {401, 403, 408, 425, 429}
"""Say nothing about the payment: a wrong secret is the operator's to mend, the others pass by themselves."""


@dataclass(frozen=True, kw_only=True)
class PlainGateway:
    """Take payments through a gateway that speaks the plain protocol at `base_url`; `secret` authorizes calls and signs messages."""

    base_url: str
    secret: bytes
    timeout_seconds: float = 10.0
    clock: Callable[[], float] = time.time
    name: str = "plain"

    def start(self, attempt: protocol.Attempt) -> protocol.Started:
        """Open a payment page (see protocol.Gateway.start)."""
        wanted = asdict(attempt)
        answer = self._call("POST", "/v1/payments", wanted, key=wanted.pop("idempotency_key"))
        return _shaped(answer, protocol.Started)

    def fetch(self, provider_reference: str) -> protocol.Outcome:
        """Ask how a payment stands (see protocol.Gateway.fetch)."""
        return _shaped(self._call("GET", _path(provider_reference)), protocol.Outcome)

    def refund(self, attempt: protocol.RefundAttempt) -> protocol.RefundStarted:
        """Give money back (see protocol.Gateway.refund)."""
        wanted = {"amount_minor": attempt.amount_minor, "currency": attempt.currency}
        answer = self._call("POST", f"{_path(attempt.provider_reference)}/refunds", wanted, key=attempt.idempotency_key)
        return _shaped(answer, protocol.RefundStarted)

    def verify_message(self, headers: Mapping[str, str], body: bytes) -> protocol.Message:
        """Read a signed message (see protocol.Gateway.verify_message)."""
        messages.check(self.secret, headers, body, now=self.clock())
        return messages.decode(body)

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None, *, key: str = "") -> bytes:
        """Send one request and sort its answer. Raises GatewayUnavailable, GatewayConflict, GatewayRefused."""
        sent = {"authorization": f"Bearer {self.secret.decode()}", "accept": "application/json", "content-type": "application/json"}
        if key:
            sent["idempotency-key"] = key
        try:
            status, answer = self._exchange(method, path, json.dumps(body).encode() if body is not None else None, sent)
        except (OSError, http.client.HTTPException) as broken:
            raise protocol.GatewayUnavailable(f"The gateway gave no answer: {broken!r}.") from broken
        if status >= _SERVER_FAULT or status in _TRY_AGAIN:
            raise protocol.GatewayUnavailable(f"The gateway answered {status}.")
        if status == _CONFLICT:
            raise protocol.GatewayConflict("The gateway knows this key with another request.")
        if status >= _CLIENT_FAULT:
            raise _refusal(answer)
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        address = urllib.parse.urlsplit(self.base_url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=self.timeout_seconds)
        try:
            connection.request(method, address.path.rstrip("/") + path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return response.status, response.read(_LARGEST_ANSWER_BYTES)
        finally:
            connection.close()


def from_settings(settings: Any) -> PlainGateway:  # noqa: ANN401 - Django's settings have any attribute
    """Make the gateway of this installation from GATEWAY_URL and GATEWAY_SECRET. Raises GatewayRefused "not_configured" where one is missing."""
    if not settings.GATEWAY_URL or not settings.GATEWAY_SECRET:
        raise protocol.GatewayRefused("not_configured", "Card payments are not set up. Pay by bank transfer, or ask the operator.")
    return PlainGateway(base_url=settings.GATEWAY_URL, secret=settings.GATEWAY_SECRET.encode())


def _path(reference: str) -> str:
    return f"/v1/payments/{urllib.parse.quote(reference, safe='')}"


def _shaped[T](answer: bytes, shape: type[T]) -> T:
    """Read an answer of a known shape; anything else counts as no answer, because what happened is unknown."""
    try:
        return msgspec.json.decode(answer, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as malformed:
        raise protocol.GatewayUnavailable(f"The gateway's answer is malformed: {malformed}.") from malformed


class _Refusal(msgspec.Struct):
    code: str = "refused"
    sentence: str = "The gateway refused."


def _refusal(answer: bytes) -> protocol.GatewayRefused:
    try:
        said = msgspec.json.decode(answer, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Refusal()
    return protocol.GatewayRefused(said.code, said.sentence)
