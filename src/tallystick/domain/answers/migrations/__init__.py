"""Build the tables of remembered answers."""
