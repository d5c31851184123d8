"""Let clients speak to the application itself, or to a server that answers as a test says."""

from collections.abc import Callable, Iterator, Sequence

import httpx

from interfaces.programs import account
from tallystick.config import asgi
from tallystick_client import AsyncClient, Client, Retries

URL = "http://127.0.0.1"
QUICK = Retries(first_pause_seconds=0.001, longest_pause_seconds=0.002)

type Said = httpx.Response | httpx.TransportError


def application(request: httpx.Request) -> httpx.Response:
    """Answer as the application does."""
    told = account.ask(request.method, request.url.raw_path.decode(), headers=dict(request.headers), content=request.read())
    headers = {name: value for name, value in told.headers.items() if name != "content-encoding"}
    return httpx.Response(told.status_code, headers=headers, content=told.content)


def client(key: str, answer: Callable[[httpx.Request], httpx.Response] = application) -> Client:
    """Wait for the application, or for whoever answers in its place."""
    return Client(URL, key, retries=QUICK, transport=httpx.MockTransport(answer))


def async_client(key: str) -> AsyncClient:
    """Speak to the application without waiting."""
    return AsyncClient(URL, key, retries=QUICK, transport=httpx.ASGITransport(app=asgi.application))  # type: ignore[arg-type]  # as account.client


class Scripted:
    """Answer one after the other what a test wrote down, and remember what was asked."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said: Iterator[Said] = iter(said)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        said = next(self._said)
        if isinstance(said, httpx.TransportError):
            raise said
        return said


def refusal(status: int, code: str, **more: object) -> httpx.Response:
    """Refuse as the API does."""
    headers = {"Retry-After": str(more.pop("seconds"))} if "seconds" in more else {}
    return httpx.Response(status, headers=headers, json={"status": status, "code": code, "detail": "No.", **more})
