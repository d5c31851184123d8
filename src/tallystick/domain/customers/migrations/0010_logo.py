"""Keep the logos that stand on documents, and which one a legal entity's next documents get."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Now

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """A directory of the operator's, and the mark of a legal entity."""

    dependencies: ClassVar = [("customers", "0009_zones")]
    operations: ClassVar = [
        migrations.AddField("legalentity", "logo_sha256", models.TextField(blank=True, db_default="", default="")),
        migrations.CreateModel(
            "Logo",
            [
                ("sha256", models.TextField(primary_key=True, serialize=False)),
                ("svg", models.TextField()),
                ("made_at", models.DateTimeField(db_default=Now())),
            ],
        ),
        schema.Share("customers_logo", operator="si"),
        schema.AppendOnly("customers_logo"),
    ]
