"""Build the tables of funds."""
