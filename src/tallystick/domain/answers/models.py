"""Lay out the remembered answers."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from tallystick.lib import ids


class Answer(models.Model):
    """Keep one answer under the hash of its idempotency key; without a status the first request still runs, or died.

    `customer_id` is 0 for the operator's own programs. `kept_until` None is for ever.
    """

    customer_id = models.BigIntegerField()
    id = models.UUIDField(primary_key=True, default=ids.new)
    key_sha256 = models.TextField()
    fingerprint = models.TextField()
    status = models.IntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(db_default=Now())
    kept_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer_id", "key_sha256"], name="one_answer_per_key")]
        indexes: ClassVar = [models.Index(fields=["kept_until"], condition=models.Q(kept_until__isnull=False), name="answer_kept_until")]
