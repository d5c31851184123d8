"""Decide about reminders: every reason in a table, and over random customers never one who owes nothing, never twice at a step."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.domain.reminders import rules
from tallystick.domain.reminders.rules import Account, Invoice, Reason, Step, Told, Tone
from tallystick.lib import errors, ids

DUE = date(2026, 12, 20)
ACCOUNT = Account()
INVOICE = Invoice(id=ids.new(), issue_date=date(2026, 11, 20), due_date=DUE, open_minor=10_000)
STEPS = rules.DEFAULT
"""Three days before; 3, 14 and 28 days after."""


def on(day: int) -> date:
    """Name a day by its distance from the due day."""
    return DUE + timedelta(days=day)


def decided(invoice: Invoice = INVOICE, account: Account = ACCOUNT, day: int = 3, *others: Invoice) -> rules.Decision:
    """Decide about one invoice beside others."""
    return rules.decisions([invoice, *others], account, STEPS, on(day))[invoice.id]


REASONS: list[tuple[str, rules.Decision, Reason]] = [
    ("its day has come", decided(), Reason.SEND),
    ("the customer is closed", decided(account=Account(is_closed=True)), Reason.CLOSED),
    ("nothing is open", decided(replace(INVOICE, open_minor=0)), Reason.NOTHING_OPEN),
    ("disputed", decided(replace(INVOICE, is_disputed=True)), Reason.DISPUTED),
    ("disputed and paused", decided(replace(INVOICE, is_disputed=True, paused_until=on(9))), Reason.DISPUTED),
    ("the customer is paused to the end of today", decided(account=Account(paused_until=on(3))), Reason.PAUSED_CUSTOMER),
    ("the customer's pause ended yesterday", decided(account=Account(paused_until=on(2))), Reason.SEND),
    ("the invoice is paused", decided(replace(INVOICE, paused_until=on(3))), Reason.PAUSED_INVOICE),
    ("the invoice's pause ended yesterday", decided(replace(INVOICE, paused_until=on(2))), Reason.SEND),
    ("an announced transfer covers it", decided(replace(INVOICE, announced_minor=10_000)), Reason.TRANSFER_COVERS),
    ("an announced transfer is a cent short", decided(replace(INVOICE, announced_minor=9_999)), Reason.SEND),
    ("transfer and requested credit note cover it", decided(replace(INVOICE, announced_minor=1, crediting_minor=9_999)), Reason.CREDIT_NOTE_COVERS),
    ("unapplied credit covers it", decided(account=Account(unapplied_minor=10_000)), Reason.CREDIT_COVERS),
    ("unapplied credit is a cent short", decided(account=Account(unapplied_minor=9_999)), Reason.SEND),
    ("credit and transfer cover it together", decided(replace(INVOICE, announced_minor=4_000), Account(unapplied_minor=6_000)), Reason.CREDIT_COVERS),
    ("nobody to write to", decided(account=Account(has_address=False)), Reason.NO_ADDRESS),
    ("too early", decided(day=-4), Reason.NOT_YET),
    ("the notice's day", decided(day=-3), Reason.SEND),
    ("between due day and first step", decided(day=2), Reason.NOT_YET),
    ("reminded at this step", decided(replace(INVOICE, told=[Told(1, on(3))])), Reason.REMINDED),
    ("noticed", decided(replace(INVOICE, told=[Told(-1, on(-3))]), ACCOUNT, -1), Reason.REMINDED),
    ("all steps taken", decided(replace(INVOICE, told=[Told(1, on(3)), Told(2, on(14)), Told(3, on(28))]), ACCOUNT, 90), Reason.ALL_STEPS_DONE),
]


@pytest.mark.parametrize(("decision", "reason"), [one[1:] for one in REASONS], ids=[one[0] for one in REASONS])
def test_each_reason(decision: rules.Decision, reason: Reason) -> None:
    assert decision.reason is reason


def test_every_reason_is_in_the_table() -> None:
    assert {reason for _, _, reason in REASONS} == set(Reason)


@pytest.mark.parametrize(
    ("told", "day", "expected"),
    [
        ([], -3, (-1, Tone.NOTICE)),
        ([], 3, (1, Tone.FRIENDLY)),
        ([], 40, (1, Tone.FRIENDLY)),  # late or not, nobody hears the last reminder first
        ([Told(1, on(3))], 13, None),
        ([Told(1, on(3))], 14, (2, Tone.PLAIN)),
        ([Told(1, on(40))], 50, None),  # 11 days lie between the first two steps, and they are kept
        ([Told(1, on(40))], 51, (2, Tone.PLAIN)),
        ([Told(1, on(3)), Told(2, on(14))], 28, (3, Tone.LAST)),
        ([Told(-1, on(-3)), Told(1, on(3))], 3, None),
    ],
)
def test_steps_are_taken_in_order(told: list[Told], day: int, expected: tuple[int, Tone] | None) -> None:
    assert rules.due_step(replace(INVOICE, told=told), STEPS, on(day)) == expected


def test_what_was_just_issued_is_not_noticed() -> None:
    fresh = replace(INVOICE, issue_date=on(-3))
    assert rules.due_step(fresh, STEPS, on(-2)) is None
    assert rules.due_step(replace(INVOICE, issue_date=on(-4)), STEPS, on(-2)) == (-1, Tone.NOTICE)


def test_credit_goes_to_what_is_due_first_and_the_rest_is_asked_for() -> None:
    later = replace(INVOICE, id=ids.new(), due_date=on(1), open_minor=5_000)
    found = rules.exposure([later, INVOICE], 12_000)
    assert (found.net_minor, found.owed, found.credited) == (3_000, {INVOICE.id: 0, later.id: 3_000}, {INVOICE.id: 10_000, later.id: 2_000})
    assert decided(INVOICE, Account(unapplied_minor=12_000), 4, later).reason is Reason.CREDIT_COVERS


def test_a_disputed_invoice_takes_no_credit_from_others() -> None:
    disputed = replace(INVOICE, id=ids.new(), due_date=on(-9), is_disputed=True)
    assert rules.exposure([disputed, INVOICE], 10_000).owed == {disputed.id: 0, INVOICE.id: 0}


@pytest.mark.parametrize(
    "steps",
    [
        [Step(3, Tone.NOTICE)],
        [Step(-3, Tone.FRIENDLY)],
        [Step(3, Tone.PLAIN)],
        [Step(3, Tone.FRIENDLY), Step(3, Tone.PLAIN)],
        [Step(3, Tone.FRIENDLY), Step(9, Tone.LAST)],
        [Step(3, Tone.FRIENDLY), Step(9, Tone.PLAIN), Step(12, Tone.LAST), Step(20, Tone.LAST)],
        [Step(3, Tone.FRIENDLY), Step(9, Tone.PLAIN), Step(12, Tone.FRIENDLY)],
        [Step(-366, Tone.NOTICE)],
        [Step(-day, Tone.NOTICE) for day in range(9)],
    ],
)
def test_a_schedule_whose_letters_would_not_be_true_is_refused(steps: list[Step]) -> None:
    with pytest.raises(errors.Invalid):
        rules.checked_steps(steps)


def test_the_default_passes_in_any_order() -> None:
    assert rules.checked_steps(rules.DEFAULT[::-1]) == rules.DEFAULT


def test_a_schedule_without_steps_reminds_nobody_on_any_day() -> None:
    assert rules.checked_steps([]) == ()
    for day in range(-40, 400):
        assert rules.decisions([INVOICE], ACCOUNT, (), on(day))[INVOICE.id] == rules.Decision(Reason.NOT_YET)


amounts = st.integers(0, 500)
many = st.lists(
    st.builds(
        lambda due, open_minor, announced, crediting, disputed, paused: Invoice(
            id=ids.new(),
            issue_date=on(due - 30),
            due_date=on(due),
            open_minor=open_minor,
            announced_minor=announced,
            crediting_minor=crediting,
            is_disputed=disputed,
            paused_until=on(paused) if paused else None,
        ),
        st.integers(-40, 10),
        amounts,
        amounts,
        amounts,
        st.booleans(),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(invoices=many, unapplied=st.lists(st.integers(0, 1_500), min_size=5, max_size=5), gaps=st.lists(st.integers(0, 20), min_size=5, max_size=5))
def test_never_who_owes_nothing_and_never_twice_at_a_step(invoices: list[Invoice], unapplied: list[int], gaps: list[int]) -> None:
    taken: set[tuple[UUID, int]] = set()
    today, rows = on(-20), invoices
    for unapplied_minor, gap in zip(unapplied, gaps, strict=True):
        today += timedelta(days=gap)
        undisputed = [one for one in rows if not one.is_disputed]
        # the sum worked out on its own: open, less what is on its way to each, less the credit
        net_minor = sum(max(0, one.open_minor - one.announced_minor - one.crediting_minor) for one in undisputed) - unapplied_minor
        decisions = rules.decisions(rows, Account(unapplied_minor=unapplied_minor), STEPS, today)
        sent = {key: one for key, one in decisions.items() if one.is_sent}
        if net_minor <= 0:
            assert not sent
        assert sum(one.owed_minor for one in sent.values()) <= max(0, net_minor)
        for key, one in sent.items():
            assert (key, one.step) not in taken
            taken.add((key, one.step))
        rows = [replace(one, told=[*one.told, Told(sent[one.id].step, today)]) if one.id in sent else one for one in rows]
        again = rules.decisions(rows, Account(unapplied_minor=unapplied_minor), STEPS, today)
        assert not [one for key, one in again.items() if one.is_sent and key in sent]
