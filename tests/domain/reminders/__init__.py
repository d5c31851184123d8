"""Test reminders: the rule, the turn of a day, and what arrives."""
