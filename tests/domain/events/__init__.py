"""Test numbering and leasing."""
