"""Describe a request once, and offer it to the client that waits and to the one that does not."""

import abc
import functools
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Concatenate, overload
from urllib.parse import quote

import httpx

from tallystick_client import shapes
from tallystick_client.problems import NotUnderstood

API = "/api/v1"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Upload:
    """Hold a document that is sent along."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request[T]:
    """Say all of a request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    media_type: str = ""
    takes_key: bool = False
    idempotency_key: str | None = None
    if_match: str | None = None

    def headers(self, secret: str, key: str | None) -> dict[str, str]:
        """Make the headers of a try."""
        named = {"Authorization": f"Bearer {secret}"} if self.path.startswith(API) else {"X-DC-DEVKEY": secret}
        also = {"Idempotency-Key": key, "If-Match": self.if_match, "Content-Type": self.media_type or None}
        return named | {name: value for name, value in also.items() if value}


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Hold one page of a list, and what asks for the next."""

    rows: tuple[T, ...]
    following: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Listing[T]:
    """Name a list by the request for its first page."""

    first: Request[Page[T]]

    def after(self, page: Page[T]) -> Request[Page[T]] | None:
        """Ask for the page behind one: only the query is taken from its address, so that no answer leads the key elsewhere."""
        return None if page.following is None else replace(self.first, query=page.following)


def at(*parts: str) -> str:
    """Write a path below /api/v1, each part by itself. Raises ValueError for an id that is empty or leads elsewhere."""
    if not all(part.strip(".") for part in parts):
        raise ValueError("An id is empty.")
    return "/".join([API, *(quote(part, safe="") for part in parts)])


def fetched[T](path: str, shape: type[T], **query: object) -> Request[T]:
    """Describe a GET of one object."""
    return Request(method="GET", path=path, query=_query(query), read=functools.partial(_object, shape))


def downloaded(path: str, **query: object) -> Request[bytes]:
    """Describe a GET of a document."""
    return Request(method="GET", path=path, query=_query(query), read=lambda answer: answer.content)


def listed[T](path: str, shape: type[T], **query: object) -> Listing[T]:
    """Describe a list that goes on from page to page."""
    return Listing(Request(method="GET", path=path, query=_query(query), read=functools.partial(_page, shape)))


def sent[T](
    path: str,
    shape: type[T],
    body: object = None,
    *,
    document: Upload | None = None,
    idempotency_key: str | None = None,
    if_match: str | None = None,
    takes_key: bool = True,
) -> Request[T]:
    """Describe a POST: JSON, or with a document a form whose part `order` is the JSON. It is made into bytes here, once for all tries."""
    if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
        raise ValueError("An idempotency key has 1 to 255 visible ASCII characters.")
    written = json.dumps(shapes.written(body if body is not None else {}), ensure_ascii=False, separators=(",", ":")).encode()
    content, media_type = (written, "application/json") if document is None else _form(written, document)
    return Request(
        method="POST",
        path=path,
        read=functools.partial(_object, shape),
        body=content,
        media_type=media_type,
        takes_key=takes_key,
        idempotency_key=idempotency_key,
        if_match=if_match,
    )


def rehearsed[T](asked: Request[T]) -> Request[T]:
    """Ask what a request would do, and have nothing written."""
    return replace(asked, query={**asked.query, "dry_run": "true"})


def _form(order: bytes, document: Upload) -> tuple[bytes, str]:
    """Write a form. Its boundary follows from its content: the same order again is the same bytes, which a repeated key demands."""
    boundary = hashlib.sha256(order + document.content).hexdigest()
    name = document.name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="order"\r\nContent-Type: application/json\r\n\r\n'.encode()
    second = f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\nContent-Type: {document.media_type}\r\n\r\n'
    return head + order + second.encode() + document.content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


_NAMES = {"created_from": "created[gte]", "created_before": "created[lt]", "due_from": "due[gte]", "due_before": "due[lt]"}


def _query(asked: Mapping[str, object]) -> dict[str, str]:
    return {_NAMES.get(name, name): _parameter(value) for name, value in asked.items() if value is not None}


def _parameter(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return shapes.instant(value) if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _object[T](shape: type[T], answer: httpx.Response) -> T:
    found = _json(answer)
    extra = {"etag": answer.headers.get("etag", ""), "replayed": answer.headers.get("idempotent-replayed") == "true"}
    # what stands in headers is part of the object for whoever goes on with it
    return shapes.read(shape, {**extra, **found} if isinstance(found, dict) else found)


def _page[T](shape: type[T], answer: httpx.Response) -> Page[T]:
    found = _json(answer)
    rows = found.get("data") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise NotUnderstood("The answer is no list. Is this the address of a Tallystick?")
    following = answer.links.get("next", {}).get("url")
    return Page(tuple(shapes.read(shape, row) for row in rows), dict(httpx.URL(following).params) if following else None)


def _json(answer: httpx.Response) -> object:
    try:
        found: object = json.loads(answer.content)
    except ValueError:
        raise NotUnderstood("The answer is no JSON. Is this the address of a Tallystick?") from None
    return found


class Sender(abc.ABC):
    """Send requests and wait for the answer."""

    @abc.abstractmethod
    def send[T](self, request: Request[T]) -> T:
        """Send a request until it is answered."""

    @abc.abstractmethod
    def each[T](self, listing: Listing[T]) -> Iterator[T]:
        """Go through a list, page by page."""


class AsyncSender(abc.ABC):
    """Send requests and let others go on meanwhile."""

    @abc.abstractmethod
    async def send[T](self, request: Request[T]) -> T:
        """Send a request until it is answered."""

    @abc.abstractmethod
    def each[T](self, listing: Listing[T]) -> AsyncIterator[T]:
        """Go through a list, page by page."""


class Resource[S]:
    """Offer the requests of one resource to one of the two kinds of clients."""

    def __init__(self, sender: S) -> None:
        """Say who sends."""
        self._sender = sender


class Call[**P, T]:
    """Turn the description of a request into a method that sends it: it gives the answer, or an awaitable of it."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Request[T]]) -> None:
        """Take the description, its words and its signature."""
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, resource: Resource[Sender], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[AsyncSender], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, resource: None, owner: type) -> "Call[P, T]": ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:  # the overloads say what
        """Bind it to a resource."""
        if resource is None:
            return self

        @functools.wraps(self._describe)
        def run(*args: P.args, **named: P.kwargs) -> object:
            return resource._sender.send(self._describe(resource, *args, **named))  # noqa: SLF001 - a part of Resource

        return run


class Each[**P, T]:
    """Turn the description of a list into a method that goes through it: it gives an iterator, or an asynchronous one."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        """Take the description, its words and its signature."""
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, resource: Resource[Sender], owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[AsyncSender], owner: type) -> Callable[P, AsyncIterator[T]]: ...
    @overload
    def __get__(self, resource: None, owner: type) -> "Each[P, T]": ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:  # the overloads say what
        """Bind it to a resource."""
        if resource is None:
            return self

        @functools.wraps(self._describe)
        def run(*args: P.args, **named: P.kwargs) -> object:
            return resource._sender.each(self._describe(resource, *args, **named))  # noqa: SLF001 - a part of Resource

        return run
