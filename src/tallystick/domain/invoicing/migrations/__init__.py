"""Migrate the tables of invoicing."""
