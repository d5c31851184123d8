"""Open and correct customers, grow, rename and close their divisions, switch separate funds; have the books proved and keep the last proof."""

from tallystick.domain.administration.operations.customers import create_customer
from tallystick.domain.administration.operations.divisions import close_division, create_division, rename_division, switch_separate_funds
from tallystick.domain.administration.operations.master import change_customer
from tallystick.domain.administration.operations.proofs import KEEPER, PROOF_JOB, ProofRuns, ask_for_proof, keep_progress, keep_proof
from tallystick.domain.customers.operations.master import MasterRecord, RecordChanged, master_record

__all__ = [
    "KEEPER",
    "PROOF_JOB",
    "MasterRecord",
    "ProofRuns",
    "RecordChanged",
    "ask_for_proof",
    "change_customer",
    "close_division",
    "create_customer",
    "create_division",
    "keep_progress",
    "keep_proof",
    "master_record",
    "rename_division",
    "switch_separate_funds",
]
