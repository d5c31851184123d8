"""Let each customer say by which methods its people pay, and which is chosen when a page opens: all of them until somebody says otherwise."""

from django.db import migrations, models

from tallystick.domain.customers import rules


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_language")]
    operations = [
        migrations.AddField(
            model_name="customer",
            name="payment_methods",
            field=models.JSONField(default=rules.every_method, db_default=models.Value(list(rules.PAYMENT_METHODS), output_field=models.JSONField())),
        ),
        migrations.AddField(model_name="customer", name="default_method", field=models.TextField(default="card", db_default="card")),
    ]
