"""Set Django up: one database in five roles, a strict content policy, sign-in by allauth."""

import sys
from pathlib import Path

from django.utils.csp import CSP

from tallystick.config import env

BASE = Path(__file__).resolve().parent.parent
SECRET_KEY = env.secret("TALLYSTICK_SECRET_KEY", "only-for-checks" if env.flag("TALLYSTICK_CHECKS") else None)
DEBUG = False
DEMO = env.flag("TALLYSTICK_DEMO")
SECURE = env.flag("TALLYSTICK_HTTPS")
ALLOWED_HOSTS = env.text("TALLYSTICK_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
URL = env.text("TALLYSTICK_URL", "http://127.0.0.1:8010")
CSRF_TRUSTED_ORIGINS = [URL]
GATEWAY_URL = env.text("TALLYSTICK_GATEWAY_URL", "")
FILES = env.text("TALLYSTICK_FILES", "") or "rows"  # where documents are kept: integrations/storage/chosen.py knows the forms
GATEWAY_SECRET = env.secret("TALLYSTICK_GATEWAY_SECRET", "")
if len(SECRET_KEY) < env.LEAST_SECRET and not DEMO and not env.flag("TALLYSTICK_CHECKS"):
    raise env.Unset(f"TALLYSTICK_SECRET_KEY must have at least {env.LEAST_SECRET} characters, and not be guessable.")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "tallystick.domain.events",
    "tallystick.domain.customers",
    "tallystick.domain.answers",
    "tallystick.domain.ledger",
    "tallystick.domain.exports",
    "tallystick.domain.signing",
    "tallystick.domain.funds",
    "tallystick.domain.invoicing",
    "tallystick.domain.statements",
    "tallystick.domain.purchasing",
    "tallystick.domain.payments",
    "tallystick.domain.webhooks",
    "tallystick.domain.mail",
    "tallystick.domain.reminders",
    "tallystick.interfaces.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tallystick.interfaces.web.compressing.pages",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tallystick.interfaces.web.languages.by_browser",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "tallystick.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "interfaces" / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "tallystick.interfaces.web.templating.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def _database(role: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env.text("TALLYSTICK_DATABASE_HOST", "127.0.0.1"),
        "PORT": env.text("TALLYSTICK_DATABASE_PORT", "5432"),
        "NAME": env.text("TALLYSTICK_DATABASE_NAME", "tallystick"),
        "USER": f"tallystick_{role}",
        "PASSWORD": env.secret(f"TALLYSTICK_{role.upper()}_PASSWORD", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 1, "connect_timeout": 10},
    }


DATABASES = {
    "default": _database("web"),
    "operator": _database("operator"),
    "worker": _database("worker"),
    "auditor": _database("auditor"),
    "owner": _database("owner"),
}
DATABASE_ROUTERS = ["tallystick.integrations.postgres.router.ScopeRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "customers.Person"
AUTHENTICATION_BACKENDS = ["tallystick.interfaces.web.sitting.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # whoever types an address into "forgot your password" makes us mail nobody but our own people
# each web process counts by itself
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "reset_password": "5/m/ip,3/m/key",
    "sign_in_link": "60/m/ip",
    "verify_document": "20/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TALLYSTICK_PROXIES", 0)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_ADAPTER = "tallystick.interfaces.web.authenticator.Adapter"
MFA_TOTP_ISSUER = "Tallystick"
MFA_TOTP_TOLERANCE = 1  # one step of 30 seconds either way, for clocks that are off (RFC 6238 section 5.2)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
# TLS ends at the proxy in front, which says so; without this no HSTS header would ever be sent
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    # a card is paid by redirect: the form's answer leads to the gateway's page
    "form-action": [CSP.SELF, *([GATEWAY_URL] if GATEWAY_URL else [])],
    "frame-src": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
}
# a file is cut off just past the largest that is taken, however much is sent
FILE_UPLOAD_HANDLERS = ["tallystick.interfaces.web.uploads.Capped", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 12_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000

LANGUAGE_CODE = "en"
# each in its own words: who reads none of the others finds theirs
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
    ("pt-br", "Português (Brasil)"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
    ("nl", "Nederlands"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE / "interfaces" / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("TALLYSTICK_STATIC", str(BASE / "build" / "static")))
# what `web` collected goes compressed, under names that carry its hash and may be kept for ever; else (tests) it is served as it lies in the packages
_IS_COLLECTED = "collectstatic" in sys.argv or (STATIC_ROOT / "staticfiles.json").exists()
_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage" if _IS_COLLECTED else "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}, "staticfiles": {"BACKEND": _STATIC}}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = not _IS_COLLECTED
WHITENOISE_AUTOREFRESH = False

UBL_RULES = env.text("TALLYSTICK_UBL_RULES", "")  # the rules of Peppol as a compiled schematron (docs/operating/e-invoicing.md); empty: none
if UBL_RULES and not Path(UBL_RULES).is_file():
    raise env.Unset("TALLYSTICK_UBL_RULES must name a file.")
MAILBOX = env.text("TALLYSTICK_MAILBOX", "")  # the demo's: the folder in which its own mail server keeps what it gets
MAIL_HOST = env.text("TALLYSTICK_MAIL_HOST", "")
MAIL_PORT = env.number("TALLYSTICK_MAIL_PORT", 25)
MAIL_SECURITY = env.text("TALLYSTICK_MAIL_SECURITY", "none")  # none, starttls or tls
MAIL_USER = env.text("TALLYSTICK_MAIL_USER", "")
MAIL_PASSWORD = env.secret("TALLYSTICK_MAIL_PASSWORD", "")
MAIL_FROM = env.text("TALLYSTICK_MAIL_FROM", "")  # the address that mails come from; empty: that of the legal entity
MAIL_BOUNCES = env.text("TALLYSTICK_MAIL_BOUNCES", "")  # the address that what can not be delivered comes back to (docs/operating/mail.md)
if MAIL_SECURITY not in {"none", "starttls", "tls"}:
    raise env.Unset("TALLYSTICK_MAIL_SECURITY must be none, starttls or tls.")
# without a mail server no mail is tried: who forgot a password is helped by a link from the command line or an administrator
MAILERS = {
    "default": {
        "BACKEND": f"django.core.mail.backends.{'smtp' if MAIL_HOST else 'dummy'}.EmailBackend",
        "OPTIONS": {
            "host": MAIL_HOST,
            "port": MAIL_PORT,
            "timeout": 10,
            "username": MAIL_USER,
            "password": MAIL_PASSWORD,
            "use_tls": MAIL_SECURITY == "starttls",
            "use_ssl": MAIL_SECURITY == "tls",
        }
        if MAIL_HOST
        else {},
    }
}
if MAIL_FROM:
    DEFAULT_FROM_EMAIL = MAIL_FROM
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"discreet": {"()": "tallystick.config.discreet.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
