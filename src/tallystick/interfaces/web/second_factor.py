"""Ask the operator's staff for an authenticator app or a passkey, and trust the session in which one was just added."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.dispatch import receiver
from django.http import HttpRequest

from tallystick.domain.customers import rules


def is_missing(user: AbstractBaseUser, viewer: rules.Viewer) -> bool:
    """Tell whether this person must add an app or a passkey first: the operator's staff, outside the demo."""
    if settings.DEMO or viewer.kind is not rules.ViewerKind.STAFF:
        return False
    return not is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


@receiver(authenticator_added)
def remember(*, request: HttpRequest, user: AbstractBaseUser, authenticator: Authenticator, **_sent: Any) -> None:
    """Count the adding as a proof of identity: who added the first passkey would else be asked for codes that were never shown."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, method="mfa", type=authenticator.type, id=authenticator.pk, reauthenticated=True)
