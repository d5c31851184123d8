"""Lay out the tables of signing keys."""
