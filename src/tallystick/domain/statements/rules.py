"""Count months."""

from datetime import date, timedelta

MADE = "statement.made"
"""The event: `subject_id` is the statement, its facts have month, division, balances."""


def last_month(today: date) -> date:
    """Name the month before this one by its first day."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def end_of(month: date) -> date:
    """Give the last day of a month that is named by its first."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
