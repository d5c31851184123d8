"""Let reminders be a kind of mail."""

from typing import ClassVar

from django.db import migrations, models

_KINDS = ["invoice_issued", "order_received", "order_rejected", "payment_received", "balance_low", "credit_limit_reached", "reminder"]


class Migration(migrations.Migration):
    """One more kind."""

    dependencies: ClassVar = [("mail", "0002_keys")]
    operations: ClassVar = [
        migrations.RemoveConstraint("mail", "mail_kind"),
        migrations.AddConstraint("mail", models.CheckConstraint(condition=models.Q(("kind__in", _KINDS)), name="mail_kind")),
    ]
