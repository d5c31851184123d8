"""Move money between a division's accounts: post entries, charge, hold, refund, transfer, set the credit terms."""

from tallystick.domain.funds.operations.alerting import tell_alerts
from tallystick.domain.funds.operations.charging import Charge, ChargeAnswer, Outcome, charge, debit, refund_charge
from tallystick.domain.funds.operations.dividing import close_fund, join_funds, move_all, open_fund, separate_funds
from tallystick.domain.funds.operations.fusing import close_fuse, set_fuse
from tallystick.domain.funds.operations.holding import capture_hold, hold, lapse_hold, release_hold
from tallystick.domain.funds.operations.posting import Posted, lock, post, post_opening_balance, settle_taxed_debt
from tallystick.domain.funds.operations.terms import approve_terms, decline_terms, open_credit, request_terms
from tallystick.domain.funds.operations.transferring import transfer

__all__ = [
    "Charge",
    "ChargeAnswer",
    "Outcome",
    "Posted",
    "approve_terms",
    "capture_hold",
    "charge",
    "close_fund",
    "close_fuse",
    "debit",
    "decline_terms",
    "hold",
    "join_funds",
    "lapse_hold",
    "lock",
    "move_all",
    "open_credit",
    "open_fund",
    "post",
    "post_opening_balance",
    "refund_charge",
    "release_hold",
    "request_terms",
    "separate_funds",
    "set_fuse",
    "settle_taxed_debt",
    "tell_alerts",
    "transfer",
]
