"""Make the documents a customer's own, their lines and numbers append-only, and hand out numbers through the door."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys, rights and functions of invoicing."""

    dependencies: ClassVar = [("invoicing", "0001_initial"), ("events", "0002_keys"), ("customers", "0002_keys")]
    operations: ClassVar = [
        schema.Share("invoicing_series", pages="s", operator="siu", worker="s"),
        schema.Share("invoicing_issuednumber", pages="", operator="s", worker=""),
        schema.AppendOnly("invoicing_issuednumber"),
        schema.Own("invoicing_invoice", pages="siu"),
        schema.Own("invoicing_invoiceline", pages="si"),
        schema.Own("invoicing_invoicetax", pages="siu"),
        schema.Own("invoicing_creditnote", pages="siu"),
        schema.Own("invoicing_creditnotetax", pages="si"),
        schema.Own("invoicing_document", pages="s", operator="si", worker="si"),
        schema.AppendOnly("invoicing_invoiceline"),
        schema.AppendOnly("invoicing_creditnotetax"),
        schema.AppendOnly("invoicing_document"),
        schema.Refer("invoicing_invoice", ("customer_id", "division_id"), "customers_division"),
        schema.Refer("invoicing_invoiceline", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("invoicing_invoicetax", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("invoicing_creditnote", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("invoicing_creditnotetax", ("customer_id", "credit_note_id"), "invoicing_creditnote"),
        schema.Sql(__file__, "take_number.sql"),
    ]
