"""Make the figures a customer's own, and load the functions that keep them and decide about the limit."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and functions of funds."""

    dependencies: ClassVar = [("funds", "0001_initial"), ("ledger", "0002_keys")]
    operations: ClassVar = [
        schema.Own("funds_fund"),
        schema.Refer("funds_fund", ("customer_id", "id"), "customers_division"),
        schema.Own("funds_credit", key=("customer_id",)),
        schema.Own("funds_terms"),
        schema.Own("funds_hold"),
        schema.Refer("funds_hold", ("customer_id", "fund_id"), "funds_fund"),
        schema.Own("funds_joining", pages="si"),
        schema.AppendOnly("funds_joining"),
        schema.Refer("funds_joining", ("customer_id", "fund_id"), "funds_fund"),
        schema.Refer("funds_joining", ("customer_id", "into_id"), "funds_fund"),
        schema.Sql(__file__, "figures.sql"),
        schema.Sql(__file__, "post.sql"),
        schema.Sql(__file__, "decide.sql"),
        schema.Sql(__file__, "debit_exactly.sql"),
        schema.Sql(__file__, "debit.sql"),
        schema.Sql(__file__, "view_balance.sql"),
        schema.Sql(__file__, "lapse.sql"),
    ]
