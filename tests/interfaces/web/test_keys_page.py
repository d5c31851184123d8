"""The page of API keys: made of scopes, shown once, rotated with an overlap, revoked; only with a fresh proof of who asks."""

import re
import uuid
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from interfaces.programs import account
from interfaces.web import asking
from tallystick.domain.customers import models
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole
from tallystick.integrations.postgres import scope

PASSWORD = "violet harbour lantern"
KEYS = "/account/api-keys/"


@dataclass
class Desk:
    """Somebody who has just proved who they are, at the page of keys."""

    shop: account.Program
    client: Client

    def make(self, *scopes: str, **more: object) -> object:
        """Send the form."""
        return self.client.post(KEYS, {"name": "Reactor shop", "scopes": list(scopes), "form_key": str(uuid.uuid4()), **more})

    def keys(self) -> list[models.ApiKey]:
        """Read the customer's keys, oldest first."""
        return list(models.ApiKey.objects.filter(customer_id=self.shop.customer_id, name="Reactor shop").order_by("id"))


def desk(role: CustomerRole = CustomerRole.ADMINISTRATOR) -> Desk:
    """Sign a new user of a new customer in, by password."""
    cache.clear()
    shop = account.opened()
    email = f"{uuid.uuid4().hex}@northwind.example"
    person_id = customers.add_person(viewer=account.ADA, email=email, name="Dana")
    customers.set_membership(viewer=account.ADA, customer_id=shop.customer_id, person_id=person_id, role=role)
    with scope.of(account.ADA):
        models.Person.objects.filter(id=person_id).update(password=make_password(PASSWORD))
    client = Client(headers={"host": "localhost"})
    client.post(reverse("sign-in"), {"login": email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": KEYS})
    return Desk(shop, client)


def secret(answer: object) -> str:
    """Read the key off the page."""
    found = re.search(r'<code id="secret">(tsk_[^<]+)</code>', answer.content.decode())  # type: ignore[attr-defined]
    return "" if found is None else found[1]


def test_a_key_is_made_shown_once_and_works() -> None:
    """It may what was ticked, in the division that was ticked, from the addresses that were typed, for ninety days."""
    at = desk()
    typed = {"divisions": [str(at.shop.top_id)], "networks": "127.0.0.1\r\n2001:db8::/32", "lifetime": "90"}
    answer = at.make("balance:read", "charges:write", **typed)
    assert answer.status_code == 201  # type: ignore[attr-defined]
    shown = secret(answer)
    (key,) = at.keys()
    assert (key.scopes, key.division_ids, key.networks) == (["balance:read", "charges:write"], [at.shop.top_id], ["127.0.0.1/32", "2001:db8::/32"])
    assert (key.expires_at - key.created_at).days in {89, 90}  # type: ignore[operator]
    assert at.shop.balance(key=shown).status_code == 200
    page = at.client.get(KEYS).content.decode()
    assert shown not in page
    assert shown[:13] in page
    assert "balance:read, charges:write" in page


def test_the_answer_has_a_form_for_another_key() -> None:
    """Empty, and with a token of its own: the next key is made from there."""
    at, form_key = desk(), str(uuid.uuid4())
    page = at.make("balance:read", form_key=form_key).content.decode()  # type: ignore[attr-defined]
    assert form_key not in page
    assert 'value="Reactor shop"' not in page


def test_the_same_form_makes_one_key() -> None:
    """Reloading the page that showed a key makes no other one."""
    at = desk()
    form_key = str(uuid.uuid4())
    assert [at.make("balance:read", form_key=form_key).status_code for _ in range(2)] == [201, 422]  # type: ignore[attr-defined]
    assert len(at.keys()) == 1


@pytest.mark.parametrize(
    ("scopes", "more"),
    [
        ((), {}),
        (("balance:all",), {}),
        (("imports:write",), {}),
        (("balance:read",), {"networks": "192.0.2.999"}),
        (("balance:read",), {"lifetime": "7"}),
    ],
)
def test_what_is_refused_stays_in_the_form(scopes: tuple[str, ...], more: dict[str, str]) -> None:
    """The answer is 422 with the name as it was typed, and no key."""
    at = desk()
    answer = at.make(*scopes, **more)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert 'value="Reactor shop"' in answer.content.decode()  # type: ignore[attr-defined]
    assert at.keys() == []


def test_what_a_role_may_not_do_is_not_offered() -> None:
    """A finance manager gives no program the settings, and is refused where the form is forged."""
    at = desk(CustomerRole.FINANCE_MANAGER)
    page = at.client.get(KEYS).content.decode()
    assert 'value="invoices:write"' in page
    assert 'value="divisions:write"' not in page
    assert 'value="users:read"' not in page
    assert at.make("divisions:write").status_code == 422  # type: ignore[attr-defined]


def test_a_key_is_rotated_with_an_overlap_and_revoked() -> None:
    """The new one is shown this once; the old one goes on for a day, or ends at once."""
    at = desk()
    old = secret(at.make("balance:read"))
    sent = {"overlap": "24", "form_key": str(uuid.uuid4())}
    answer = at.client.post(reverse("key-rotate", args=[at.keys()[0].id]), sent)
    new = secret(answer)
    assert answer.status_code == 201
    assert at.client.post(reverse("key-rotate", args=[at.keys()[0].id]), sent).status_code == 302
    assert len(at.keys()) == 2
    assert [at.shop.balance(key=one).status_code for one in (old, new)] == [200, 200]
    at.client.post(reverse("key-rotate", args=[at.keys()[1].id]), {"overlap": "0", "form_key": str(uuid.uuid4())})
    assert at.shop.balance(key=new).status_code == 403
    last = at.keys()[2]
    assert at.client.post(reverse("key-revoke", args=[last.id])).status_code == 302
    assert at.keys()[2].revoked_at is not None
    assert at.client.post(reverse("key-rotate", args=[last.id]), {"overlap": "5", "form_key": str(uuid.uuid4())}).status_code == 302
    assert len(at.keys()) == 3


def test_others_keys_are_not_there() -> None:
    """Another customer's key is neither rotated nor revoked, and the answer is that of a key that is not."""
    at, other = desk(), desk()
    other.make("balance:read")
    theirs = other.keys()[0].id
    for name, sent in (("key-rotate", {"overlap": "0", "form_key": str(uuid.uuid4())}), ("key-revoke", {})):
        assert at.client.post(reverse(name, args=[theirs]), sent).status_code == 404
        assert at.client.post(reverse(name, args=[uuid.uuid4()]), sent).status_code == 404
    assert other.keys()[0].revoked_at is None


def test_the_page_asks_few_questions() -> None:
    """However many keys there are."""
    at = desk()
    for _ in range(3):
        at.make("balance:read")
    with asking.statements() as asked:
        assert at.client.get(KEYS).status_code == 200
    counted = [one for one in asked if one.lower().startswith("select") and "set_config" not in one]
    assert len(counted) <= 10, "\n".join(counted)
