"""Speak to a Tallystick: `Client` waits for each answer, `AsyncClient` lets others go on meanwhile. Both offer the same methods."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from typing import Self

import httpx

from tallystick_client.access import Keys, Users
from tallystick_client.charging import Charges, Holds
from tallystick_client.crediting import Refunds, UnappliedCredit
from tallystick_client.customers import CreditTerms, Customers
from tallystick_client.dividing import Divisions
from tallystick_client.funds import Balances
from tallystick_client.hooks import Events, Webhooks
from tallystick_client.invoicing import CreditNotes, Invoices
from tallystick_client.moving import BalanceHistory, Transfers
from tallystick_client.ordering import PurchaseOrders
from tallystick_client.paying import Deposits, Payments
from tallystick_client.requests import AsyncSender, Listing, Page, Request, Sender
from tallystick_client.retries import Retries, Trial
from tallystick_client.stating import Ageing, OpenInvoices, Statements

VERSION = "0.1.0"
_AGENT = {"User-Agent": f"tallystick-client/{VERSION}", "Accept": "application/json, application/pdf, */*"}
_TIMEOUT_SECONDS = 30.0
_RETRIES = Retries()


def _address(url: str, key: str) -> httpx.URL:
    """Check what every request will have, before the first. Raises ValueError."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as wrong:
        raise ValueError(f"{url!r:.200} is no address, such as https://tally.example.") from wrong
    if found.scheme not in {"http", "https"} or not found.host:
        raise ValueError(f"{url!r:.200} is no address, such as https://tally.example.")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("The key is not as it was shown: it has signs that no key has.")
    return found


class _Offered[S]:
    """Offer all resources, to whoever sends."""

    def __init__(self, sender: S) -> None:
        self.balance = Balances(sender)
        self.balance_history = BalanceHistory(sender)
        self.transfers = Transfers(sender)
        self.divisions = Divisions(sender)
        self.charges = Charges(sender)
        self.holds = Holds(sender)
        self.purchase_orders = PurchaseOrders(sender)
        self.invoices = Invoices(sender)
        self.credit_notes = CreditNotes(sender)
        self.payments = Payments(sender)
        self.deposits = Deposits(sender)
        self.unapplied_credit = UnappliedCredit(sender)
        self.refunds = Refunds(sender)
        self.statements = Statements(sender)
        self.open_invoices = OpenInvoices(sender)
        self.ageing = Ageing(sender)
        self.customers = Customers(sender)
        self.credit_terms = CreditTerms(sender)
        self.events = Events(sender)
        self.webhooks = Webhooks(sender)
        self.keys = Keys(sender)
        self.users = Users(sender)


class Client(Sender, _Offered[Sender]):
    """Wait for each answer. It may be shared by threads; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: Retries = _RETRIES,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Name the installation's address, such as https://tally.example, and a key of its. `verify`: as httpx takes it. Raises ValueError."""
        _Offered.__init__(self, self)
        self._key, self._retries = key, retries
        self._http = httpx.Client(base_url=_address(url, key), timeout=timeout_seconds, verify=verify, transport=transport, headers=_AGENT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send[T](self, request: Request[T]) -> T:
        """Send a request, again where that may help. Raises Problem, Unreachable, NotUnderstood."""
        trial = Trial(request, self._retries)
        made = self._http.build_request(**trial.built(self._key))
        while True:
            try:
                outcome: httpx.Response | httpx.TransportError = self._http.send(made)
            except httpx.TransportError as broken:
                outcome = broken
            pause = trial.pause_after(outcome)
            if pause is None:
                return trial.read(outcome)
            time.sleep(pause)

    def each[T](self, listing: Listing[T]) -> Iterator[T]:
        """Go through a list; each page is asked for when it is needed. Raises Problem, Unreachable, NotUnderstood."""
        request: Request[Page[T]] | None = listing.first
        while request is not None:
            page = self.send(request)
            yield from page.rows
            request = listing.after(page)


class AsyncClient(AsyncSender, _Offered[AsyncSender]):
    """Let others go on meanwhile, in an event loop of asyncio; close it, or use it in an `async with`."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retries: Retries = _RETRIES,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Name the installation's address, such as https://tally.example, and a key of its. `verify`: as httpx takes it. Raises ValueError."""
        _Offered.__init__(self, self)
        self._key, self._retries = key, retries
        self._http = httpx.AsyncClient(base_url=_address(url, key), timeout=timeout_seconds, verify=verify, transport=transport, headers=_AGENT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_ended: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send[T](self, request: Request[T]) -> T:
        """Send a request, again where that may help. Raises Problem, Unreachable, NotUnderstood."""
        trial = Trial(request, self._retries)
        made = self._http.build_request(**trial.built(self._key))
        while True:
            try:
                outcome: httpx.Response | httpx.TransportError = await self._http.send(made)
            except httpx.TransportError as broken:
                outcome = broken
            pause = trial.pause_after(outcome)
            if pause is None:
                return trial.read(outcome)
            await asyncio.sleep(pause)

    async def each[T](self, listing: Listing[T]) -> AsyncIterator[T]:
        """Go through a list; each page is asked for when it is needed. Raises Problem, Unreachable, NotUnderstood."""
        request: Request[Page[T]] | None = listing.first
        while request is not None:
            page = await self.send(request)
            for row in page.rows:
                yield row
            request = listing.after(page)
