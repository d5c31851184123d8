"""Hand messages to a mail server."""
