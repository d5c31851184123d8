"""See that every answer carries its guards, that the settings are safe as they are shipped, and that the log keeps secrets."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from interfaces.programs import account
from tallystick.config import discreet
from tallystick.lib import ids

_PAGES = ["/sign-in/", "/nowhere/", "/sign-in/link/none", "/person/password/reset/", "/finances/overview/", "/person/inactive/"]
_ASK = """
import json
from tallystick.config import settings as s
print(json.dumps({name: getattr(s, name) for name in (
    "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER", "DEMO",
    "ALLAUTH_TRUSTED_PROXY_COUNT", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN")}))
"""


@pytest.mark.parametrize("path", _PAGES)
def test_every_page_carries_its_guards(path: str) -> None:
    """Content policy without any 'unsafe', no sniffing, no foreign frame, no referrer to others."""
    answer = Client(headers={"host": "localhost"}).get(path)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_cookies_are_for_the_server_only() -> None:
    """No script and no other site reads or sends them."""
    answer = Client(headers={"host": "localhost"}).get("/sign-in/")
    cookie = answer.cookies[settings.CSRF_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_another_host_is_not_answered(host: str) -> None:
    """A forged Host makes no links."""
    assert Client(headers={"host": host}).get("/sign-in/").status_code == 400


def _shipped(**environment: str) -> dict[str, object]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_") or "PASSWORD" in name}
    done = subprocess.run([sys.executable, "-c", _ASK], env={**kept, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_behind_tls_cookies_and_hsts_follow() -> None:
    """One variable makes it so; nothing is a demo unless it is said."""
    found = _shipped(TALLYSTICK_SECRET_KEY="k" * 32, TALLYSTICK_HTTPS="1", TALLYSTICK_PROXIES="1")
    assert found == {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "DEMO": False,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
    }
    assert _shipped(TALLYSTICK_SECRET_KEY="k" * 32)["SECURE_PROXY_SSL_HEADER"] is None


def test_a_short_secret_does_not_start() -> None:
    """What signs sessions is long, or nothing starts."""
    with pytest.raises(AssertionError, match="at least 32 characters"):
        _shipped(TALLYSTICK_SECRET_KEY="k" * 31)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (("Method Not Allowed: %s", "/sign-in/link/Abc-123_x"), "Method Not Allowed: /sign-in/link/***"),
        (("Not Found: %s", "/operator/first-run/Abc123/"), "Not Found: /operator/first-run/***/"),
        (("Forbidden: %s", "/person/password/reset/key/4-set-abc/"), "Forbidden: /person/password/reset/key/***/"),
        (("key %s failed", "tsk_live_abcDEF"), "key tsk_live_*** failed"),
        (("headers %r", {"Authorization": "Bearer abc.def"}), "headers {'Authorization': 'Bearer ***'}"),
        (("%s of %s charges", 3, 5), "3 of 5 charges"),
    ],
)
def test_the_log_keeps_secrets(said: tuple[object, ...], written: str) -> None:
    """A token that may still open something is never written."""
    target = io.StringIO()
    handler = logging.StreamHandler(target)
    handler.addFilter(discreet.Discreet())
    handler.handle(logging.makeLogRecord({"msg": said[0], "args": said[1:] if not isinstance(said[-1], dict) else said[-1:]}))
    assert target.getvalue().strip() == written


def test_the_filter_stands_before_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """A link asked for by HEAD is unspent, and Django writes its refusal."""
    written = io.StringIO()
    handlers = [handler for handler in logging.getLogger().handlers if any(isinstance(one, discreet.Discreet) for one in handler.filters)]
    assert handlers
    for handler in handlers:
        monkeypatch.setattr(handler, "stream", written)
    Client(headers={"host": "localhost"}).head("/sign-in/link/still-good")
    assert "/sign-in/link/***" in written.getvalue()
    assert "still-good" not in written.getvalue()


def test_programs_doors_say_nothing_of_keys() -> None:
    """No answer repeats the key it was asked with."""
    key = "tsk_live_" + "x" * 43
    for answer in (
        account.ask("GET", "/services/v2/finance/balance", headers={"X-DC-DEVKEY": key}),
        account.ask("POST", "/api/v1/charges", headers={"Authorization": f"Bearer {key}"}, json={"division_id": ids.public("div", 1)}),
    ):
        assert key not in answer.text
        assert answer.headers["cache-control"] == "no-store"
