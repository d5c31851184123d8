"""Run purchase orders, invoices and funds on account for a platform's customers."""
