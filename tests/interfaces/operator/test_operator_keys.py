"""The page of the operator's keys: made with a colleague's role, shown once, rotated with an overlap, revoked; for administrators alone."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

import given
from interfaces.operator import operating
from interfaces.operator.operating import INSTALLER, Town
from interfaces.programs import account
from interfaces.programs.operator import Program
from interfaces.web import asking
from tallystick.domain.customers import models, queries
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import KeyKind, StaffRole
from tallystick.integrations.postgres import scope

KEYS = "/operator/settings/api-keys/"
MOST_QUESTIONS = 10


def person(town: Town, role: StaffRole) -> int:
    """Find the person of a role in the town."""
    assert town
    with scope.of(INSTALLER):
        return next(one.person_id for one in queries.staff() if one.person.email == f"{role}@lanternfield.example")


def make(town: Town, name: str, *scopes: str, by: Client | None = None, role: StaffRole = StaffRole.CLERK, **more: object) -> object:
    """Send the form."""
    sent = {"name": name, "person": person(town, role), "scopes": list(scopes), "form_key": str(uuid.uuid4()), **more}
    return (by or town.administrator).post(KEYS, sent)


def kept(name: str) -> list[models.ApiKey]:
    """Read the keys of this name, oldest first."""
    with scope.of(INSTALLER):
        return list(models.ApiKey.objects.filter(name=name, kind=KeyKind.OPERATOR).order_by("id"))


def secret(answer: object) -> str:
    """Read the key off the page."""
    found = re.search(r'<code id="secret">(tso_[^<]+)</code>', answer.content.decode())  # type: ignore[attr-defined]
    return "" if found is None else found[1]


def changes(key: models.ApiKey) -> list[tuple[str, str]]:
    """Read what was done to a key, and by whom."""
    with scope.of(INSTALLER):
        return list(models.KeyChange.objects.filter(key_id=key.id).order_by("id").values_list("kind", "viewer_name"))


@pytest.fixture
def name() -> str:
    """Give a name that no other test has."""
    return f"Bank feed {uuid.uuid4().hex[:8]}"


def test_a_key_is_made_shown_once_and_works(town: Town, name: str) -> None:
    """It has the colleague's role, what was ticked, the addresses and the days that were typed; the list says who made it."""
    answer = make(town, name, "purchase_orders:read", networks="127.0.0.1\r\n2001:db8::/32", lifetime="90")
    assert answer.status_code == 201, answer.content.decode()[:3000]  # type: ignore[attr-defined]
    shown, (key,) = secret(answer), kept(name)
    assert (key.person_id, key.role, key.scopes) == (person(town, StaffRole.CLERK), "clerk", ["purchase_orders:read"])
    assert (key.customer_id, key.networks) == (None, ["127.0.0.1/32", "2001:db8::/32"])
    assert timedelta(days=89) < (key.expires_at or key.created_at) - datetime.now(UTC) <= timedelta(days=90)
    assert Program(shown).get("purchase-orders").status_code == 200
    assert Program(shown).get("invoices").status_code == 403
    page = town.administrator.get(KEYS).content.decode()
    assert shown not in page
    for word in (shown[:13], "purchase_orders:read", "127.0.0.1/32", "Clerk", "made by Administrator"):
        assert word in page, word
    assert changes(key) == [("key.issued", "Administrator")]


def test_the_answer_has_a_form_for_another_key(town: Town, name: str) -> None:
    """Empty, and with a token of its own: the next key is made from there."""
    form_key = str(uuid.uuid4())
    page = make(town, name, "invoices:read", form_key=form_key).content.decode()  # type: ignore[attr-defined]
    assert form_key not in page
    assert f'value="{name}"' not in page


def test_the_same_form_makes_one_key(town: Town, name: str) -> None:
    """Reloading the page that showed a key makes no other one."""
    form_key = str(uuid.uuid4())
    assert [make(town, name, "invoices:read", form_key=form_key).status_code for _ in range(2)] == [201, 422]  # type: ignore[attr-defined]
    assert len(kept(name)) == 1


@pytest.mark.parametrize(
    ("scopes", "more"),
    [
        ((), {}),
        (("balance:all",), {}),
        (("balance:read",), {"networks": "192.0.2.999"}),
        (("balance:read",), {"lifetime": "7"}),
        (("balance:read",), {"person": "0"}),
        (("balance:read",), {"person": "x"}),
    ],
)
def test_what_is_refused_stays_in_the_form(town: Town, name: str, scopes: tuple[str, ...], more: dict[str, str]) -> None:
    """The answer is 422 with the name as it was typed, and no key."""
    answer = make(town, name, *scopes, **more)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert f'value="{name}"' in answer.content.decode()  # type: ignore[attr-defined]
    assert kept(name) == []


