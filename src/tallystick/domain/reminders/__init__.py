"""Remind customers of invoices, but look first: at credit, announced transfers, credit notes on their way, disputes and pauses."""
