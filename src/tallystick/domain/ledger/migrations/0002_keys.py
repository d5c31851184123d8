"""Make the journal a customer's own and append-only, and load the function that writes it."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and functions of the ledger."""

    dependencies: ClassVar = [("ledger", "0001_initial"), ("customers", "0002_keys")]
    operations: ClassVar = [
        schema.Sql(__file__, "now.sql"),
        schema.Own("ledger_transfer", pages="si"),
        schema.AppendOnly("ledger_transfer"),
        schema.Sql(__file__, "write.sql"),
    ]