def test_what_takes_a_customers_key_is_not_offered(town: Town) -> None:
    """Nobody of the operator's charges a customer; imports are the operator's."""
    page = town.administrator.get(KEYS).content.decode()
    assert 'value="charges:write"' not in page
    assert 'value="holds:read"' not in page
    assert 'value="imports:write"' in page


def test_a_key_is_rotated_with_an_overlap_and_revoked(town: Town, name: str) -> None:
    """The new one is shown this once; the old one goes on for a day, or ends at once; each act is on record."""
    old = secret(make(town, name, "purchase_orders:read"))
    sent = {"overlap": "24", "form_key": str(uuid.uuid4())}
    answer = town.administrator.post(reverse("operator-key-rotate", args=[kept(name)[0].id]), sent)
    new = secret(answer)
    assert answer.status_code == 201
    assert town.administrator.post(reverse("operator-key-rotate", args=[kept(name)[0].id]), sent).status_code == 302
    assert len(kept(name)) == 2
    assert [Program(one).get("purchase-orders").status_code for one in (old, new)] == [200, 200]
    last = kept(name)[1]
    assert town.administrator.post(reverse("operator-key-revoke", args=[last.id])).status_code == 302
    assert kept(name)[1].revoked_at is not None
    assert town.administrator.post(reverse("operator-key-rotate", args=[last.id]), {"overlap": "5", "form_key": str(uuid.uuid4())}).status_code == 302
    assert len(kept(name)) == 2
    assert [kind for kind, _who in changes(kept(name)[0])] == ["key.issued", "key.rotated"]
    assert [kind for kind, _who in changes(last)] == ["key.issued", "key.revoked"]


def test_customers_keys_are_not_on_this_page(town: Town) -> None:
    """They are neither listed nor rotated nor revoked here: each answers as one that nobody has."""
    shop = account.opened()
    assert "Northwind" not in town.administrator.get(KEYS).content.decode()
    for route, sent in (("operator-key-rotate", {"overlap": "0", "form_key": str(uuid.uuid4())}), ("operator-key-revoke", {})):
        answers = [town.administrator.post(reverse(route, args=[one]), sent) for one in (shop.key_id, uuid.uuid4())]
        assert [one.status_code for one in answers] == [404, 404]
    assert shop.balance().status_code == 200


@pytest.mark.parametrize("role", ["clerk", "approver", "auditor"])
def test_administrators_alone(town: Town, name: str, role: str) -> None:
    """Other staff neither see, make, rotate nor revoke, and a customer's people are told that there is nothing for them."""
    make(town, name, "purchase_orders:read")
    (key,) = kept(name)
    outsider = asking.person(given.customer())
    for client in (getattr(town, role), outsider):
        assert client.get(KEYS).status_code == 403
        assert make(town, name, "purchase_orders:read", by=client).status_code == 403  # type: ignore[attr-defined]
        for route in ("operator-key-rotate", "operator-key-revoke"):
            assert client.post(reverse(route, args=[key.id]), {"overlap": "0", "form_key": str(uuid.uuid4())}).status_code == 403
    assert [one.revoked_at for one in kept(name)] == [None]


def test_a_fresh_proof_of_who_asks_is_needed(town: Town, name: str) -> None:
    """Who has a password is asked for it before a key is listed, made or rotated; revoking waits for nothing."""
    make(town, name, "purchase_orders:read")
    (key,) = kept(name)
    with scope.of(INSTALLER):
        person_id = customers.add_person(viewer=INSTALLER, email=f"{uuid.uuid4().hex}@lanternfield.example", name="Ines")
        customers.set_staff(viewer=INSTALLER, person_id=person_id, role=StaffRole.ADMINISTRATOR)
    client = operating.signed_in(person_id)
    with scope.of(INSTALLER):
        models.Person.objects.filter(id=person_id).update(password=make_password("violet harbour lantern"))
    client = asking.signed_in(person_id)
    for answer in (
        client.get(KEYS),
        make(town, name, "purchase_orders:read", by=client),
        client.post(reverse("operator-key-rotate", args=[key.id]), {"overlap": "0", "form_key": str(uuid.uuid4())}),
    ):
        assert answer.status_code == 302  # type: ignore[attr-defined]
        assert "reauthenticate" in answer.headers["Location"]  # type: ignore[attr-defined]
    assert len(kept(name)) == 1
    assert client.post(reverse("operator-key-revoke", args=[key.id])).status_code == 302
    assert kept(name)[0].revoked_at is not None


def test_the_page_asks_few_questions(town: Town, name: str) -> None:
    """However many keys there are."""

    def asked() -> int:
        with asking.statements("operator") as found:
            assert town.administrator.get(KEYS).status_code == 200
        return len([one for one in found if one.lower().startswith("select") and "set_config" not in one])

    make(town, name, "invoices:read")
    before = asked()
    for _ in range(3):
        make(town, name, "invoices:read")
    assert asked() == before <= MOST_QUESTIONS
