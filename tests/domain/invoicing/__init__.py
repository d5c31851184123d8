"""Try invoices and credit notes."""
