"""Speak to a Tallystick elsewhere by its API, with a key: without Django, without a database."""
