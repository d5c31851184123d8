"""Make payments a customer's own, tie them together by keys that lead with the customer, and share the two directories."""

from typing import ClassVar

from django.db import migrations

from tallystick.integrations.postgres import schema


class Migration(migrations.Migration):
    """Keys and rights of payments. The pages may only add to the directories: they never read whose a reference is."""

    dependencies: ClassVar = [("payments", "0002_returns"), ("invoicing", "0002_keys"), ("events", "0002_keys")]
    operations: ClassVar = [
        schema.Own("payments_payment", pages="siu"),
        schema.Own("payments_attempt", pages="siu", operator="siud"),
        schema.Own("payments_allocation", pages="siu"),
        schema.Own("payments_surplus", pages="siu"),
        schema.Own("payments_reversal", pages="s", operator="siu", worker="siu"),
        schema.Own("payments_reversalpart", pages="s", operator="siu", worker="siu"),
        schema.Own("payments_restoration", pages="s", operator="si", worker="si"),
        schema.Own("payments_deposit", pages="siu"),
        schema.Own("payments_refund", pages="si", operator="siu", worker="siu"),
        schema.Share("payments_providerreference", pages="i", operator="si", worker="si"),
        schema.Share("payments_gatewaymessage", pages="i", operator="si", worker="siu"),
        schema.Refer("payments_attempt", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_attempt", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("payments_allocation", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_allocation", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("payments_allocation", ("customer_id", "fund_id"), "funds_fund"),
        schema.Refer("payments_surplus", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_surplus", ("customer_id", "fund_id"), "funds_fund"),
        schema.Refer("payments_reversal", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_reversalpart", ("customer_id", "reversal_id"), "payments_reversal"),
        schema.Refer("payments_reversalpart", ("customer_id", "surplus_id"), "payments_surplus"),
        schema.Refer("payments_reversalpart", ("customer_id", "allocation_id"), "payments_allocation"),
        schema.Refer("payments_reversalpart", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("payments_restoration", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_deposit", ("customer_id", "payment_id"), "payments_payment"),
        schema.Refer("payments_deposit", ("customer_id", "invoice_id"), "invoicing_invoice"),
        schema.Refer("payments_refund", ("customer_id", "payment_id"), "payments_payment"),
        schema.Sql(__file__, "waiting.sql"),
    ]
