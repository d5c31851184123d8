"""Say what the floors below say in English in the reader's language: `{% load saying %}{{ refusal.sentence|said }}`."""

from collections.abc import Iterable

from django import template

from tallystick.interfaces.web import words

register = template.Library()


@register.filter
def said(sentence: str) -> str:
    """Say a marked sentence in the active language; what people typed stands as it is."""
    return words.said(sentence)


@register.filter
def failure(reason: str) -> str:
    """Say why a payment failed."""
    return words.failure(reason)


@register.filter
def all_said(sentences: Iterable[str]) -> str:
    """Say several sentences, one after the other."""
    return " ".join(words.said_all(sentences))
