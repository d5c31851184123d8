"""Read, add, rename and close divisions."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick_client import requests
from tallystick_client.requests import Call, Each, Listing, Request, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Show a division. `parent_id` is None for the top-level one, and where the key does not see what it stands under."""

    id: str
    name: str
    status: str
    is_top: bool
    parent_id: str | None
    closed_at: datetime | None
    etag: str = ""
    replayed: bool = False


class Divisions[S](Resource[S]):
    """Keep divisions."""

    @Each
    def list(self, *, status: str | None = None, customer: str | None = None) -> Listing[Division]:
        """Go through the divisions in sight: the top-level one first, then by name."""
        return requests.listed(requests.at("divisions"), Division, status=status, customer=customer)

    @Call
    def get(self, division_id: str, *, customer: str | None = None) -> Request[Division]:
        """Open a division. Raises NotFound."""
        return requests.fetched(requests.at("divisions", division_id), Division, customer=customer)

    @Call
    def create(
        self, *, name: str, parent_id: str | None = None, customer_id: str | None = None, idempotency_key: str | None = None
    ) -> Request[Division]:
        """Add a division below another, without one below the top-level one. Raises Invalid, NotAllowed."""
        body = {"name": name, "parent_id": parent_id, "customer_id": customer_id}
        return requests.sent(requests.at("divisions"), Division, body, idempotency_key=idempotency_key)

    @Call
    def rename(
        self, division_id: str, *, name: str, customer: str | None = None, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Request[Division]:
        """Give an open division another name; issued documents keep the old one. Raises Invalid, Conflict, Stale."""
        asked = requests.sent(
            requests.at("divisions", division_id, "change"), Division, {"name": name}, if_match=if_match, idempotency_key=idempotency_key
        )
        return asked if customer is None else replace(asked, query={"customer": customer})

    @Call
    def close(
        self, division_id: str, *, customer: str | None = None, if_match: str | None = None, idempotency_key: str | None = None
    ) -> Request[Division]:
        """Close a division for good: its money moves to the nearest open one above it. Raises Conflict, Stale."""
        asked = requests.sent(requests.at("divisions", division_id, "closure"), Division, if_match=if_match, idempotency_key=idempotency_key)
        return asked if customer is None else replace(asked, query={"customer": customer})
