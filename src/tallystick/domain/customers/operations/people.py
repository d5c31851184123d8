"""Know people, who may work for several customers, and keep what they choose for themselves."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tallystick.domain.customers import models
from tallystick.domain.customers.rules import Viewer
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts


def add_person(*, viewer: Viewer, email: str, name: str) -> int:
    """Find the person of this address or add one; people are known by their e-mail, whatever its letter case. Raises Invalid."""
    cleaned = email.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError as problem:
        raise errors.Invalid(texts.marked("Enter a complete e-mail address."), field="email") from problem
    with scope.of(viewer):
        person, _ = models.Person.objects.get_or_create(email=cleaned, defaults={"name": name.strip() or cleaned, "password": "!"})
    return person.pk


def choose_shortcuts(*, viewer: Viewer, shortcuts: bool) -> None:
    """Let single keys act on this person's pages, or not (WCAG 2.1.4); everybody chooses for themselves, in every seat."""
    with scope.of(viewer):
        models.Person.objects.filter(pk=viewer.person_id or 0).update(shortcuts=shortcuts)


def choose_language(*, viewer: Viewer, language: str) -> None:
    """Speak this language with the person on every page, in every seat, on every machine; an empty one is what their browser asks for."""
    with scope.of(viewer):
        models.Person.objects.filter(pk=viewer.person_id or 0).update(locale=language)
