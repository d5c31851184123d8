"""Sign in by link, password, app and passkey; be throttled; prove oneself again before what is dangerous."""

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from interfaces.operator import operating
from interfaces.programs import account
from tallystick.domain.customers import models
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import CustomerRole, StaffRole
from tallystick.integrations.postgres import scope

PASSWORD = "violet harbour lantern"
KEYS = "/account/api-keys/"


@dataclass
class Person:
    """Somebody at a browser of their own."""

    id: int
    email: str
    client: Client

    def link(self, *, hours_ago: float = 0) -> str:
        made = customers.issue_sign_in_link(viewer=operating.INSTALLER, person_id=self.id, now=timezone.now() - timedelta(hours=hours_ago))
        return reverse("sign-in-link", args=[made])

    def row(self, **changes: object) -> models.Person:
        """Write to the person's row what no page writes in a test: a password, an end."""
        with scope.of(operating.INSTALLER):
            models.Person.objects.filter(id=self.id).update(**changes)
            return models.Person.objects.get(id=self.id)

    def with_password(self) -> "Person":
        self.row(password=make_password(PASSWORD))
        return self

    def sign_in(self, password: str = PASSWORD) -> object:
        return self.client.post(reverse("sign-in"), {"login": self.email, "password": password})

    def app(self) -> str:
        """Add an authenticator app; gives its secret."""
        secret: str = generate_totp_secret()
        TOTP.activate(self.row(), secret)
        return secret

    @property
    def is_in(self) -> bool:
        return "_auth_user_id" in self.client.session


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    """Let no test be throttled for another's attempts."""
    cache.clear()
    yield
    cache.clear()


def _person(staff: StaffRole | None = None, role: CustomerRole = CustomerRole.FINANCE_MANAGER) -> Person:
    email = f"{uuid.uuid4().hex[:12]}@northwind.example"
    person_id = customers.add_person(viewer=operating.INSTALLER, email=email, name="Dana")
    if staff is not None:
        customers.set_staff(viewer=operating.INSTALLER, person_id=person_id, role=staff)
    else:
        shop = account.opened()
        customers.set_membership(viewer=operating.INSTALLER, customer_id=shop.customer_id, person_id=person_id, role=role)
    return Person(person_id, email, Client(headers={"host": "localhost"}))


@pytest.fixture
def dana() -> Person:
    """Be a finance manager without a password."""
    return _person()


def _code(secret: str) -> str:
    return f"{hotp_value(secret, int(time.time()) // 30):06d}"


def _text(answer: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))  # type: ignore[attr-defined]


def test_a_link_signs_in_once_and_within_its_time(dana: Person) -> None:
    """Two days are enough, a minute more is too late; a link that was used is not one any more."""
    late, good = dana.link(hours_ago=48.02), dana.link(hours_ago=47.9)
    assert dana.client.get(late).status_code == 403
    assert not dana.is_in
    assert dana.client.head(good).status_code == 405
    assert dana.client.get(good).headers["Location"] == "/"
    assert dana.is_in
    stranger = Client(headers={"host": "localhost"})
    assert "used already or has expired" in _text(stranger.get(good))


def test_a_disabled_person_gets_in_by_no_way(dana: Person) -> None:
    """Neither link nor password nor a session that is open."""
    link, open_session = dana.link(), Client(headers={"host": "localhost"})
    open_session.get(dana.with_password().link())
    dana.row(is_active=False)
    answer = dana.client.get(link)
    assert answer.status_code == 403
    assert "access has ended" in _text(answer)
    dana.sign_in()
    assert not dana.is_in
    assert open_session.get(KEYS).headers["Location"].startswith("/sign-in/")


def test_a_link_takes_over_nothing_of_who_sat_there_before(dana: Person) -> None:
    """Another person's link in the same browser starts a new session."""
    other = _person()
    other.client.get(other.link())
    other.client.session["customer_id"] = 7
    before = other.client.session.session_key
    other.client.get(dana.link())
    assert other.client.session["_auth_user_id"] == str(dana.id)
    assert other.client.session.session_key != before
    third = _person()
    third.app()
    assert other.client.get(third.link()).headers["Location"] == reverse("mfa_authenticate")
    assert not other.is_in
    assert other.client.get(reverse("mfa_authenticate")).status_code == 200


def test_passwords_are_kept_by_argon2(dana: Person) -> None:
    """What a person sets is hashed slowly, and a short or common one is refused."""
    dana.client.get(dana.link())
    for weak in ("short", "password1234"):
        assert dana.client.post(reverse("account_set_password"), {"password1": weak, "password2": weak}).status_code == 200
    assert dana.client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert dana.row().password.startswith("argon2$argon2id$")


def test_passwords_are_guessed_five_times(dana: Person) -> None:
    """The sixth attempt is refused though it is right; nobody else is kept out."""
    dana.with_password()
    for _ in range(5):
        dana.sign_in("wrong")
    answer = dana.sign_in()
    assert "Too many failed login attempts" in _text(answer)
    assert not dana.is_in
    other = _person().with_password()
    other.sign_in()
    assert other.is_in


def test_links_are_not_guessed_at_speed() -> None:
    """The 61st link of a minute from one address is not even looked at."""
    client = Client(headers={"host": "localhost"})
    answers = [client.get(reverse("sign-in-link", args=[f"guess-{n}"])).status_code for n in range(61)]
    assert answers == [403] * 60 + [429]


