"""Remembered answers."""
