"""Lay out exports: the wish, how far its file is, and the file in the pieces in which it was made."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tallystick.domain.exports import rules
from tallystick.lib import ids


class Export(models.Model):
    """Keep what somebody asked for as one file: who, with which divisions in sight (null for all), what, and until when it can be fetched.

    `tries` counts how often the next piece was begun, `failure` is the code of what refused it last; both are forgotten when it is kept. `missing` counts the
    documents that the file should have and has not.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    person_id = models.BigIntegerField()
    division_ids = models.JSONField(null=True)
    subject = models.TextField()
    kind = models.TextField()
    wanted = models.JSONField()
    total = models.IntegerField()
    made = models.IntegerField(default=0)
    pieces = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    state = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    failure = models.TextField(default="")
    missing = models.IntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(rules.ExportKind)), name="export_kind"),
            models.CheckConstraint(condition=Q(subject__in=list(rules.Subject)), name="export_subject"),
        ]


class Piece(models.Model):
    """Keep some of a file's bytes: a file is read as it was made, without ever being whole in memory."""

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    export_id = models.UUIDField()
    position = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "export_id", "position"], name="one_piece_per_position")]
