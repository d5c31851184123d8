"""Lay out signing keys and what was done to them."""

from typing import ClassVar

from django.db import models

from tallystick.domain.signing import rules
from tallystick.lib import ids


class SigningKey(models.Model):
    """Keep one legal entity's key. `locked` is the private half, readable with the installation's secret only, and gone once another key signs."""

    id = models.BigAutoField(primary_key=True)
    legal_entity = models.ForeignKey("customers.LegalEntity", on_delete=models.PROTECT)
    key_id = models.TextField(unique=True)
    public = models.BinaryField()
    locked = models.BinaryField(null=True)
    state = models.TextField(default=rules.State.CURRENT)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=list(rules.State)), name="signing_key_state"),
            models.CheckConstraint(
                condition=models.Q(state="current", locked__isnull=False, ended_at__isnull=True)
                | models.Q(~models.Q(state="current"), locked__isnull=True, ended_at__isnull=False),
                name="signing_key_forgotten_at_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="withdrawn", withdrawn_at__isnull=False) | models.Q(~models.Q(state="withdrawn"), withdrawn_at__isnull=True),
                name="signing_key_withdrawn",
            ),
            models.UniqueConstraint(fields=["legal_entity"], condition=models.Q(state="current"), name="one_key_signs"),
        ]


class KeyChange(models.Model):
    """Keep what was done to a signing key, and by whom (append-only)."""

    id = models.UUIDField(primary_key=True, default=ids.new)
    key_id = models.TextField()
    kind = models.TextField()
    changed_at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)
    viewer_name = models.TextField()
