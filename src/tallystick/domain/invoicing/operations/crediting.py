"""Ask for, approve and decline credit notes; another person than the one who asked decides."""

from datetime import date, datetime
from uuid import UUID

from tallystick.domain.customers import rules as customers
from tallystick.domain.funds import operations as funds
from tallystick.domain.invoicing import entries, models, rules
from tallystick.domain.invoicing.operations import figures, four_eyes, notes, refusals
from tallystick.integrations.postgres import scope
from tallystick.lib import errors, ids, money, texts

_LONGEST_REASON = 500


@scope.retrying
def request_credit_note(*, viewer: customers.Viewer, invoice_id: UUID, amount_minor: int, reason: str, now: datetime) -> models.CreditNote:
    """Ask for a credit note of a gross amount; nothing is posted before another person approves it.

    Raises NotAllowed, InvoiceNotFound, NotCreditable, InvalidFields.
    """
    customers.permit(viewer, customers.Act.ENTER)
    wrong = {
        "amount": texts.marked("Enter an amount above zero.") if amount_minor <= 0 else "",
        "reason": texts.marked("Say why, in at most %(most)s characters.", most=_LONGEST_REASON)
        if not 0 < len(reason.strip()) <= _LONGEST_REASON
        else "",
    }
    if any(wrong.values()):
        raise errors.InvalidFields({field: sentence for field, sentence in wrong.items() if sentence})
    with scope.of(viewer):
        invoice = figures.lock_seen(viewer=viewer, invoice_id=invoice_id).row
        _require_creditable(invoice, amount_minor)
        note = models.CreditNote.objects.create(
            customer_id=invoice.customer_id,
            id=ids.new(),
            invoice_id=invoice.id,
            division_id=invoice.division_id,
            state=rules.CreditState.REQUESTED,
            reason=reason.strip(),
            currency=invoice.currency,
            gross_minor=amount_minor,
            requested_by=viewer.person_id,
            requested_by_name=viewer.name,
            requested_at=now,
        )
        notes.record(note=note, kind="credit_note.requested", viewer=viewer)
    return note


@scope.retrying
def approve_credit_note(*, viewer: customers.Viewer, credit_note_id: UUID, today: date, now: datetime) -> models.CreditNote:
    """Post a credit note: first against what is open, the rest against what was paid, which becomes unapplied credit.

    Raises NotAllowed, SamePerson, CreditNoteNotFound, CreditNoteDecided, NotCreditable, FundsAlreadyUsed.
    Source: money.md section 4.
    """
    customers.permit(viewer, customers.Act.APPROVE)
    with scope.of(viewer):
        locked, note = _lock_requested(viewer, credit_note_id)
        four_eyes.require_another(viewer=viewer, person_id=note.requested_by)
        _require_creditable(locked.row, note.gross_minor)
        against_open, against_paid = rules.split_credit(note.gross_minor, locked.still_open, locked.paid)
        _require_movable(locked.row, against_paid)
        note.against_open_minor, note.against_paid_minor = against_open.gross_minor, against_paid.gross_minor
        _decide(note, rules.CreditState.APPROVED, viewer, now)
        subject = figures.subject(invoice=locked.row, credit_note_id=note.id)
        funds.post(customer_id=note.customer_id, entries=[entries.credited(subject, against_open, against_paid)])
        nothing = figures.nothing(locked)
        by = figures.Move(still_open=nothing.minus(against_open), paid=nothing.minus(against_paid), credited_minor=note.gross_minor)
        figures.move(moves=[(locked, by)], viewer=viewer)
        notes.number_and_insert(note=note, locked=locked, against=against_open.plus(against_paid), today=today)
        notes.record(note=note, kind="credit_note.issued", viewer=viewer)
    return note


@scope.retrying
def decline_credit_note(*, viewer: customers.Viewer, credit_note_id: UUID, text: str, now: datetime) -> models.CreditNote:
    """Turn a request for a credit note down, with a word why. Raises NotAllowed, SamePerson, CreditNoteNotFound, CreditNoteDecided."""
    customers.permit(viewer, customers.Act.APPROVE)
    with scope.of(viewer):
        _, note = _lock_requested(viewer, credit_note_id)
        four_eyes.require_another(viewer=viewer, person_id=note.requested_by)
        _decide(note, rules.CreditState.DECLINED, viewer, now)
        note.decision_text = text.strip()[:_LONGEST_REASON]
        note.save(force_update=True)
        notes.record(note=note, kind="credit_note.declined", viewer=viewer)
    return note


def _lock_requested(viewer: customers.Viewer, credit_note_id: UUID) -> tuple[figures.Locked, models.CreditNote]:
    """Lock the invoice first, then its note: the order of every other operation on both."""
    invoice_id = models.CreditNote.objects.filter(id=credit_note_id).values_list("invoice_id", flat=True).first()
    if invoice_id is None:
        raise refusals.CreditNoteNotFound(texts.marked("There is no such credit note."))
    locked = figures.lock_seen(viewer=viewer, invoice_id=invoice_id)
    note = models.CreditNote.objects.select_for_update(no_key=True).get(customer_id=locked.row.customer_id, id=credit_note_id)
    if note.state != rules.CreditState.REQUESTED:
        raise refusals.CreditNoteDecided(texts.marked("This credit note was %(state)s by %(name)s.", state=note.state, name=note.decided_by_name))
    return locked, note


def _decide(note: models.CreditNote, state: rules.CreditState, viewer: customers.Viewer, now: datetime) -> None:
    assert state in rules.CREDIT_TRANSITIONS[rules.CreditState(note.state)], "a state follows its table"
    note.state = state
    note.decided_by, note.decided_by_name, note.decided_at = viewer.person_id, viewer.name, now


def _require_creditable(invoice: models.Invoice, amount_minor: int) -> None:
    if invoice.kind == rules.Kind.CORRECTION or invoice.state == rules.State.VOIDED:
        raise refusals.NotCreditable(texts.marked("%(number)s takes no credit note.", number=invoice.number))
    left_minor = invoice.open_minor + invoice.paid_minor
    if amount_minor > left_minor:
        shown = money.shown(left_minor, invoice.currency)
        raise refusals.NotCreditable(
            texts.marked(
                "%(number)s has %(amount)s %(currency)s left to credit. Enter at most that.",
                number=invoice.number,
                amount=shown,
                currency=invoice.currency,
            ),
            facts={"left_minor": left_minor},
        )


def _require_movable(invoice: models.Invoice, against_paid: rules.Split) -> None:
    if invoice.kind != rules.Kind.FUNDING or not against_paid.net_minor:
        return
    movable_minor = funds.lock(invoice.customer_id)[invoice.division_id].movable_minor
    if against_paid.net_minor > movable_minor:
        shown = money.shown(movable_minor, invoice.currency)
        raise refusals.FundsAlreadyUsed(
            texts.marked(
                "Of the funds that %(number)s brought, %(amount)s %(currency)s are left. Credit less.",
                number=invoice.number,
                amount=shown,
                currency=invoice.currency,
            ),
            facts={"movable_minor": movable_minor, "required_minor": against_paid.net_minor},
        )
