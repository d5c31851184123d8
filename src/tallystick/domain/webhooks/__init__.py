"""Tell a customer's own programs what happened: endpoints, signed messages, retries for three days, a log, resending and replaying."""
