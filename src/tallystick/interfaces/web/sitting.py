"""Load who is signed in together with their seats: one question where the session's person, seats and staff would be three."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from tallystick.domain.customers import queries
from tallystick.interfaces.web import languages

ATTRIBUTE = "signed_in"
"""Where a loaded person carries the seats that were found with it."""


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Sign in as allauth does, and load a session's person with all that pages ask about it."""

    def get_user(self, user_id: int) -> AbstractBaseUser | None:
        """Load the person of a session; None for one who may not sign in any more."""
        found = queries.signed_in(person_id=int(user_id))
        if found is None:
            return None
        languages.speak(found)  # here, because here the person is read: nothing more is asked, and every page that knows who reads it speaks so
        setattr(found.person, ATTRIBUTE, found)
        return found.person
