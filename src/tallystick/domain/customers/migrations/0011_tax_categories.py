"""Keep with a tax rate why it is what it is, for documents that machines read."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

_CATEGORIES = ["S", "Z", "E", "AE", "K", "G", "O"]


class Migration(migrations.Migration):
    """The columns; rates of 0 % that are there already say nothing more than that no tax applies."""

    dependencies: ClassVar = [("customers", "0010_logo")]
    operations: ClassVar = [
        migrations.AddField("taxrate", "category", models.TextField(db_default="S", default="S")),
        migrations.AddField("taxrate", "reason", models.TextField(blank=True, db_default="", default="")),
        migrations.RunSQL("update customers_taxrate set category = 'O' where percent = 0", migrations.RunSQL.noop),
        migrations.AddConstraint("taxrate", models.CheckConstraint(condition=Q(category__in=_CATEGORIES), name="tax_category")),
        migrations.AddConstraint(
            "taxrate",
            models.CheckConstraint(condition=Q(category="S", percent__gt=0) | Q(~Q(category="S"), percent=0), name="tax_category_fits"),
        ),
    ]
