"""Build the tables of customers."""
