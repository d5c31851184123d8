"""Build the tables of ledger."""
