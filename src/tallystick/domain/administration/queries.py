"""Ask what is fixed about a customer by now, and what staff changed of it."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.domain.customers import models
from tallystick.domain.customers import queries as known
from tallystick.domain.customers.rules import Act, Viewer, permit
from tallystick.domain.ledger import queries as ledger
from tallystick.domain.payments import queries as payments
from tallystick.domain.purchasing import queries as purchasing
from tallystick.integrations.postgres import scope

_SHOWN = 20
LAST_PROOF = "last_verify"
"""The setting that keeps the result of `tallystick verify`."""
PROOF_PROGRESS = "verify_progress"
"""The setting that keeps how far a proof has come that was asked for on the page."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Show one field of a change: what it was and what it became, as stored."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class RecordChange:
    """Show one change of a customer's master record."""

    changed_at: datetime
    viewer_name: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Show the last whole proof of the books: when it ended, how many faults it found in how many journal rows."""

    at: datetime
    faults: int
    transfers: int

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was found."""
        return self.faults == 0


def is_fixed(*, viewer: Viewer, customer_id: int) -> bool:
    """Tell whether currency and legal entity are fixed: something was posted, ordered, or announced as a payment."""
    with scope.of(viewer):
        if ledger.is_posted(customer_id=customer_id):
            return True
        ordered = purchasing.purchase_orders(viewer=viewer, narrowed=purchasing.OrderFilter(customer_id=customer_id, limit=1))
        return bool(ordered or payments.payments(viewer=viewer, customer_id=customer_id))


def record_changes(*, viewer: Viewer, customer_id: int) -> list[RecordChange]:
    """List the latest changes of a customer's master record, newest first. Raises NotAllowed."""
    permit(viewer, Act.SEE_ALL)
    with scope.of(viewer):
        rows = models.Change.objects.filter(customer_id=customer_id, kind="customer.changed").order_by("-id")[:_SHOWN]
        return [RecordChange(row.changed_at, row.viewer_name, _differences(row.facts)) for row in rows]


def _differences(facts: dict[str, dict[str, object]]) -> tuple[Difference, ...]:
    before, after = facts["before"], facts["after"]
    return tuple(Difference(name, before[name], after[name]) for name in after)


def last_proof() -> Proof | None:
    """Tell how the last proof of the books ended; None where none was run yet."""
    kept = known.setting(name=LAST_PROOF)
    if not isinstance(kept, dict):
        return None
    return Proof(datetime.fromisoformat(kept["at"]), kept["faults"], kept["transfers"])


@dataclass(frozen=True, slots=True)
class Progress:
    """Show how far a proof has come that was asked for on the page: who asked and when, how many laws are proved of how many; 0 of 0 is not begun."""

    asked_at: datetime
    asked_by: str
    done: int = 0
    of: int = 0


def proof_progress() -> Progress | None:
    """Tell how far the proof is that was asked for; None where none is on its way."""
    kept = known.setting(name=PROOF_PROGRESS)
    if not isinstance(kept, dict) or not kept:
        return None
    return Progress(datetime.fromisoformat(kept["asked_at"]), kept["asked_by"], kept["done"], kept["of"])
