"""Build the tables of mail."""
