"""Migrate the tables of purchasing."""
