"""Build the tables of monthly statements."""
