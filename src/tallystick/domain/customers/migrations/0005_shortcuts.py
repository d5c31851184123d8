"""Let each person switch single-key shortcuts off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_sent_form")]
    operations = [migrations.AddField(model_name="person", name="shortcuts", field=models.BooleanField(default=True, db_default=True))]
