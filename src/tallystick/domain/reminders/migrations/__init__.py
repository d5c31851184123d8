"""Build the tables of reminders."""
