"""Find the newest events of all customers without reading the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_keys")]
    operations = [migrations.AddIndex(model_name="event", index=models.Index(fields=["id"], name="event_newest"))]
