"""Add an authenticator app and a passkey in a real browser, sign in with each, and prove oneself again before a key is made.

Passkeys belong to a host name, so these stories speak to localhost rather than to 127.0.0.1.
"""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import hotp_value
from playwright.sync_api import Page

from stories import browsing, looking, visiting, world

PASSWORD = "violet harbour lantern"
SECURITY = "/person/2fa/"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)]


@pytest.fixture(scope="module")
def customer(visits: visiting.Visits) -> world.Company:
    """Open a customer."""
    return world.company(visits)


@pytest.fixture
def window(screens: browsing.Screens, visits: visiting.Visits, customer: world.Company) -> Page:
    """Open Dana's browser on localhost, signed in by a link, with a device that keeps passkeys."""
    email = customer.person("Dana")
    page = screens.stranger(visits.server.url.replace("127.0.0.1", "localhost"))
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(visits.link(email).replace("127.0.0.1", "localhost"))
    page.evaluate("email => sessionStorage.setItem('email', email)", email)
    return page


def _code(secret: str, steps_on: int = 0) -> str:
    return f"{hotp_value(secret, int(time.time()) // 30 + steps_on):06d}"


def _sign_out(page: Page) -> str:
    """Leave; gives the address that was signed in."""
    email = str(page.evaluate("() => sessionStorage.getItem('email')"))
    page.goto("/person/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign Out").click()
    page.wait_for_url("**/sign-in/")
    return email


def _set_password(page: Page) -> None:
    page.goto(SECURITY)
    page.get_by_role("link", name="Set a password").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Set Password").click()
    page.wait_for_url(f"**{SECURITY}**")


def _enter(page: Page, email: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _prove(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_an_app_is_added_and_asked_for(window: Page) -> None:
    """A wrong code is said beside its field; with the right one the app is on; from then on it is asked for, or a recovery code."""
    _set_password(window)
    window.get_by_role("link", name="Add an app").click()
    _prove(window)
    secret = window.get_by_label("Secret").input_value()
    window.get_by_label("Authenticator code").fill("000000")
    window.get_by_role("button", name="Add the app").click()
    assert window.get_by_role("alert").inner_text().count("Incorrect code")
    assert window.get_by_label("Secret").input_value() == secret
    looking.at(window, LOOKS)
    window.get_by_label("Authenticator code").fill(_code(secret, -1))
    window.get_by_role("button", name="Add the app").click()
    window.wait_for_url("**/recovery-codes/")
    recovery = window.get_by_label("Unused codes").input_value().split()
    assert len(recovery) == 10
    looking.at(window, LOOKS)
    window.goto(SECURITY)
    looking.at(window, LOOKS)
    email = _sign_out(window)
    _enter(window, email)
    window.wait_for_url("**/2fa/authenticate/")
    looking.at(window, LOOKS)
    window.get_by_label("Code").fill(_code(secret))
    window.get_by_role("button", name="Sign In").click()
    window.wait_for_url("**/finances/overview/**")
    _sign_out(window)
    _enter(window, email)
    window.get_by_label("Code").fill(recovery[0])
    window.get_by_role("button", name="Sign In").click()
    window.wait_for_url("**/finances/overview/**")
    for path in ("totp/deactivate/", "recovery-codes/generate/"):
        window.goto(SECURITY + path)
        if "reauthenticate" in window.url:
            _prove(window)
        looking.at(window, LOOKS)


def test_a_passkey_is_added_and_signs_in_alone(window: Page) -> None:
    """The device keeps the key; it signs in without a password, is listed, renamed and removed."""
    window.goto(SECURITY)
    window.get_by_role("link", name="Add a passkey").click()
    window.get_by_label("Name").fill("Laptop")
    looking.at(window, LOOKS)
    window.get_by_role("button", name="Add a passkey").click()
    window.wait_for_url("**/recovery-codes/")
    email = _sign_out(window)
    looking.at(window, LOOKS)
    window.get_by_role("button", name="Use a passkey").click()
    window.wait_for_url("**/finances/overview/**")
    assert "Dana" in window.locator(".person").first.inner_text()
    window.goto(f"{SECURITY}webauthn/")
    looking.at(window, LOOKS)
    assert window.get_by_role("rowheader", name="Laptop").is_visible()
    window.get_by_role("link", name="Rename").click()
    if "reauthenticate" in window.url:
        looking.at(window, LOOKS)
    assert email


def test_a_key_is_made_only_after_a_fresh_proof(window: Page, visits: visiting.Visits) -> None:
    """The password is asked for when the quarter of an hour is over, and what was typed meanwhile is sent on."""
    _set_password(window)
    window.goto("/account/api-keys/")
    window.wait_for_url("**/person/reauthenticate/**")
    looking.at(window, LOOKS)
    window.get_by_label("Password").fill("not this one")
    window.get_by_role("button", name="Confirm").click()
    looking.at(window, LOOKS[:1])
    _prove(window)
    window.wait_for_url("**/account/api-keys/")
    window.get_by_label("Which program will use it?").fill("Reactor shop")
    session = next(kept["value"] for kept in window.context.cookies() if kept["name"] == "sessionid")
    visits.forget_proofs(session)
    window.get_by_role("button", name="Make key").click()
    window.wait_for_url("**/person/reauthenticate/**")
    _prove(window)
    assert window.locator("#secret").inner_text().startswith("tsk_")
    assert re.search("Reactor shop", window.get_by_role("table", name="Keys").inner_text())


@pytest.mark.parametrize(
    "path", ["/sign-in/", "/person/password/reset/", "/person/password/reset/done/", "/person/inactive/", "/sign-in/link/none", "/person/signup/"]
)
def test_the_doors_look_right_to_strangers(screens: browsing.Screens, visits: visiting.Visits, path: str) -> None:
    """What stands before the sign-in is looked at too."""
    page = screens.stranger(visits.server.url)
    page.goto(path)
    looking.at(page, LOOKS)


@pytest.mark.parametrize("path", ["", "totp/activate/", "webauthn/", "webauthn/add/"])
def test_the_pages_of_security_look_right(window: Page, path: str) -> None:
    """In both themes, wide and narrow."""
    window.goto(SECURITY + path)
    looking.at(window, LOOKS)
