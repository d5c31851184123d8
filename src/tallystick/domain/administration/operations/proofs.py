"""Keep when the books were last proved and with what result, for the page that shows the system's health."""

from tallystick.domain.administration import queries
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Viewer


def keep_proof(*, viewer: Viewer, proof: queries.Proof) -> None:
    """Write the result down, in place of the one before. The auditor, who proves, only reads: an administrator's viewer writes.

    Raises NotAllowed.
    """
    value = {"at": proof.at.isoformat(), "faults": proof.faults, "transfers": proof.transfers}
    customers.set_setting(viewer=viewer, name=queries.LAST_PROOF, value=value)
