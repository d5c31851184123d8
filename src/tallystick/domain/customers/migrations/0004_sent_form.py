"""Remember the forms of staff that had their effect."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """A table of the operator's pages."""

    dependencies: ClassVar = [("customers", "0003_rate")]
    operations: ClassVar = [schema.Sql(__file__, "sent_form.sql")]
