"""Give keys scopes in place of acts, networks, a last use, and kinds: a key of the operator's belongs to no customer."""

from typing import Any, ClassVar

from django.db import migrations, models
from django.db.models.functions import Now

from tallystick.domain.customers import rules
from tallystick.integrations.postgres import schema
from tallystick.lib import ids


def _scopes(apps: Any, editor: Any) -> None:  # noqa: ANN401 - Django's own state of the tables
    """Give every key the scopes that its acts meant."""
    keys = apps.get_model("customers", "ApiKey").objects.using(editor.connection.alias)
    for key in keys.exclude(acts=[]):
        keys.filter(pk=key.pk).update(scopes=sorted(rules.scopes_of([rules.Act(act) for act in key.acts])))


def _list() -> "models.JSONField[Any, Any]":
    return models.JSONField(default=list, db_default=models.Value([], output_field=models.JSONField()))


class Migration(migrations.Migration):
    # the functions of funds that were first made read the column that goes here
    dependencies = [("customers", "0007_payment_methods"), ("funds", "0003_view_balances")]
    operations: ClassVar = [
        migrations.AddField("apikey", "kind", models.TextField(default="customer", db_default=models.Value("customer"))),
        migrations.AddField("apikey", "scopes", _list()),
        migrations.AddField("apikey", "networks", _list()),
        migrations.AddField("apikey", "last_used_at", models.DateTimeField(null=True)),
        migrations.AddField("apikey", "follows_id", models.UUIDField(null=True)),
        migrations.AlterField("apikey", "customer_id", models.BigIntegerField(null=True)),
        migrations.RunPython(_scopes, migrations.RunPython.noop),
        migrations.RemoveField("apikey", "acts"),
        migrations.AddConstraint(
            "apikey",
            models.CheckConstraint(
                condition=models.Q(kind="customer", customer_id__isnull=False) | models.Q(kind="operator", customer_id__isnull=True),
                name="key_of_somebody",
            ),
        ),
        migrations.CreateModel(
            "KeyChange",
            fields=[
                ("id", models.UUIDField(default=ids.new, primary_key=True, serialize=False)),
                ("key_id", models.UUIDField()),
                ("kind", models.TextField()),
                ("facts", models.JSONField()),
                ("changed_at", models.DateTimeField(db_default=Now())),
                ("person_id", models.BigIntegerField(null=True)),
                ("viewer_name", models.TextField()),
            ],
        ),
        schema.Share("customers_keychange", pages="", operator="si", worker=""),
        schema.AppendOnly("customers_keychange"),
    ]
