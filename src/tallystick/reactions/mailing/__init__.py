"""Tell customers' people by mail what happened: gather what is to be told, queue it, send what is due."""

from tallystick.reactions.mailing.sending import send_mail
from tallystick.reactions.mailing.telling import (
    mail_balance_low,
    mail_credit_limit_reached,
    mail_invoice,
    mail_order_received,
    mail_order_rejected,
    mail_payment,
)

__all__ = ["mail_balance_low", "mail_credit_limit_reached", "mail_invoice", "mail_order_received", "mail_order_rejected", "mail_payment", "send_mail"]
