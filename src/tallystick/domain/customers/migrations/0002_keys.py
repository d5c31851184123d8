"""Make customers, divisions and memberships a customer's own; share the directories."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and functions of customers."""

    dependencies: ClassVar = [("customers", "0001_initial"), ("events", "0002_keys")]
    operations: ClassVar = [
        schema.Sql(__file__, "customer.sql"),
        schema.Own("customers_division"),
        schema.Refer("customers_division", ("customer_id", "parent_id"), "customers_division"),
        schema.Own("customers_membership"),
        schema.Own("customers_change", pages="si"),
        schema.AppendOnly("customers_change"),
        schema.Share("customers_legalentity", worker="s"),
        schema.Share("customers_taxrate"),
        schema.Share("customers_bankaccount"),
        schema.Share("customers_staff", pages="siu"),
        schema.Share("customers_person", pages="siu"),
        schema.Share("customers_signinlink", pages="siu", operator="siu", worker="sid"),
        schema.Share("customers_setting", pages="s"),
        schema.Share("customers_apikey", pages="siu"),
        schema.Sql(__file__, "memberships.sql"),
    ]
