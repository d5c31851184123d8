"""Tell allauth the house's rules: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Invitations only (`ACCOUNT_ADAPTER = "tallystick.interfaces.web.adapter.Adapter"`)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Refuse every sign-up: people come by invitation."""
        return False
