"""Build the tables of webhooks."""
