"""Speak on the command line: start the system, keep it, look after it. One file for each command."""
