"""Receive, allocate, refund and reverse money: a file per verb."""

from tallystick.domain.payments.operations.asking import resolve_payment, send_refund
from tallystick.domain.payments.operations.crediting import use_unapplied_credit
from tallystick.domain.payments.operations.depositing import deposit_price, lapse_deposit, start_deposit
from tallystick.domain.payments.operations.messages import act_on_message, act_on_messages, store_message
from tallystick.domain.payments.operations.receipting import keep_receipt
from tallystick.domain.payments.operations.recording import record_payment
from tallystick.domain.payments.operations.refunding import approve_refund, decline_refund, fail_refund, request_refund, settle_refund
from tallystick.domain.payments.operations.restoring import undo_reversal
from tallystick.domain.payments.operations.reversing import reverse_payment
from tallystick.domain.payments.operations.settling import expire_payment
from tallystick.domain.payments.operations.starting import Started, start_payment
from tallystick.domain.payments.operations.withdrawing import withdraw_transfer

__all__ = [
    "Started",
    "act_on_message",
    "act_on_messages",
    "approve_refund",
    "decline_refund",
    "deposit_price",
    "expire_payment",
    "fail_refund",
    "keep_receipt",
    "lapse_deposit",
    "record_payment",
    "request_refund",
    "resolve_payment",
    "reverse_payment",
    "send_refund",
    "settle_refund",
    "start_deposit",
    "start_payment",
    "store_message",
    "undo_reversal",
    "use_unapplied_credit",
    "withdraw_transfer",
]
