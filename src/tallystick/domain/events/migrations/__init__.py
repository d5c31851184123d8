"""Build the tables of events."""
