"""Keep when the books were last proved and with what result, and how far a proof has come, for the page that shows the system's health."""

from datetime import datetime

from tallystick.domain.administration import queries
from tallystick.domain.customers import operations as customers
from tallystick.domain.customers.rules import Act, StaffRole, Viewer, ViewerKind, permit
from tallystick.domain.events import operations as events
from tallystick.domain.events import queries as jobs
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, texts

PROOF_JOB = "prove_books"
"""The reaction that proves the books."""

KEEPER = Viewer(kind=ViewerKind.STAFF, name="tallystick verify", staff_role=StaffRole.ADMINISTRATOR)
"""Writes the result; it never reads the books."""


class ProofRuns(errors.Conflict):
    """Say that the books are being proved already."""

    code = "proof_runs"


def keep_proof(*, viewer: Viewer, proof: queries.Proof) -> None:
    """Write the result down, in place of the one before. The auditor, who proves, only reads: an administrator's viewer writes.

    Raises NotAllowed.
    """
    value = {"at": proof.at.isoformat(), "faults": proof.faults, "transfers": proof.transfers}
    customers.set_setting(viewer=viewer, name=queries.LAST_PROOF, value=value)


@scope.retrying
def ask_for_proof(*, viewer: Viewer, now: datetime) -> None:
    """Let the worker prove the books, once; the page shows how far it is. Whoever sees everything may ask. Raises NotAllowed, ProofRuns."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        if jobs.is_queued(reaction=PROOF_JOB):
            raise ProofRuns(texts.marked("The books are being proved already. The result stands on this page when it is there."))
        events.schedule(reaction=PROOF_JOB)
        keep_progress(progress=queries.Progress(now, viewer.name))


def keep_progress(*, progress: queries.Progress | None) -> None:
    """Write down how far the proof has come; None when it has ended."""
    value: dict[str, object] = {}
    if progress is not None:
        value = {"asked_at": progress.asked_at.isoformat(), "asked_by": progress.asked_by, "done": progress.done, "of": progress.of}
    customers.set_setting(viewer=KEEPER, name=queries.PROOF_PROGRESS, value=value)
