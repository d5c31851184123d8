"""Try the doors."""
