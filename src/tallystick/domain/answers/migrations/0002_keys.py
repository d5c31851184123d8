"""Make remembered answers a customer's own."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys and rights."""

    # the roles come with the first subject
    dependencies: ClassVar = [("answers", "0001_initial"), ("events", "0002_keys")]
    operations: ClassVar = [schema.Own("answers_answer", pages="siud", worker="")]
