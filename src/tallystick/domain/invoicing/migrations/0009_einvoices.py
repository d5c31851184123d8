"""Keep the electronic form of invoices and credit notes in each syntax, or the rules that it breaks."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from tallystick.integrations.postgres import schema
from tallystick.lib import ids


class Migration(migrations.Migration):
    """One table, written once for each document and syntax."""

    dependencies: ClassVar = [("invoicing", "0008_replaced")]
    operations: ClassVar = [
        migrations.CreateModel(
            "EInvoice",
            [
                ("customer_id", models.BigIntegerField()),
                ("id", models.UUIDField(default=ids.new, primary_key=True, serialize=False)),
                ("subject_id", models.UUIDField()),
                ("number", models.TextField()),
                ("syntax", models.TextField()),
                ("sha256", models.TextField(blank=True)),
                ("faults", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "indexes": [models.Index(fields=["-made_at"], condition=~Q(faults=[]), name="einvoice_parked")],
                "constraints": [
                    models.UniqueConstraint(fields=("customer_id", "subject_id", "syntax"), name="einvoice_once"),
                    models.CheckConstraint(condition=Q(syntax__in=["cii", "ubl"]), name="einvoice_syntax"),
                    models.CheckConstraint(condition=Q(sha256="") ^ Q(faults=[]), name="einvoice_leaves_or_is_parked"),
                ],
            },
        ),
        schema.Own("invoicing_einvoice", pages="s", worker="si"),
        schema.AppendOnly("invoicing_einvoice"),
    ]
