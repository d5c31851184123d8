"""Make purchase orders a customer's own; decisions, revisions and documents are append-only."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys and rights of purchasing."""

    dependencies: ClassVar = [("purchasing", "0001_initial"), ("invoicing", "0002_keys"), ("events", "0002_keys"), ("customers", "0002_keys")]
    operations: ClassVar = [
        schema.Own("purchasing_purchaseorder", pages="siu", worker="s"),
        schema.Own("purchasing_purchaseorderline", pages="sid", worker="s"),
        schema.Own("purchasing_revision", pages="si", worker="s"),
        schema.Own("purchasing_decision", pages="si", worker="s"),
        schema.Own("purchasing_document", pages="si", worker="s"),
        schema.AppendOnly("purchasing_revision"),
        schema.AppendOnly("purchasing_decision"),
        schema.AppendOnly("purchasing_document"),
        schema.Refer("purchasing_purchaseorder", ("customer_id", "division_id"), "customers_division"),
        schema.Refer("purchasing_purchaseorder", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("purchasing_purchaseorder", ("customer_id", "document_id"), "purchasing_document"),
        schema.Refer("purchasing_purchaseorderline", ("customer_id", "purchase_order_id"), "purchasing_purchaseorder"),
        schema.Refer("purchasing_revision", ("customer_id", "purchase_order_id"), "purchasing_purchaseorder"),
        schema.Refer("purchasing_decision", ("customer_id", "purchase_order_id"), "purchasing_purchaseorder"),
    ]
