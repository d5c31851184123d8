"""Visit the served system as somebody: over plain HTTP with a cookie jar, as a browser without script would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings

from stories import reading, served
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers import queries
from tallystick.integrations.postgres import scope
from tallystick.interfaces.cli.place import Place
from tallystick.interfaces.cli.prepare import OPERATOR

Typed = dict[str, str | list[str] | None]
_WAIT_SECONDS = 30.0


@dataclass(slots=True)
class Visitor:
    """Be one signed-in person; pages are asked for by path."""

    client: httpx.Client

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page, redirects followed."""
        return self.client.get(path, follow_redirects=True, **more)

    def post(self, path: str, sent: Mapping[str, Any], **more: Any) -> httpx.Response:
        """Send fields with the token against forged requests, redirects followed."""
        answer = self.client.post(
            path, data={**sent, "csrfmiddlewaretoken": self.token()}, headers={"Referer": str(self.client.base_url)}, follow_redirects=True, **more
        )
        assert "/sign-in/" not in str(answer.url), f"{path} led to the sign-in page"
        return answer

    def send(self, page: httpx.Response, form: reading.Form, typed: Typed | None = None, *, files: Any = None, action: str = "") -> httpx.Response:
        """Send a form of this page with something typed in."""
        target = page.url.join(action or form.action or str(page.url))
        return self.post(str(target), form.filled(typed), files=files)

    def token(self) -> str:
        """Give the token that this browser was given; a page with a form is opened for it first."""
        if "csrftoken" not in self.client.cookies:
            self.get("/")
        return self.client.cookies.get("csrftoken") or "none"


@dataclass(slots=True)
class Visits:
    """Sign people in by fresh one-time links, once for each person."""

    server: served.Served
    known: dict[str, Visitor] = field(default_factory=dict)
    _entities: list[int] = field(default_factory=list)

    def link(self, email: str) -> str:
        """Make a one-time link."""
        person_id = customers.add_person(viewer=OPERATOR, email=email, name=email)
        return f"{self.server.url}/sign-in/link/{customers.issue_sign_in_link(viewer=OPERATOR, person_id=person_id, now=datetime.now(UTC))}"

    def as_(self, email: str) -> Visitor:
        """Be this person."""
        if email not in self.known:
            client = httpx.Client(base_url=self.server.url, timeout=_WAIT_SECONDS)
            answer = client.get(self.link(email), follow_redirects=True)
            assert answer.status_code < 500, answer.text[:500]
            self.known[email] = Visitor(client)
        return self.known[email]

    def stranger(self) -> httpx.Client:
        """Be nobody."""
        return httpx.Client(base_url=self.server.url, timeout=_WAIT_SECONDS)

    def forget_proofs(self, session_key: str) -> None:
        """Let a quarter of an hour pass for a session: who sits there has to prove again who they are."""
        with override_settings(SECRET_KEY=Place(self.server.folder).secrets()["secret_key"]):
            session = SessionStore(session_key)
            session["account_authentication_methods"] = []
            session.save()

    def balance(self, key: str, division_id: int) -> dict[str, str]:
        """Read View balance with a key."""
        answer = httpx.get(f"{self.server.url}/services/v2/finance/balance", params={"container_id": division_id}, headers={"X-DC-DEVKEY": key})
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    def legal_entity_id(self) -> int:
        """Give the seller, Lanternfield."""
        if not self._entities:
            with scope.of(OPERATOR):
                self._entities.append(queries.legal_entities()[0].id)
        return self._entities[0]