def test_who_has_an_app_is_asked_for_its_code(dana: Person) -> None:
    """By password and by link alike; a wrong code and a used one sign nobody in; a recovery code does, once."""
    secret = dana.with_password().app()
    recovery = RecoveryCodes.activate(dana.row()).get_unused_codes()[0]
    for enter in (dana.sign_in, lambda: dana.client.get(dana.link())):
        assert enter().headers["Location"] == reverse("mfa_authenticate")
        assert not dana.is_in
    assert dana.client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not dana.is_in
    code = _code(secret)
    assert dana.client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert dana.is_in
    for code_, enters in ((code, False), (recovery, True), (recovery, False)):
        again = Person(dana.id, dana.email, Client(headers={"host": "localhost"}))
        again.sign_in()
        again.client.post(reverse("mfa_authenticate"), {"code": code_})
        assert again.is_in == enters


@pytest.mark.parametrize("role", list(StaffRole))
def test_outside_of_the_demo_staff_need_a_second_factor(role: StaffRole) -> None:
    """Every page of the operator leads to where one is added, read or sent; with one they open."""
    one = _person(role)
    one.client.get(one.link())
    assert one.client.get(reverse("queue")).status_code == 200
    with override_settings(DEMO=False):
        for answer in (
            one.client.get(reverse("queue")),
            one.client.get(reverse("operator-customers")),
            one.client.post(reverse("operator-four-eyes")),
        ):
            assert (answer.status_code, answer.headers["Location"]) == (302, reverse("mfa_index"))
        assert "Add one to go on" in _text(one.client.get(reverse("mfa_index")))
        one.app()
        assert one.client.get(reverse("queue")).status_code == 200


def test_outside_of_the_demo_customers_choose(dana: Person) -> None:
    """A customer's people may add a second factor, and need none."""
    dana.client.get(dana.link())
    with override_settings(DEMO=False):
        assert dana.client.get(KEYS).status_code == 200


def test_a_key_is_made_after_the_password_and_what_was_typed_is_kept(dana: Person) -> None:
    """The password is asked for, a wrong one does nothing, the right one goes on with the form as it was sent."""
    dana.with_password().sign_in()
    answer = dana.client.get(KEYS)
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    typed = {"name": "Shop of the reactor", "scopes": ["charges:write"], "form_key": str(uuid.uuid4())}
    asked = dana.client.post(KEYS, typed)
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    proof = {"password": "wrong", "next": KEYS}
    assert dana.client.post(reverse("account_reauthenticate"), proof).status_code == 200
    made = dana.client.post(reverse("account_reauthenticate"), {**proof, "password": PASSWORD})
    assert made.status_code == 201
    assert "Shop of the reactor" in _text(made)
    assert "tsk_" in _text(made)
    assert "Shop of the reactor" in _text(dana.client.get(KEYS))


def test_a_proof_lasts_a_quarter_of_an_hour(dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 15 minutes the password is asked for again."""
    dana.with_password().sign_in()
    dana.client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": KEYS})
    assert dana.client.get(KEYS).status_code == 200
    now = time.time()
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: now + 901)
    assert dana.client.get(KEYS).status_code == 302


GUARDED = {
    "keys",
    "operator-account-create",
    "operator-refund-request",
    "operator-refund-approve",
}


@pytest.mark.parametrize("route", sorted(GUARDED))
def test_what_asks_for_a_fresh_proof(route: str) -> None:
    """Refunds, bank details and keys: the page and what is sent to it."""
    one = _person(None, CustomerRole.ADMINISTRATOR) if route == "keys" else _person(_STAFF_OF[route])
    one.with_password().sign_in()
    wanted = {"operator-account-create": [1], "operator-refund-request": [1, 1], "operator-refund-approve": [1, uuid.uuid4()]}.get(route, [])
    for answer in (one.client.get(reverse(route, args=wanted)), one.client.post(reverse(route, args=wanted))):
        assert answer.status_code == 405 or answer.headers["Location"].startswith(reverse("account_reauthenticate"))


_STAFF_OF = {
    "operator-account-create": StaffRole.ADMINISTRATOR,
    "operator-refund-request": StaffRole.CLERK,
    "operator-refund-approve": StaffRole.APPROVER,
}


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"])
def test_nobody_is_led_elsewhere(dana: Person, elsewhere: str) -> None:
    """The address to go on to is one of ours, at sign-in, proof, theme and sign-out."""
    dana.with_password()
    entered = dana.client.post(f"{reverse('sign-in')}?next={elsewhere}", {"login": dana.email, "password": PASSWORD, "next": elsewhere})
    proved = dana.client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": elsewhere})
    themed = dana.client.post(reverse("theme"), {"theme": "dark", "next": elsewhere})
    left = dana.client.post(reverse("account_logout"), {"next": elsewhere})
    for answer in (entered, proved, themed, left):
        assert answer.status_code == 302
        assert "evil" not in answer.headers["Location"]
        assert answer.headers["Location"].startswith("/")


def test_nobody_changes_the_address_that_signs_in(dana: Person) -> None:
    """An administrator invited this address; the library's page for others is closed, and so is signing up."""
    dana.client.get(dana.link())
    for method in (dana.client.get, dana.client.post):
        assert method("/person/email/").headers["Location"] == reverse("mfa_index")
    assert dana.client.post("/person/signup/", {"email": "new@x.example", "password1": PASSWORD}).status_code == 405
